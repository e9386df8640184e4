"""Which columns go together: one number from 0 to 1 for each pair, whatever the two hold.

Numbers and dates with each other: Spearman's rank correlation (with its sign). Categories with each other: Cramér's V,
corrected for bias (Bergsma 2013). A category with a number: the correlation ratio η, adjusted for the number of
categories (Kelley's ε²). Each pair is measured on the rows in which both have a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlcore.data.distributions import numbers_of
from mlcore.data.effects import Floats, ranks
from mlcore.data.schema import Column, Schema

MOST_ROWS = 10_000
MOST_COLUMNS = 40
MOST_CANDIDATES = 120
_MOST_LEVELS = 12
_FEWEST = 20
_WORDS = ("categorical", "boolean", "ordinal")


@dataclass(frozen=True, kw_only=True)
class Associations:
    """Every column of `names` with every other, on `rows` rows. Columns that go together stand side by side.

    `values` hold -1 to 1 for two columns of numbers and 0 to 1 otherwise; None where too few rows have both. `words`
    says of each column whether it is compared as a category. `of` counts the columns that could have been compared.
    """

    names: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    words: tuple[bool, ...]
    rows: int
    of: int


def associations(sample: pl.DataFrame, schema: Schema, strength: Mapping[str, float]) -> Associations | None:
    """The associations in a sample; of many columns those with the strongest. None with fewer than two columns.

    `strength` says how each column goes with the target, to choose by when there are more than 120 to compare.
    """
    fit = [column for column in schema if _fits(column)]
    chosen = sorted(fit, key=lambda column: -strength.get(column.name, 0.0))[:MOST_CANDIDATES]
    if len(chosen) < 2 or sample.height < _FEWEST:
        return None
    rows = sample.sample(MOST_ROWS, seed=0) if sample.height > MOST_ROWS else sample
    words = [column for column in chosen if _is_words(column)]
    numbers = [column for column in chosen if not _is_words(column)]
    matrix = _matrix(rows, numbers, words)
    kept = _strongest(matrix)
    order = kept[_side_by_side(matrix[np.ix_(kept, kept)])]
    names = [column.name for column in (*numbers, *words)]
    return Associations(
        names=tuple(names[at] for at in order),
        values=tuple(tuple(_shown(matrix[i, j]) for j in order) for i in order),
        words=tuple(bool(at >= len(numbers)) for at in order),
        rows=rows.height,
        of=len(fit),
    )


def _fits(column: Column) -> bool:
    return column.kind not in ("identifier", "text", "constant") and column.distinct > 1


def _is_words(column: Column) -> bool:
    return column.storage == "text" or column.kind in _WORDS


def _shown(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)


def _matrix(rows: pl.DataFrame, numbers: list[Column], words: list[Column]) -> Floats:
    """Numbers first, then words; NaN where a pair cannot be measured."""
    z, present = _ranked(rows, numbers)
    levels, spans = _levels(rows, words)
    size = len(numbers) + len(words)
    matrix = np.full((size, size), np.nan)
    at = len(numbers)
    if numbers:
        matrix[:at, :at] = _spearman(z, present)
    if words:
        together = (levels.T @ levels).astype(np.float64)
        for i, one in enumerate(spans):
            for j, other in enumerate(spans[:i]):
                matrix[at + i, at + j] = matrix[at + j, at + i] = _cramer(together[one, other])
    if numbers and words:
        mixed = _ratios(z, present, levels, spans)
        matrix[:at, at:], matrix[at:, :at] = mixed, mixed.T
    np.fill_diagonal(matrix, 1.0)
    return matrix


def _ranked(rows: pl.DataFrame, numbers: list[Column]) -> tuple[Floats, Floats]:
    """Each column's ranks on a common scale with mean 0, 0 where missing; and 1 where there is a value."""
    z = np.zeros((rows.height, len(numbers)))
    present = np.zeros_like(z)
    for place, column in enumerate(numbers):
        values = numbers_of(rows[column.name])
        known = ~np.isnan(values)
        if known.any():
            ranked = ranks(values[known])
            z[known, place] = (ranked - ranked.mean()) / max(1.0, float(known.sum()))
        present[known, place] = 1.0
    return z, present


def _levels(rows: pl.DataFrame, words: list[Column]) -> tuple[NDArray[np.float32], list[slice]]:
    """Ones and zeros for each frequent category (the rest together), and where those of each column stand."""
    made: list[NDArray[np.float32]] = []
    spans: list[slice] = []
    start = 0
    for column in words:
        values = rows[column.name].cast(pl.String)
        top = values.drop_nulls().rename("v").value_counts().sort(["count", "v"], descending=[True, False])["v"]
        shown = top.head(_MOST_LEVELS).to_list()
        codes = values.replace_strict(shown, list(range(len(shown))), default=len(shown), return_dtype=pl.Int64)
        width = len(shown) + (len(top) > len(shown))
        block = np.zeros((rows.height, width), dtype=np.float32)
        known = np.flatnonzero(values.is_not_null().to_numpy())
        block[known, codes.to_numpy()[known]] = 1
        made.append(block)
        spans.append(slice(start, start + width))
        start += width
    return (np.hstack(made) if made else np.zeros((rows.height, 0), dtype=np.float32)), spans


def _spearman(z: Floats, present: Floats) -> Floats:
    """Correlations of the ranks over the rows in which both columns have a value."""
    n = present.T @ present
    sums = z.T @ present
    squares = (z**2).T @ present
    with np.errstate(invalid="ignore", divide="ignore"):
        between = z.T @ z - sums * sums.T / n
        spread = squares - sums**2 / n
        found = between / np.sqrt(spread * spread.T)
    return np.where((n >= _FEWEST) & (spread > 0) & (spread.T > 0), np.clip(found, -1, 1), np.nan)


def _cramer(counts: Floats) -> float:
    """Cramér's V without the bias of many categories; see `effects.cramers_v`, which adds an interval."""
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    n, (rows, columns) = float(counts.sum()), counts.shape
    if n < _FEWEST or rows < 2 or columns < 2:
        return float("nan")
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / n
    phi = float(((counts - expected) ** 2 / expected).sum()) / n - (rows - 1) * (columns - 1) / (n - 1)
    room = min(side - (side - 1) ** 2 / (n - 1) for side in (rows, columns)) - 1
    return float(np.clip(phi / room, 0, 1) ** 0.5) if room > 0 else 0.0


def _ratios(z: Floats, present: Floats, levels: NDArray[np.float32], spans: list[slice]) -> Floats:
    """The adjusted correlation ratio of each column of numbers (rows) between the categories of each of words."""
    wide = levels.astype(np.float64)
    n, sums, squares = present.T @ wide, z.T @ wide, (z**2).T @ wide
    found = np.full((z.shape[1], len(spans)), np.nan)
    for place, span in enumerate(spans):
        count, total = n[:, span], n[:, span].sum(axis=1)
        groups = (count > 0).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            middle = sums[:, span].sum(axis=1) ** 2 / total
            inside = np.where(count > 0, sums[:, span] ** 2 / count, 0.0).sum(axis=1)
            spread = squares[:, span].sum(axis=1) - middle
            adjusted = 1 - (1 - (inside - middle) / spread) * (total - 1) / (total - groups)
        fine = (total >= _FEWEST) & (groups > 1) & (spread > 1e-12) & (total > groups)
        found[:, place] = np.where(fine, np.sqrt(np.clip(adjusted, 0, 1)), np.nan)
    return found


def _strongest(matrix: Floats) -> NDArray[np.int64]:
    """The columns whose strongest association with another is strongest, in their order."""
    others = np.abs(np.nan_to_num(matrix, nan=0.0))
    np.fill_diagonal(others, 0)
    return np.sort(np.argsort(-others.max(axis=1), kind="stable")[:MOST_COLUMNS])


def _side_by_side(matrix: Floats) -> list[int]:
    """An order in which like columns are neighbours: from the strongest pair, the nearest is added at either end."""
    near = np.abs(np.nan_to_num(matrix, nan=0.0))
    np.fill_diagonal(near, -1)
    first, second = np.unravel_index(int(near.argmax()), near.shape)
    order, left = [int(first), int(second)], set(range(len(near))) - {int(first), int(second)}
    while left:
        rest = sorted(left)
        at_start, at_end = near[order[0], rest], near[order[-1], rest]
        if at_start.max() > at_end.max():
            order.insert(0, rest[int(at_start.argmax())])
            left.remove(order[0])
        else:
            order.append(rest[int(at_end.argmax())])
            left.remove(order[-1])
    return order
