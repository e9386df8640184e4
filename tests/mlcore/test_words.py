"""Errors, catalogues, settings and files: the words every room uses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mlcore import files
from mlcore.errors import ChoiceError, ColumnError, UserError
from mlcore.params import Param
from mlcore.registry import Catalogue


@dataclass(frozen=True)
class Fruit:
    key: str


FRUITS = Catalogue("fruit", (Fruit("apple"), Fruit("pear")))


def test_an_error_says_what_where_and_the_remedy() -> None:
    error = UserError("The file is empty", where="sales.csv", remedy="Choose a file with rows.")
    assert str(error) == "The file is empty (sales.csv). Choose a file with rows."


def test_a_sentence_within_a_sentence_ends_once() -> None:
    asked = str(ColumnError("incme", ["age", "income"]))
    assert str(UserError(asked)) == "There is no column 'incme'. Did you mean 'income'?"


def test_what_there_is_to_choose_from_is_named_in_the_plural() -> None:
    assert "The settings of forest are: 'trees'." in str(ChoiceError("foo", ["trees"], of="setting of forest"))
    assert "The trained models are: 'linear'." in str(ChoiceError("foo", ["linear"], of="trained model"))


def test_an_unknown_column_names_the_nearest_one() -> None:
    assert "Did you mean 'income'?" in str(ColumnError("incme", ["age", "income"]))


def test_an_unknown_column_without_a_near_one_lists_what_exists() -> None:
    assert "The columns are: 'age', 'income'." in str(ColumnError("zzz", ["age", "income"]))


def test_a_catalogue_keeps_its_order_and_finds_by_key() -> None:
    assert FRUITS.keys == ("apple", "pear")
    assert FRUITS["pear"] == Fruit("pear")
    assert "plum" not in FRUITS


def test_an_unknown_key_is_a_sentence() -> None:
    with pytest.raises(ChoiceError, match=r"There is no fruit 'appel'\. Did you mean 'apple'\?"):
        FRUITS["appel"]


def test_a_catalogue_refuses_a_key_twice() -> None:
    with pytest.raises(ValueError, match="share a key"):
        Catalogue("fruit", (Fruit("apple"), Fruit("apple")))


@pytest.mark.parametrize(("value", "fits"), [(3, True), (1, False), (2.5, False), (True, False), ("3", False)])
def test_a_setting_refuses_what_does_not_fit(value: object, fits: bool) -> None:
    trees = Param(key="trees", title="Trees", kind="integer", default=3, low=2, high=9)
    if fits:
        assert trees.checked(value) == value  # type: ignore[arg-type]
    else:
        with pytest.raises(UserError, match="Trees cannot be"):
            trees.checked(value)  # type: ignore[arg-type]


def test_a_file_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "note.txt"
    files.write_text(path, "one")
    with pytest.raises(ZeroDivisionError), files.whole(path) as temporary:
        temporary.write_text(str(1 / 0))
    assert path.read_text() == "one"
    assert [entry.name for entry in path.parent.iterdir()] == ["note.txt"]
