"""Files and folders are there as a whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcore import files


def test_a_folder_takes_the_place_of_another_when_it_is_filled(tmp_path: Path) -> None:
    place = tmp_path / "new" / "made"
    for word in ("first", "second"):
        with files.whole_folder(place) as unfinished:
            (unfinished / word).write_text(word)
            assert not (place / word).exists()
        assert [found.name for found in place.iterdir()] == [word]
    assert list(place.parent.iterdir()) == [place]


def test_a_folder_that_could_not_be_filled_leaves_the_one_before(tmp_path: Path) -> None:
    place = tmp_path / "made"
    with files.whole_folder(place) as unfinished:
        (unfinished / "kept").touch()
    with pytest.raises(IsADirectoryError), files.whole_folder(place) as unfinished:
        unfinished.write_text("lost")
    assert [found.name for found in tmp_path.rglob("*")] == ["made", "kept"]


def test_two_may_fill_the_same_folder_at_once(tmp_path: Path) -> None:
    place = tmp_path / "made"
    with files.whole_folder(place) as one, files.whole_folder(place) as other:
        (one / "one").touch()
        (other / "other").touch()
    assert [found.name for found in place.iterdir()] == ["one"]
