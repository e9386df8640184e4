"""What only delimited text knows: beginnings, long lines, previews of large files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcore.data.choices import Choices
from mlcore.data.delimited import records
from mlcore.data.load import load, preview
from mlcore.errors import FileError


def test_a_preview_of_a_large_file_ends_between_records(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    row = '1,"' + "line\n" * 300 + '"\n'
    path.write_text("n,story\n" + row * 1000)
    shown, reading = preview(path, rows=3)
    assert len(shown) == 3
    assert reading.header


def test_the_beginning_is_enough_for_a_preview(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text("n,t\n" + "1,abc\n" * 200_000 + '2,"never closed\n')
    shown, _ = preview(path, rows=5)
    assert len(shown) == 5
    with pytest.raises(FileError, match="line 200,002"):
        load(path)


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_LONGEST", 2**20)
    path = tmp_path / "long.csv"
    path.write_text("a,b\n1,2\n" + "x" * (3 * 2**20))
    with pytest.raises(FileError, match="Line 3 is longer than 1 megabytes"):
        load(path, choices=Choices(delimiter=","))


def test_a_cell_of_a_million_characters_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cell.csv"
    path.write_text("a,b\n" + "x" * 1_000_000 + ",2\ny,3\n")
    assert load(path).rows == 2


def test_the_encoding_of_a_preview_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "legacy.csv"
    path.write_bytes("stadt;wert\nKöln;1,5\nMünchen;2,75\n".encode("cp1252"))
    shown, reading = preview(path)
    assert shown["wert"].tolist() == [1.5, 2.75]
    assert (reading.encoding, reading.delimiter, reading.decimal) == ("cp1252", ";", ",")


def test_a_preview_looks_at_the_beginning_of_a_large_file_only(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    lines = b"name;size\n" + "größer;1,5\n".encode() * 1_600_000
    path.write_bytes(lines + b"\xff\xfe;2,5\n")
    frame, reading = preview(path, rows=3)
    assert reading.encoding == "utf-8"
    assert frame.to_numpy().tolist() == [["größer", 1.5]] * 3
