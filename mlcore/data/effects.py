"""Effect sizes with their 95 % intervals: how strongly two columns go together, and how sure that is.

Each function names its source. All are of one sample of independent rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

Z = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The size of an association. `measure` is what it is called, `method` how the interval was made.

    "AUC" is 0.5 (nothing) to 1; "R²", "η²" and "Cramér's V" are 0 to 1; "Spearman's ρ" is -1 to 1.
    """

    measure: str
    value: float
    low: float
    high: float
    method: str


def auc(scores: Sequence[Integers], labels: Integers, classes: Sequence[int]) -> Effect:
    """The area under the ROC curve of a score for each of `classes` against the rest, and their mean.

    Scores are given by their order, from 0 (`in_order`). The variance is that of DeLong, DeLong & Clarke-Pearson
    (1988, Biometrics 44:837), from the placement of every row; of several areas, that of the mean of their placements.
    The interval is symmetric on the logit scale, so that it stays below 1. A perfect area has no variance: its lower
    end is Wilson's for as many successes as the rarest label has rows.
    """
    placed = [_placements(score, labels == label) for score, label in zip(scores, classes, strict=True)]
    value = float(np.mean([area for area, _ in placed]))
    rows = np.mean([part for _, part in placed], axis=0)
    error = float(np.sqrt((rows**2).sum()) / len(rows))
    method = "DeLong" if len(classes) == 1 else "DeLong, averaged over the labels"
    if error < 1e-9 or not 0 < value < 1:
        rarest = min(min(int((labels == label).sum()), int((labels != label).sum())) for label in classes)
        return Effect(measure="AUC", value=value, low=min(rarest / (rarest + Z**2), value), high=value, method="Wilson")
    centre, half = np.log(value / (1 - value)), Z * error / (value * (1 - value))
    low, high = (1 / (1 + np.exp(-(centre + side * half))) for side in (-1, 1))
    return Effect(measure="AUC", value=value, low=float(low), high=float(high), method=method)


def in_order(score: Floats) -> Integers:
    """For each score its place among the different ones, from 0; missing scores come first."""
    return np.unique(np.where(np.isnan(score), -np.inf, score), return_inverse=True)[1].astype(np.int64)


def area(score: Integers, positive: NDArray[np.bool_]) -> float:
    """The area under the ROC curve: the share of pairs in which the positive row scores higher, ties counted half."""
    return _placements(score, positive)[0]


def r_squared(truth: Floats, predicted: Floats) -> Effect:
    """The share of the spread of the truth that predictions account for: 1 - Σ(y - ŷ)² / Σ(y - ȳ)².

    The interval is by the delta method on the two sums over rows (van der Vaart 1998, Asymptotic Statistics, ch. 3):
    it assumes neither a straight line nor normal errors. Near 0 it is too narrow for few rows, so it reaches at least
    as far as Fisher's z would for the correlation of truth and prediction. Clipped to 0 … 1.
    """
    missed, spread = (truth - predicted) ** 2, (truth - truth.mean()) ** 2
    whole = float(spread.mean())
    if whole <= 0:
        return Effect(measure="R²", value=0.0, low=0.0, high=0.0, method="delta method")
    value = 1 - float(missed.mean()) / whole
    influence = (missed - (1 - value) * spread) / whole
    half = Z * float(influence.std()) / len(truth) ** 0.5
    low, high = (float(np.clip(value + side * half, 0, 1)) for side in (-1, 1))
    least, most = _fisher(value, len(truth))
    return Effect(measure="R²", value=value, low=min(low, least), high=max(high, most), method="delta method")


def _fisher(share: float, n: int) -> tuple[float, float]:
    """The ends of the interval for the square of a correlation."""
    centre = np.arctanh(np.clip(share, 0, 1 - 1e-12) ** 0.5)
    half = Z / max(n - 3, 1) ** 0.5
    return float(np.tanh(max(centre - half, 0.0)) ** 2), float(np.tanh(centre + half) ** 2)


def spearman(one: Floats, other: Floats) -> Effect | None:
    """The correlation of the ranks, with the interval of Bonett & Wright (2000, Psychometrika 65:23); None without any.

    Their standard error of the Fisher-transformed ρ is √((1 + ρ²/2) / (n - 3)).
    """
    known = ~(np.isnan(one) | np.isnan(other))
    n = int(known.sum())
    if n < 10:
        return None
    first, second = ranks(one[known]), ranks(other[known])
    first, second = first - first.mean(), second - second.mean()
    size = float((first**2).sum() * (second**2).sum())
    if size <= 0:
        return None
    value = float(np.clip((first * second).sum() / size**0.5, -1, 1))
    inside = float(np.clip(value, -1 + 1e-12, 1 - 1e-12))
    half = Z * ((1 + inside**2 / 2) / (n - 3)) ** 0.5
    low, high = (float(np.tanh(np.arctanh(inside) + side * half)) for side in (-1, 1))
    return Effect(measure="Spearman's ρ", value=value, low=min(low, value), high=max(high, value), method="Fisher z")


def cramers_v(counts: Floats) -> Effect | None:
    """Cramér's V of a table of counts, corrected for bias (Bergsma 2013, J. Korean Statistical Society 42:323).

    The interval is that of the noncentrality of χ² (Smithson 2003, Confidence Intervals, ch. 5), on the same scale.
    None when there are not two rows and two columns with counts.
    """
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    rows, columns = counts.shape
    n = float(counts.sum())
    if rows < 2 or columns < 2 or n < 3:
        return None
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / n
    chi = float(((counts - expected) ** 2 / expected).sum())
    freedom = (rows - 1) * (columns - 1)
    room = min(side - (side - 1) ** 2 / (n - 1) for side in (rows, columns)) - 1

    def scaled(noncentral: float) -> float:
        return float(np.clip(noncentral / n / room, 0, 1) ** 0.5) if room > 0 else 0.0

    value = scaled(chi - freedom * n / (n - 1))
    low, high = (scaled(bound) for bound in _noncentralities(chi, freedom))
    return Effect(measure="Cramér's V", value=value, low=min(low, value), high=max(high, value), method="noncentral χ²")


def eta_squared(groups: Integers, numbers: Floats) -> Effect | None:
    """The share of the spread of numbers that lies between groups, adjusted for their number (Kelley's ε², 1935).

    The interval is that of the noncentrality of F (Steiger 2004, Psychological Methods 9:164). None without two groups.
    """
    known = ~np.isnan(numbers)
    groups, numbers = groups[known], numbers[known]
    sizes = np.bincount(groups) if len(groups) else np.empty(0)
    k, n = int((sizes > 0).sum()), len(numbers)
    total = float(((numbers - numbers.mean()) ** 2).sum()) if n else 0.0
    if k < 2 or n <= k + 1 or total <= 0:
        return None
    means = np.bincount(groups, weights=numbers) / np.maximum(sizes, 1)
    raw = min(1.0, float((sizes * (means - numbers.mean()) ** 2).sum()) / total)
    value = max(0.0, 1 - (1 - raw) * (n - 1) / (n - k))
    ratio = raw / (k - 1) / max((1 - raw) / (n - k), 1e-12)
    low, high = (bound / (bound + n) for bound in _noncentralities(ratio * (k - 1), k - 1, n - k))
    return Effect(measure="η²", value=value, low=min(low, value), high=max(high, value), method="noncentral F")


def ranks(values: Floats) -> Floats:
    """The rank of each value from 1, equal values sharing the middle one."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place], dtype=np.float64)


def _placements(score: Integers, positive: NDArray[np.bool_]) -> tuple[float, Floats]:
    """The area, and for each row how far its placement lies from it, scaled so that the mean square is the variance."""
    most = int(score.max(initial=0)) + 1
    of_positive = np.bincount(score[positive], minlength=most).astype(np.float64)
    of_negative = np.bincount(score, minlength=most) - of_positive
    m, n = of_positive.sum(), of_negative.sum()
    if not m or not n:
        return 0.5, np.zeros(len(score))
    above = (np.cumsum(of_negative) - of_negative / 2) / n
    below = 1 - (np.cumsum(of_positive) - of_positive / 2) / m
    found = float((above * of_positive).sum() / m)
    up, down = (m + n) / max(m * (m - 1), 1) ** 0.5, (m + n) / max(n * (n - 1), 1) ** 0.5
    return found, np.where(positive, (above[score] - found) * up, (below[score] - found) * down)


def _noncentralities(statistic: float, freedom: int, rest: int | None = None) -> tuple[float, float]:
    """The two noncentralities of χ² (F with `rest` degrees below) at which the statistic is just in the outer 2.5 %.

    By the normal approximation of Sankaran (1963, Biometrika 50:199) for χ²; for F the estimated spread below adds its
    own variance. Solved by bisection.
    """

    def tail(noncentral: float) -> float:
        a, b = freedom + noncentral, freedom + 2 * noncentral
        h = 1 - 2 * a * (freedom + 3 * noncentral) / (3 * b**2)
        mean = 1 + h * (h - 1) * b / a**2
        spread = 2 * h**2 * b / a**2
        extra = 0.0 if rest is None else 2 * h**2 / rest
        return float(((statistic / a) ** h - mean) / (spread + extra) ** 0.5) if statistic > 0 else -np.inf

    def solved(target: float) -> float:
        low, high = 0.0, 4 * statistic + 100
        if tail(low) <= target:
            return 0.0
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if tail(middle) > target else (low, middle)
        return (low + high) / 2

    return solved(Z), solved(-Z)
