"""Parquet files, brought to the four storages of a table."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from mlcore.data.choices import Choices
from mlcore.data.dataset import Reading
from mlcore.data.guard import guarded
from mlcore.data.readers import columnar
from mlcore.errors import FileError

_MARK = b"PAR1"
_SEALED = b"PARE"

RATIO = 1000
"""How many times its size a file's cells may take, of eight bytes each, once they take more than `_HARMLESS`."""

_HARMLESS = 512 * 2**20
_MOST_AT_ONCE = 250_000_000
"""Cells of one row group: what is decoded at a time."""


@dataclass(frozen=True, kw_only=True)
class _Parquet:
    key: str = "parquet"
    title: str = "Parquet"
    suffixes: tuple[str, ...] = (".parquet", ".pq")

    def recognises(self, path: Path) -> bool:
        """Told by the four letters every Parquet file begins with."""
        if not path.is_file():
            return False
        with guarded(path, "Opening the file"), path.open("rb") as stream:
            return stream.read(4) in (_MARK, _SEALED)

    def read(self, path: Path, choices: Choices, out_path: Path) -> Reading:
        with guarded(path, "Reading the Parquet file"):
            return columnar.store(path, _opened(path), choices, out_path, self.key)

    def preview(self, path: Path, choices: Choices, rows: int) -> tuple[pl.DataFrame, Reading]:
        with guarded(path, "Reading the Parquet file"):
            return columnar.show(path, _opened(path), choices, rows, self.key)


PARQUET = _Parquet()


def _opened(path: Path) -> pl.LazyFrame:
    _check_ends(path)
    _check_size(path)
    return pl.scan_parquet(path, glob=False, hive_partitioning=False)


def _check_ends(path: Path) -> None:
    """The file begins and ends as it should, and its list of contents fits into it."""
    with path.open("rb") as stream:
        sealed = stream.read(4) == _SEALED
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 8))
        tail = stream.read()
    if sealed:
        raise FileError(
            "The Parquet file is encrypted", where=path.name, remedy="Write it without encryption and try again."
        )
    if not tail.endswith(_MARK) or len(tail) < 8 or struct.unpack("<L", tail[:4])[0] + 12 > size:
        raise FileError(
            "The Parquet file is cut off: its end is missing", where=path.name, remedy="Copy or write it again."
        )


def _check_size(path: Path) -> None:
    """Refuse a file that is small and declares what would fill the memory."""
    listed = pq.read_metadata(path)
    cells = listed.num_rows * listed.num_columns
    if cells * 8 > _HARMLESS and cells * 8 > RATIO * path.stat().st_size:
        raise FileError(
            f"The Parquet file declares {listed.num_rows:,} rows and {listed.num_columns:,} columns, "
            f"more than {RATIO:,} times its size",
            where=path.name,
            remedy="If the table is meant to be so, save it as CSV.",
        )
    largest = max((listed.row_group(place).num_rows for place in range(listed.num_row_groups)), default=0)
    if largest * listed.num_columns > _MOST_AT_ONCE:
        raise FileError(
            f"The Parquet file keeps {largest:,} rows of {listed.num_columns:,} columns in one piece",
            where=path.name,
            remedy="Write it with row groups of at most a million rows.",
        )
