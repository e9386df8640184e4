"""How easily chance alone makes what a check has seen: p-values without a statistics library, and their control."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlcore.data import tables

Floats = NDArray[np.float64]

_EXPECTED = 0.5
"""Equal pairs that are to be expected, from which a few equal rows say little about the table."""

_LEAST, _TIMES = 10, 5.0
"""How many pairs there must be then, and how many times those expected."""

_ODD = 0.01
_MOST = 40
"""Columns in which rows may differ alone: those whose values are most often equal."""


def adjusted(chances: Sequence[float]) -> Floats:
    """P-values of many questions asked at once, adjusted so that few of those that stand out do so by chance.

    Benjamini and Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995).
    """
    values = np.asarray(chances, dtype=np.float64)
    order = np.argsort(values)[::-1]
    ranks = np.arange(len(values), 0, -1)
    stepped = np.minimum.accumulate(values[order] * len(values) / ranks) if len(values) else values
    found = np.empty_like(values)
    found[order] = np.minimum(stepped, 1.0)
    return found


def far_apart(one: Floats, other: Floats) -> tuple[float, float]:
    """The largest difference between two cumulative distributions (0 to 1), and its p-value (Kolmogorov, Smirnov)."""
    one, other = np.sort(one), np.sort(other)
    both = np.concatenate([one, other])
    reached = np.searchsorted(one, both, side="right") / len(one)
    distance = float(np.abs(reached - np.searchsorted(other, both, side="right") / len(other)).max())
    size = math.sqrt(len(one) * len(other) / (len(one) + len(other)))
    scaled = (size + 0.12 + 0.11 / size) * distance
    terms = (2 * (-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101))
    return distance, float(np.clip(sum(terms), 0.0, 1.0)) if scaled > 0.2 else 1.0


def uneven(table: Floats) -> tuple[float, float]:
    """Cramér's V (0 to 1) of a table of counts, and the p-value of its chi-square statistic."""
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return 0.0, 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
    strength = math.sqrt(statistic / (table.sum() * (min(table.shape) - 1)))
    return min(strength, 1.0), _beyond(statistic, freedom)


def unequal_means(one: Floats, other: Floats) -> tuple[float, float]:
    """How many standard deviations two means are apart, and the p-value of the difference (Welch, normal tails)."""
    if min(len(one), len(other)) < 2:
        return 0.0, 1.0
    spreads = float(one.var(ddof=1)), float(other.var(ddof=1))
    spread = math.sqrt((spreads[0] + spreads[1]) / 2)
    error = math.sqrt(spreads[0] / len(one) + spreads[1] / len(other))
    apart = abs(float(one.mean() - other.mean()))
    if not spread or not error:
        return 0.0, 1.0
    return apart / spread, math.erfc(apart / error / math.sqrt(2))


def equal_by_nature(sample: pl.DataFrame, names: Sequence[str], rows: int, found: int) -> bool:
    """Whether a table of `rows` rows has so many pairs of rows that are equal in these columns without any mistake.

    It does when chance makes so many in more than one table of a hundred (Poisson); where several are expected, unless
    there are many times as many, as what is expected is known roughly only. Expected are the pairs that unrelated
    columns have, or those to which the pairs that differ in one column alone point: columns that go together have more.
    """
    expected = equal_pairs(sample, names, rows)
    if sample.height > 1:
        expected = max(expected, _nearly_equal(sample, names) * (rows / sample.height) ** 2)
    if expected > _EXPECTED:
        return found < max(_LEAST, _TIMES * expected)
    below = sum(math.exp(-expected) * expected**k / math.factorial(k) for k in range(min(found, 20)))
    return 1 - below >= _ODD


def _nearly_equal(sample: pl.DataFrame, names: Sequence[str]) -> float:
    """Equal pairs that the pairs which differ in one column point to, by how often two of its values are equal."""
    cells = {name: tables.salted(tables.cell_hashes(sample[name]), place) for place, name in enumerate(names)}
    whole: NDArray[np.uint64] = np.sum(list(cells.values()), axis=0, dtype=np.uint64)
    equal, every = _pairs(whole), sample.height * (sample.height - 1) / 2
    alike = sorted(((_pairs(hashes) / every, name) for name, hashes in cells.items()), reverse=True)[:_MOST]
    odds = [(share / (1 - share), whole - cells[name]) for share, name in alike if share < 1]
    return max(((_pairs(rest) - equal) * odd for odd, rest in odds), default=0.0)


def _pairs(hashes: NDArray[np.uint64]) -> float:
    counts = np.unique(hashes, return_counts=True)[1].astype(np.float64)
    return float((counts * (counts - 1)).sum() / 2)


def equal_pairs(sample: pl.DataFrame, names: Sequence[str], rows: int) -> float:
    """How many pairs of `rows` rows would be equal in these columns if the columns had nothing to do with each other.

    Tables of a few columns with few values have equal rows by nature.
    """
    if sample.height < 2:
        return 0.0
    pairs = rows * (rows - 1) / 2
    for name in names:
        counts = sample[name].rename("value").value_counts(name="rows")["rows"].to_numpy().astype(np.float64)
        pairs *= max(float((counts * (counts - 1)).sum()), 1.0) / (sample.height * (sample.height - 1.0))
    return pairs


def _beyond(statistic: float, freedom: int) -> float:
    """The p-value of a chi-square statistic (Wilson and Hilferty's normal approximation)."""
    cube = (statistic / freedom) ** (1 / 3)
    score = (cube - (1 - 2 / (9 * freedom))) / math.sqrt(2 / (9 * freedom))
    return math.erfc(score / math.sqrt(2)) / 2
