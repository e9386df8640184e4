"""How the values of one column are spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

MOST_BARS = 30
MOST_VALUES = 20


@dataclass(frozen=True, kw_only=True)
class Bars:
    """A histogram: `counts[i]` values lie from `edges[i]` up to, but not including, `edges[i + 1]`; the last bar
    includes its upper edge. `below` and `above` count values outside the edges (the outermost hundredth, when it would
    squeeze all the others into one bar).
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    below: int = 0
    above: int = 0


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A value, as text, and how many rows have it."""

    value: str
    count: int


def numbers_of(column: pl.Series) -> NDArray[np.float64]:
    """The values of a numeric or datetime column as floats (seconds since 1970), missing ones as NaN."""
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.epoch("us").cast(pl.Float64).to_numpy() / 1e6
    if column.dtype.is_float() or column.dtype.is_integer():  # the quick way, for tables of thousands of columns
        return np.array(column.to_numpy(), dtype=np.float64)
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def bars(present: NDArray[np.float64], whole: bool) -> Bars | None:
    """The histogram of values none of which is missing; None without any. `whole` numbers get whole edges."""
    if not len(present):
        return None
    low, high = _ends(present)
    inside = present[(present >= low) & (present <= high)]
    edges = _edges(low, high, whole, len(inside))
    counts, _ = np.histogram(inside, bins=edges)
    return Bars(
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        below=int((present < low).sum()),
        above=int((present > high).sum()),
    )


def counted(column: pl.Series, most: int = MOST_VALUES) -> tuple[Counted, ...]:
    """The most frequent values that are not missing, most frequent first, then by name."""
    counts = column.drop_nulls().rename("value").value_counts(name="count")
    top = counts.sort(["count", "value"], descending=[True, False]).head(most)
    return tuple(Counted(value=str(value), count=int(count)) for value, count in top.iter_rows())


def _ends(present: NDArray[np.float64]) -> tuple[float, float]:
    """Smallest and largest value, or the outer hundredths when the tails are more than five times as wide."""
    low, high = float(present.min()), float(present.max())
    first, last = np.quantile(present, (0.01, 0.99))
    if high - low > 5 * (last - first) > 0:
        return float(first), float(last)
    return low, high


def _edges(low: float, high: float, whole: bool, count: int) -> NDArray[np.float64]:
    if low == high:
        return np.array([low - 0.5, high + 0.5])
    number = int(np.clip(np.ceil(np.sqrt(count)), 5, MOST_BARS))
    if not whole:
        return np.linspace(low, high, number + 1)
    step = max(1, int(np.ceil((high - low + 1) / MOST_BARS)))
    return np.arange(np.floor(low) - 0.5, np.ceil(high) + step, step, dtype=np.float64)
