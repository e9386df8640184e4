"""A large text of which only the beginning was looked at first: what comes later still counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from polars import read_parquet

from mlcore.data.choices import Choices
from mlcore.data.dataset import Reading
from mlcore.data.delimited import encoding
from mlcore.data.readers import csv
from mlcore.data.readers.csv import CSV

ROWS = b"".join(b"%d,x%d,1.5\n" % (place, place) for place in range(4000))
LATE = {
    "plain": b"",
    "letters of UTF-8": "7,größer,2\n".encode() * 3,
    "letters of cp1252": "7,größer,2\n".encode("cp1252") * 3,
    "one damaged place": "7,größer,2\n".encode() * 9 + b"8,bl\xffue,3\n",
    "cut inside a letter": "7,groß".encode()[:-1],
    "NUL characters": b"7,a\x00b,2\n",
    "stray quote marks": b'7,5" pipe,2\n',
    "both": b'7,5" pi\xc3pe\x00,2\n',
}


def stored(path: Path, out: Path, monkeypatch: pytest.MonkeyPatch, large: int) -> Reading:
    monkeypatch.setattr(encoding, "BLOCK", 10_000)
    monkeypatch.setattr(csv, "_FIRST_PART", 20_000)
    monkeypatch.setattr(csv, "_LARGE", large)
    return CSV.read(path, Choices(), out)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "marked"])
@pytest.mark.parametrize("late", LATE)
def test_bytes_beyond_the_beginning_are_read_as_if_all_had_been_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: str, mark: bytes
) -> None:
    path = tmp_path / "late.csv"
    path.write_bytes(mark + b"a,b,c\n" + ROWS + LATE[late] + ROWS)
    one = stored(path, tmp_path / "one.parquet", monkeypatch, 0)
    other = stored(path, tmp_path / "other.parquet", monkeypatch, 10**9)
    assert one == other
    assert read_parquet(tmp_path / "one.parquet").equals(read_parquet(tmp_path / "other.parquet"))


def test_of_a_large_plain_text_only_the_beginning_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_bytes(ROWS * 500)
    assert not encoding.find_encoding(path, None, 1 << 20).sure
    assert encoding.find_encoding(path, None).sure
