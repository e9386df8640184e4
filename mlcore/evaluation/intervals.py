"""How sure a score is: 95 % intervals by resampling the rows that were predicted.

Units that belong together (a group, or one row predicted in several repeats) are drawn together. Metrics that measure
each label for itself keep the labels' counts fixed (stratified); for the others the labels' shares are part of what is
not known, so they vary from draw to draw. The draws give a standard error; the interval is symmetric on the scale on
which the metric has no bounds (logit for 0–1, log for errors), with Student's t for few units. It stays inside the
metric's bounds, and a perfect score does not get an interval of no width: then the exact binomial bound is used. A
score that is the best of many cuts lies too high by chance; draws lie above it in turn, and its low end is lowered by
twice that.
Measured by simulation in tests/mlcore/evaluation/test_coverage.py. It does not contain the variation from training
again on other rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from mlcore.evaluation.metrics.metric import Metric, Weighted, checked
from mlcore.evaluation.predictions import Floats, Integers, Predictions

LEVEL = 0.95
CELLS_AT_ONCE = 2_000_000
CELLS_IN_ALL = 8_000_000


class Interval(NamedTuple):
    """A score with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """What is drawn: `count` units; `of_row` is (n,), the unit of each row; `label` is (count,), -1 when mixed."""

    count: int
    of_row: Integers
    label: Integers

    def strata(self, within_labels: bool) -> tuple[Integers, ...]:
        """The units to draw from separately: by label when asked and every unit has one, else all together."""
        if not within_labels or (self.label < 0).any():
            return (np.arange(self.count),)
        return tuple(np.flatnonzero(self.label == label) for label in np.unique(self.label))


def interval(
    predictions: Predictions, metric: Metric, *, threshold: float | None = None, seed: int = 0, draws: int | None = None
) -> Interval:
    """The metric of these predictions with its 95 % interval; `UserError` when it is not defined for them."""
    return intervals(predictions, (metric,), threshold=threshold, seed=seed, draws=draws)[0]


def intervals(
    predictions: Predictions,
    metrics: Sequence[Metric],
    *,
    threshold: float | None = None,
    seed: int = 0,
    draws: int | None = None,
) -> tuple[Interval, ...]:
    """`interval` for several metrics over the same draws."""
    units = units_of(checked(predictions))
    amount = draws or draws_for(len(predictions))
    prepared = [metric.weighted(predictions, threshold) for metric in metrics]
    once = np.ones((1, len(predictions)))
    results: dict[int, Interval] = {}
    for within in (False, True):
        chosen = [index for index, metric in enumerate(metrics) if metric.within_labels == within]
        drawn = resampled(units, [prepared[index] for index in chosen], within_labels=within, seed=seed, draws=amount)
        for index, scores in zip(chosen, drawn, strict=True):
            value = float(prepared[index](once)[0])
            results[index] = around(value, scores, metrics[index], smallest(units, not metrics[index].over_rows))
    return tuple(results[index] for index in range(len(metrics)))


def draws_for(rows: int) -> int:
    """How many draws are worth their time: 1,000 up to 8,000 rows, at least 100."""
    return max(100, min(1_000, CELLS_IN_ALL // rows))


def units_of(predictions: Predictions, known: Integers | None = None) -> Units:
    """The units of these predictions: their groups, else their rows. With `known`, sorted ids, the units are those."""
    ids = predictions.rows if predictions.groups is None else predictions.groups
    every = np.unique(ids) if known is None else known
    of_row = np.searchsorted(every, ids)
    label = np.full(len(every), -1, dtype=np.int64)
    if predictions.task != "regression" and predictions.truth is not None:
        truth = np.asarray(predictions.truth, dtype=np.int64)
        label[of_row] = truth
        label[of_row[label[of_row] != truth]] = -1
    return Units(count=len(every), of_row=of_row, label=label)


def smallest(units: Units, within_labels: bool) -> int:
    """The number of units in the smallest stratum: what the certainty of a score rests on."""
    return min(len(stratum) for stratum in units.strata(within_labels))


def resampled(
    units: Units, prepared: Sequence[Weighted], *, within_labels: bool, seed: int, draws: int
) -> tuple[Floats, ...]:
    """The scores of each prepared metric over the same draws, each (draws,)."""
    rows = units.of_row
    plain = len(rows) == units.count and bool((rows == np.arange(units.count)).all())
    parts: list[list[Floats]] = [[] for _ in prepared]
    if prepared:
        for weights in unit_weights(units, within_labels=within_labels, seed=seed, draws=draws):
            of_rows = weights if plain else weights[:, rows]
            for part, weighted in zip(parts, prepared, strict=True):
                part.append(weighted(of_rows))
    return tuple(np.concatenate(part) for part in parts)


def unit_weights(units: Units, *, within_labels: bool, seed: int, draws: int) -> Iterator[Floats]:
    """How often each unit is drawn, in chunks (d, count) that add up to `draws` draws."""
    random = np.random.default_rng([seed, int(within_labels)])
    strata = units.strata(within_labels)
    at_once = max(1, CELLS_AT_ONCE // max(units.count, len(units.of_row)))
    for start in range(0, draws, at_once):
        amount = min(at_once, draws - start)
        weights = np.empty((amount, units.count))
        for stratum in strata:
            size = len(stratum)
            picks = random.integers(0, size, size=(amount, size)) + size * np.arange(amount)[:, None]
            weights[:, stratum] = np.bincount(picks.ravel(), minlength=amount * size).reshape(amount, size)
        yield weights


def around(value: float, drawn: Floats, metric: Metric, units: int) -> Interval:
    """The 95 % interval around a value whose draws are known, resting on `units` independent units."""
    drawn = drawn[np.isfinite(drawn)]
    if units < 2 or len(drawn) < 20:
        return Interval(value, *_clipped(-math.inf, math.inf, metric))
    error = float(drawn.std(ddof=1)) * math.sqrt(units / (units - 1))
    at_bound = value in (metric.low, metric.high)
    if at_bound and metric.low is not None and metric.high is not None:
        reach = (metric.high - metric.low) * (1 - ((1 - LEVEL) / 2) ** (1 / units))
        return Interval(value, *((metric.low, value + reach) if value == metric.low else (value - reach, metric.high)))
    reach = quantile_t(units - 1) * error
    if at_bound or error == 0:
        return Interval(value, *_clipped(value - reach, value + reach, metric))
    low, high = _on_free_scale(value, reach, metric)
    if metric.lifted:
        low = _lowered(value - 2 * max(0.0, float(drawn.mean()) - value), reach, metric)
    return Interval(value, low, high)


def finite(bound: float) -> float | None:
    """The bound itself, None when there is none."""
    return bound if math.isfinite(bound) else None


def quantile_t(freedom: int) -> float:
    """The 97.5 % quantile of Student's t (Cornish–Fisher, exact up to 4 degrees of freedom)."""
    z, n = NormalDist().inv_cdf((1 + LEVEL) / 2), max(freedom, 1)
    if n <= 4:
        return (12.706, 4.303, 3.182, 2.776)[n - 1]
    return z + (z**3 + z) / (4 * n) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)


def _on_free_scale(value: float, reach: float, metric: Metric) -> tuple[float, float]:
    """Value ± reach, carried (delta method) to a scale without bounds and back."""
    low, high = metric.low, metric.high
    if low is not None and high is not None:
        share = (value - low) / (high - low)
        centre, half = math.log(share / (1 - share)), reach / ((high - low) * share * (1 - share))
        ends = (_logistic(centre - half), _logistic(centre + half))
        return low + (high - low) * ends[0], low + (high - low) * ends[1]
    if low is not None:
        factor = math.exp(min(reach / (value - low), 700.0))
        return low + (value - low) / factor, low + (value - low) * factor
    if high is not None:
        factor = math.exp(min(reach / (high - value), 700.0))
        return high - (high - value) * factor, high - (high - value) / factor
    return value - reach, value + reach


def _lowered(centre: float, reach: float, metric: Metric) -> float:
    """The low end around a centre below the value, the lower one of the straight and the free scale."""
    straight = _clipped(centre - reach, math.inf, metric)[0]
    inside = metric.low is None or centre > metric.low
    return min(straight, _on_free_scale(centre, reach, metric)[0]) if inside else straight


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(max(x, -700.0)) / (1 + math.exp(max(x, -700.0)))


def _clipped(low: float, high: float, metric: Metric) -> tuple[float, float]:
    return (
        low if metric.low is None else max(low, metric.low),
        high if metric.high is None else min(high, metric.high),
    )
