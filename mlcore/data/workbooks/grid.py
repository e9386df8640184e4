"""The cells of a sheet as columns on disk: for each column its texts, its numbers and its moments, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.parquet as pq

from mlcore.data.workbooks.header import Cell, Row

_CELLS = 200_000
"""Cells written at a time."""

_INEXACT = 1e15
"""Workbooks keep fifteen digits of a number."""

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
    if not spans:
        yield from rows
        return
    waiting = sorted(set(spans), reverse=True)
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
        if row.count("") < len(row):
            grid.blank += waiting
            waiting = 0
            yield row
        else:
            waiting += 1


def _batches(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    while batch := list(islice(rows, size)):
        yield batch


def _arrays(column: Column, cells: Sequence[Any]) -> tuple[pa.Array, pa.Array, pa.Array]:
    kinds = set(map(type, cells))
    texts, numbers = pa.nulls(len(cells), pa.string()), pa.nulls(len(cells), pa.float64())
    moments = pa.nulls(len(cells), pa.timestamp("us"))
    if kinds & {str, bool, time}:
        found = [cell or None for cell in cells] if kinds == {str} else [_text(cell) for cell in cells]
        texts = compute.replace_substring(pa.array(found, pa.string()), "\x00", "")
    if kinds & {int, float, timedelta}:
        numbers = pa.array(cells if kinds == {float} else [_number(cell) for cell in cells], pa.float64())
        column.spans += sum(isinstance(cell, timedelta) for cell in cells) if timedelta in kinds else 0
        column.long += compute.sum(compute.greater_equal(compute.abs(numbers), _INEXACT)).as_py() or 0
    if kinds == {date}:
        moments = pa.array(cells, pa.date32()).cast(pa.timestamp("us"))
    elif kinds & {date, datetime}:
        moments = pa.array([_moment(cell) for cell in cells], pa.timestamp("us"))
    column.texts += len(cells) - texts.null_count
    column.numbers += len(cells) - numbers.null_count
    column.moments += len(cells) - moments.null_count
    return texts, numbers, moments


def _text(cell: Cell) -> str | None:
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, bool) else None


def _number(cell: Cell) -> float | None:
    if isinstance(cell, (str, bool, date, time)):
        return None
    return cell.total_seconds() if isinstance(cell, timedelta) else float(cell)


def _moment(cell: Cell) -> datetime | None:
    if isinstance(cell, datetime):
        return cell
    return datetime(cell.year, cell.month, cell.day) if isinstance(cell, date) else None
