"""One pass over all cells of a table: everything that takes every row is worked out while a column is in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from mlcore.data import tables
from mlcore.data.described import Cells, ColumnProfile, cells_of, described, said
from mlcore.data.distributions import numbers_of
from mlcore.data.labels import positive_of
from mlcore.data.missingness import Gaps, Missingness
from mlcore.data.over_time import Periods, Timed, TimeLine, line, timed
from mlcore.data.schema import Column, Schema
from mlcore.data.tables import Hashes, Source

MOST_LINES = 200
"""Columns that are followed over time; those beyond are not."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sweep:
    """What one pass found: every column in figures, gaps, periods, equal rows and columns, and a sample of rows.

    `duplicates` counts the rows that equal an earlier one. Columns with equal cells have equal `column_hashes`,
    rows with equal cells equal `row_hashes`: sums of the hashes of cells, `salted` by the place of their column.
    """

    columns: Mapping[str, ColumnProfile]
    missingness: Missingness
    periods: Periods | None
    duplicates: int
    row_hashes: Hashes
    column_hashes: Mapping[str, int]
    sample: pl.DataFrame


def swept(source: Source, schema: Schema, time: str | None, most: int) -> Sweep:
    """Pass once over the table, one column at a time; `most` rows are kept as a sample."""
    rows = tables.height(source)
    places = tables.sample_places(rows, most)
    when = _timed(source, time, rows)
    total = np.zeros(rows, dtype=np.uint64)
    gaps = Gaps(rows)
    at = {name: place for place, name in enumerate(schema.names)}
    columns: dict[str, ColumnProfile] = {}
    hashes: dict[str, int] = {}
    kept: dict[str, pl.Series] = {}
    for name, column in tables.pieces(source, schema.names):
        cells = cells_of(name, column, at[name], rows, places)
        total += cells.row_part
        gaps.add(name, cells.gone)
        hashes[name], kept[name] = cells.column_hash, cells.sample
        found = described(cells, source)
        followed = when is not None and name != time and len(columns) < MOST_LINES
        columns[name] = replace(found, over_time=_line(cells, found, schema[name], when)) if followed else found
    return Sweep(
        columns={name: columns[name] for name in schema.names},
        missingness=gaps.found(),
        periods=None if when is None else when.periods,
        duplicates=rows - _different(np.sort(total)),
        row_hashes=total,
        column_hashes=hashes,
        sample=pl.DataFrame([kept[name] for name in schema.names]),
    )


def _different(ordered: Hashes) -> int:
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + min(1, len(ordered))


def _timed(source: Source, time: str | None, rows: int) -> Timed | None:
    if time is None:
        return None
    moments = np.empty(rows)
    start = 0
    for _, column in tables.pieces(source, (time,)):
        for piece in column:
            if not isinstance(piece.dtype, pl.Datetime):
                return None
            moments[start : start + len(piece)] = numbers_of(piece)
            start += len(piece)
    return timed(time, moments)


def _line(cells: Cells, found: ColumnProfile, column: Column, when: Timed | None) -> TimeLine | None:
    """The column over time: the mean of amounts, the share of one value of categories; None for names and texts."""
    assert when is not None
    if not found.distinct or column.kind in ("identifier", "text", "constant", "datetime"):
        return None
    if column.kind in ("numeric", "integer") and cells.numbers is not None:
        return line(when, cells.numbers, cells.gone)
    if not found.top:
        return None
    counts = {counted.value: counted.count for counted in found.top}
    value = positive_of(counts) if len(counts) == found.distinct == 2 else found.top[0].value
    if cells.hashes is not None:
        same = cells.hashes == tables.cell_hashes(pl.Series([value], dtype=pl.String))[0]
    else:
        assert cells.numbers is not None
        numbers = cells.numbers
        same = numbers == next(
            (n for n in np.unique(numbers[~cells.gone]) if said(float(n), cells.storage) == value), np.nan
        )
    return line(when, same.astype(np.float64), cells.gone, of=value)
