"""Parquet files, brought to the four storages of a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from mlcore.data import canonical
from mlcore.data.choices import Choices
from mlcore.data.dataset import Reading
from mlcore.data.guard import guarded
from mlcore.errors import FileError, TableError

MOST_ROWS = 200_000_000
_MARK = b"PAR1"
_SEALED = b"PARE"


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
            frame = _opened(path)
            table = canonical.canonical(frame, choices=choices)
            rows = int(frame.select(pl.len()).collect().item())
            _check_rows(path, rows)
            stored = frame.select(table.expressions)
            stored.sink_parquet(out_path, compression="zstd", row_group_size=100_000, engine="streaming")
            return _reading(table, rows)

    def preview(self, path: Path, choices: Choices, rows: int) -> tuple[pl.DataFrame, Reading]:
        with guarded(path, "Reading the Parquet file"):
            frame = _opened(path).head(rows)
            table = canonical.canonical(frame, choices=choices)
            first = frame.select(table.expressions).collect()
            return first, _reading(table, len(first))


PARQUET = _Parquet()


def _reading(table: canonical.Canonical, rows: int) -> Reading:
    return Reading(
        format="parquet",
        records=rows,
        kept=rows,
        day_first=table.day_first,
        month_first=table.month_first,
        notes=table.notes,
    )


def _opened(path: Path) -> pl.LazyFrame:
    with path.open("rb") as stream:
        if stream.read(4) == _SEALED:
            raise FileError(
                "The Parquet file is encrypted", where=path.name, remedy="Write it without encryption and try again."
            )
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 4))
        if stream.read(4) != _MARK:
            raise FileError(
                "The Parquet file is cut off: its end is missing", where=path.name, remedy="Copy or write it again."
            )
    return pl.scan_parquet(path, glob=False, hive_partitioning=False)


def _check_rows(path: Path, rows: int) -> None:
    if rows == 0:
        raise TableError("The table has columns but no rows", where=path.name, remedy="Bring at least one row.")
    if rows > MOST_ROWS:
        raise TableError(
            f"The table has {rows:,} rows", where=path.name, remedy=f"Bring at most {MOST_ROWS:,} of them."
        )
