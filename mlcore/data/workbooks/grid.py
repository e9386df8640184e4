"""The cells of a sheet as columns on disk: for each column its texts, its numbers and its moments, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice, zip_longest
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.data.workbooks.header import Cell, Row

_CELLS = 200_000
"""Cells written at a time."""

Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(kw_only=True)
class Column:
    """How many cells of each kind a column has; `long` counts whole numbers that a workbook cannot hold exactly."""

    texts: int = 0
    numbers: int = 0
    moments: int = 0
    spans: int = 0
    long: int = 0

    @property
    def cells(self) -> int:
        """Cells with a value."""
        return self.texts + self.numbers + self.moments


@dataclass(kw_only=True)
class Grid:
    """What was written: columns by place, rows kept, and blank rows skipped."""

    columns: list[Column]
    kept: int = 0
    blank: int = 0
    trailing: int = field(default=0, repr=False)


def part(place: int, kind: str) -> str:
    """The name of a column's texts ("t"), numbers ("n") or moments ("d")."""
    return f"{kind}{place}"


def write(rows: Iterable[Row], width: int, out: Path) -> Grid:
    """Write the rows, all `width` wide, to Parquet at `out`; blank ones are left out and counted."""
    grid = Grid(columns=[Column() for _ in range(width)])
    kinds = {"t": pa.string(), "n": pa.float64(), "d": pa.timestamp("us")}
    schema = pa.schema([(part(place, kind), type_) for place in range(width) for kind, type_ in kinds.items()])
    with pq.ParquetWriter(out, schema, compression="zstd", compression_level=1, write_statistics=False) as writer:
        for batch in _batches(_filled(rows, grid), max(100, _CELLS // width)):
            grid.kept += len(batch)
            arrays: list[pa.Array] = []
            for column, cells in zip(grid.columns, zip_longest(*batch, fillvalue=""), strict=True):
                arrays += _arrays(column, cells)
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    return grid


def filled(rows: Iterable[Row], spans: Sequence[Span], left: int) -> Iterator[Row]:
    """The rows with the value of each merged range in all of its cells. `left` is the column of their first cell."""
    waiting = sorted(spans, reverse=True)
    open_spans: list[tuple[Span, Cell]] = []
    for place, row in enumerate(rows):
        open_spans = [one for one in open_spans if one[0][1][0] >= place]
        while waiting and waiting[-1][0][0] <= place:
            span = waiting.pop()
            column = span[0][1] - left
            if span[0][0] == place and 0 <= column < len(row) and row[column] != "":
                open_spans.append((span, row[column]))
        yield _with_spans(row, open_spans, left) if open_spans else row


def _with_spans(row: Row, spans: list[tuple[Span, Cell]], left: int) -> Row:
    cells = list(row)
    for ((_, first), (_, last)), value in spans:
        for column in range(max(first - left, 0), min(last - left + 1, len(cells))):
            if cells[column] == "":
                cells[column] = value
    return cells


def _filled(rows: Iterable[Row], grid: Grid) -> Iterator[Row]:
    """The rows with cells; blank ones between them are counted, those at the end are not."""
    waiting = 0
    for row in rows:
        if any(cell != "" for cell in row):
            grid.blank += waiting
            waiting = 0
            yield row
        else:
            waiting += 1


def _batches(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    while batch := list(islice(rows, size)):
        yield batch


def _arrays(column: Column, cells: Sequence[Cell]) -> tuple[pa.Array, pa.Array, pa.Array]:
    kinds = set(map(type, cells))
    nothing = len(cells)
    texts = pa.nulls(nothing, pa.string())
    numbers, moments = pa.nulls(nothing, pa.float64()), pa.nulls(nothing, pa.timestamp("us"))
    if kinds & {str, bool, time}:
        texts = pa.array([_text(cell) for cell in cells], pa.string())
    if kinds & {int, float, timedelta}:
        numbers = pa.array([_number(cell) for cell in cells], pa.float64())
        column.spans += sum(isinstance(cell, timedelta) for cell in cells) if timedelta in kinds else 0
        column.long += sum(type(cell) is float and abs(cell) >= 1e15 and cell.is_integer() for cell in cells)
    if kinds & {date, datetime}:
        moments = pa.array([_moment(cell) for cell in cells], pa.timestamp("us"))
    column.texts += nothing - texts.null_count
    column.numbers += nothing - numbers.null_count
    column.moments += nothing - moments.null_count
    return texts, numbers, moments


def _text(cell: Cell) -> str | None:
    if isinstance(cell, str):
        return cell.replace("\x00", "") or None
    if isinstance(cell, time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, bool) else None


def _number(cell: Cell) -> float | None:
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    return float(cell) if type(cell) in (float, int) else None  # type: ignore[arg-type]


def _moment(cell: Cell) -> datetime | None:
    if isinstance(cell, datetime):
        return cell
    return datetime(cell.year, cell.month, cell.day) if isinstance(cell, date) else None
