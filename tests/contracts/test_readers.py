"""What every reader promises: it knows its files by content, accounts for every row and writes the four storages."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook

from mlcore.data.choices import Choices
from mlcore.data.readers import READERS, Reader, reader_of

TABLE = pl.DataFrame({"n": [1, 2, 3], "x": [0.5, None, 1.5], "t": ["a", "b", None]})


def written(key: str, folder: Path) -> Path:
    """A file for the reader, under a name that says nothing about what it is."""
    path = folder / "file.bin"
    if key == "parquet":
        TABLE.write_parquet(path)
    elif key == "json":
        TABLE.write_ndjson(path)
    elif key == "feather":
        TABLE.write_ipc(path)
    elif key == "excel":
        sheet = Workbook()
        for row in (TABLE.columns, *TABLE.rows()):
            sheet.active.append(row)
        sheet.save(path)
    else:
        TABLE.write_csv(path)
    return path


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.key)
def test_a_reader_knows_its_files_by_content(reader: Reader, tmp_path: Path) -> None:
    assert reader_of(written(reader.key, tmp_path)).key == reader.key
    assert all(suffix.startswith(".") for suffix in reader.suffixes)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.key)
def test_a_reader_writes_canonical_parquet_and_accounts_for_every_row(reader: Reader, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    reading = reader.read(written(reader.key, tmp_path), Choices(), out)
    assert (reading.format, reading.records, reading.kept, reading.set_aside) == (reader.key, 3, 3, 0)
    stored = pl.read_parquet(out)
    assert stored.equals(TABLE)
    assert stored.dtypes == [pl.Int64, pl.Float64, pl.String]


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.key)
def test_a_preview_is_the_beginning_of_the_table(reader: Reader, tmp_path: Path) -> None:
    shown, _ = reader.preview(written(reader.key, tmp_path), Choices(), 2)
    assert shown.equals(TABLE.head(2))
