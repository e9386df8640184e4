"""What files that declare the types of their columns have in common: fields of objects, the four storages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from mlcore.data import canonical
from mlcore.data.choices import Choices
from mlcore.data.dataset import Reading
from mlcore.errors import TableError

MOST_ROWS = 200_000_000
MOST_COLUMNS = 20_000
_DEEPEST = 8
"""Objects in objects that are taken apart."""


def store(path: Path, frame: pl.LazyFrame, choices: Choices, out: Path, format: str) -> Reading:
    """Write the frame to `out` in the four storages. `path` is the file that errors are about."""
    check_rows(path, rows := int(frame.select(pl.len()).collect(engine="streaming").item()))
    flat, table = _canonical(path, frame, choices)
    typed = flat.select(table.expressions)
    typed.sink_parquet(out, compression="zstd", row_group_size=100_000, engine="streaming")
    return _reading(table, rows, format)


def show(path: Path, frame: pl.LazyFrame, choices: Choices, rows: int, format: str) -> tuple[pl.DataFrame, Reading]:
    """The first rows as `store` would write them."""
    flat, table = _canonical(path, frame.head(rows), choices)
    first = flat.select(table.expressions).collect()
    return first, _reading(table, len(first), format)


def check_rows(path: Path, rows: int) -> None:
    """Refuse a table without rows, or with more than can be dealt with."""
    if rows == 0:
        raise TableError("The table has columns but no rows", where=path.name, remedy="Bring at least one row.")
    if rows > MOST_ROWS:
        raise TableError(
            f"The table has {rows:,} rows", where=path.name, remedy=f"Bring at most {MOST_ROWS:,} of them."
        )


def _canonical(path: Path, frame: pl.LazyFrame, choices: Choices) -> tuple[pl.LazyFrame, canonical.Canonical]:
    names = frame.collect_schema().names()
    if choices.flatten:
        frame, names = _flattened(frame)
    frame = _texts(frame)
    if len(names) > MOST_COLUMNS:
        raise TableError(
            f"The table has {len(names):,} columns", where=path.name, remedy=f"Bring at most {MOST_COLUMNS:,} of them."
        )
    return frame, canonical.canonical(frame, names, choices)


def _flattened(frame: pl.LazyFrame) -> tuple[pl.LazyFrame, list[str]]:
    """The frame with a column for each field of its objects, and what they are called: `address.city`."""
    columns: list[tuple[pl.Expr, str, Any]] = [
        (pl.col(name), name, kind) for name, kind in frame.collect_schema().items()
    ]
    for _ in range(_DEEPEST):
        columns = [
            (column.struct.field(part.name), f"{name}.{part.name}", part.dtype) if part else (column, name, kind)
            for column, name, kind in columns
            for part in (kind.fields if isinstance(kind, pl.Struct) else (None,))
        ]
    flat = frame.select(column.alias(f"c{place}") for place, (column, _, _) in enumerate(columns))
    return flat, [name for _, name, _ in columns]


def _texts(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with columns of bytes as text where all of them are: some programs write every text so."""
    binary = [name for name, kind in frame.collect_schema().items() if kind == pl.Binary]
    return frame.with_columns(pl.col(name).cast(pl.String) for name in binary if _is_text(frame, name))


def _is_text(frame: pl.LazyFrame, name: str) -> bool:
    text = pl.col(name).cast(pl.String)
    try:
        strange = frame.select(text.str.contains("\x00", literal=True).any()).collect(engine="streaming").item()
    except pl.exceptions.ComputeError:  # some cell is no UTF-8
        return False
    return not strange


def _reading(table: canonical.Canonical, rows: int, format: str) -> Reading:
    return Reading(
        format=format,
        records=rows,
        kept=rows,
        day_first=table.day_first,
        month_first=table.month_first,
        notes=table.notes,
    )
