"""One column in figures: gaps, different values, quantiles, histogram, most frequent values. All of every row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlcore.data import tables
from mlcore.data.distributions import MOST_VALUES, Bars, Counted, bars, numbers_of
from mlcore.data.kinds import storage_of
from mlcore.data.over_time import TimeLine
from mlcore.data.relations import TargetRelation
from mlcore.data.schema import Storage
from mlcore.data.tables import Hashes, Source

LEVELS = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
"""The shares of rows at which quantiles are given."""

_MOST_TALLIED = 100_000
_TRIED = 20_000


@dataclass(frozen=True, kw_only=True)
class ColumnProfile:
    """One column. Quantiles belong to `LEVELS`; times are in seconds since 1970 in all of them.

    Text columns have `top`, the most frequent values, and no numbers; `other` counts the rows of all other values.
    Columns of at most twenty different numbers have both. `over_time` is there when the table has a column of time.
    """

    name: str
    storage: Storage
    missing: int = 0
    distinct: int = 0
    mean: float | None = None
    std: float | None = None
    quantiles: tuple[float, ...] = ()
    histogram: Bars | None = None
    top: tuple[Counted, ...] = ()
    other: int = 0
    relation: TargetRelation | None = None
    over_time: TimeLine | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """The cells of one column as numbers, row by row: the numbers of times and amounts, the hashes of words.

    `gone` marks the missing ones. `tally` counts words, unless there are too many different ones.
    """

    name: str
    storage: Storage
    gone: NDArray[np.bool_]
    numbers: NDArray[np.float64] | None
    hashes: Hashes | None
    tally: pl.DataFrame | None
    row_part: Hashes
    column_hash: int
    sample: pl.Series


def cells_of(name: str, column: Iterator[pl.Series], place: int, rows: int, sample: NDArray[np.int64]) -> Cells:
    """Take in a column piece by piece. `place` is its place in the table, `sample` the rows to keep as they are."""
    gone, row_part = np.zeros(rows, dtype=np.bool_), np.empty(rows, dtype=np.uint64)
    numbers: NDArray[np.float64] | None = None
    hashes: Hashes | None = None
    kept: list[pl.Series] = []
    tally = _Tally()
    start = total = 0
    storage: Storage = "text"
    for piece in column:
        storage, stop = storage_of(piece), start + len(piece)
        here = tables.cell_hashes(piece)
        total ^= tables.column_hash(here, start)
        row_part[start:stop] = tables.salted(here, place)
        gone[start:stop] = piece.is_null().to_numpy()
        if storage == "text":
            hashes = np.empty(rows, dtype=np.uint64) if hashes is None else hashes
            hashes[start:stop] = here
            tally.add(piece)
        else:
            numbers = np.empty(rows) if numbers is None else numbers
            numbers[start:stop] = numbers_of(piece)
        low, high = np.searchsorted(sample, (start, stop))
        kept.append(piece if len(sample) == rows else piece[sample[low:high] - start])
        start = stop
    return Cells(
        name=name, storage=storage, gone=gone, numbers=numbers, hashes=hashes, tally=tally.counts, row_part=row_part,
        column_hash=total, sample=pl.concat(kept),
    )  # fmt: skip


def described(cells: Cells, source: Source) -> ColumnProfile:
    """The column in figures."""
    if cells.numbers is None:
        return _words(cells, source)
    present = np.sort(cells.numbers[~cells.gone])
    ends = np.flatnonzero(np.append(present[1:] != present[:-1], True)) if len(present) else np.empty(0, dtype=np.int64)
    listed = _few(present, ends, cells.storage) if len(ends) <= MOST_VALUES else ()
    return ColumnProfile(
        name=cells.name,
        storage=cells.storage,
        missing=len(cells.gone) - len(present),
        distinct=len(ends),
        mean=float(present.mean()) if len(present) else None,
        std=float(present.std(ddof=1)) if len(present) > 1 else None,
        quantiles=tuple(_quantiles(present)) if len(present) else (),
        histogram=bars(present, whole=cells.storage == "integer"),
        top=listed,
    )


def said(value: float, storage: Storage) -> str:
    """A number of the column as text."""
    if storage == "datetime":
        return str(datetime(1970, 1, 1) + timedelta(seconds=value))
    return str(int(value)) if storage == "integer" else str(value)


def _quantiles(ordered: NDArray[np.float64]) -> Iterator[float]:
    """As numpy's, of numbers that are in order already."""
    for level in LEVELS:
        at = level * (len(ordered) - 1)
        low, high = float(ordered[int(at)]), float(ordered[min(int(at) + 1, len(ordered) - 1)])
        yield low + (high - low) * (at - int(at)) if at > int(at) else low


def _few(ordered: NDArray[np.float64], ends: NDArray[np.int64], storage: Storage) -> tuple[Counted, ...]:
    counts = np.diff(ends, prepend=-1)
    pairs = sorted(zip(-counts, ordered[ends], strict=True))
    return tuple(Counted(value=said(float(value), storage), count=-int(count)) for count, value in pairs)


def _words(cells: Cells, source: Source) -> ColumnProfile:
    missing = int(cells.gone.sum())
    distinct, top = _tallied(cells.tally) if cells.tally is not None else _hashed(cells, source)
    return ColumnProfile(
        name=cells.name,
        storage="text",
        missing=missing,
        distinct=distinct,
        top=top,
        other=len(cells.gone) - missing - sum(value.count for value in top),
    )


def _tallied(tally: pl.DataFrame) -> tuple[int, tuple[Counted, ...]]:
    top = tally.sort(["count", "value"], descending=[True, False]).head(MOST_VALUES)
    return tally.height, tuple(Counted(value=str(value), count=int(count)) for value, count in top.iter_rows())


def _hashed(cells: Cells, source: Source) -> tuple[int, tuple[Counted, ...]]:
    """Of very many different words: how many, by their hashes, and those that occur most, found again in the table.

    Two words of a million share a hash of 64 bits once in 30 million tables.
    """
    assert cells.hashes is not None
    ordered = np.sort(cells.hashes[~cells.gone])
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    counts = np.diff(ends, prepend=-1)
    if counts.max() == 1:
        return len(ends), tuple(Counted(value=str(v), count=1) for v in cells.sample.drop_nulls().head(MOST_VALUES))
    best = np.argpartition(-counts, MOST_VALUES)[:MOST_VALUES]
    found = []
    for at in best:
        row = int(np.argmax((cells.hashes == ordered[ends[at]]) & ~cells.gone))
        found.append(Counted(value=str(tables.cell(source, cells.name, row)), count=int(counts[at])))
    return len(ends), tuple(sorted(found, key=lambda counted: (-counted.count, counted.value)))


class _Tally:
    """Counts of words, given up when there turn out to be very many different ones."""

    def __init__(self) -> None:
        self.counts: pl.DataFrame | None = pl.DataFrame(schema={"value": pl.String, "count": pl.UInt32})

    def add(self, piece: pl.Series) -> None:
        if self.counts is None:
            return
        present = piece.drop_nulls().rename("value")
        first = present.head(_TRIED)
        if len(present) > _MOST_TALLIED and first.n_unique() > 0.5 * len(first):
            self.counts = None
            return
        counts = present.value_counts(name="count")
        both = pl.concat([self.counts, counts]).group_by("value").sum() if self.counts.height else counts
        self.counts = None if both.height > _MOST_TALLIED else both
