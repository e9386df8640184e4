"""Intervals around predicted numbers and sets of labels that hold the truth in a share of cases that was asked for.

Calibrated on out-of-fold answers: the margins of an interval are quantiles of what the fold models were wrong by, put
around the final model (cross-validation residuals as in Barber, Candès, Ramdas and Tibshirani, "Predictive inference
with the jackknife+", 2021; without its worst-case guarantee, as the models of the folds are not kept), plain or in
units of a spread that grows with the prediction (normalised residuals: Lei et al., "Distribution-free predictive
inference for regression", 2018; Romano, Patterson and Candès 2019 give the same reason for widths that vary). Sets of
labels: Sadinle, Lei and Wasserman 2019 (LAC); Romano, Sesia and Candès 2020 (APS, without randomisation).

Coverage is measured by calibrating on all folds but one and counting in that one, so that no case counts that helped.
It holds on average over cases like these, not for every kind of case: that is why it is counted by segment too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.data.amounts import compact
from mlcore.data.schema import Column
from mlcore.errors import UserError
from mlcore.evaluation.binning import tenths, wilson
from mlcore.evaluation.cases import Cases
from mlcore.evaluation.cuts import cut
from mlcore.evaluation.policy import Interval, Lean, Sets
from mlcore.evaluation.predictions import Floats, Integers

Mask = NDArray[np.bool_]
Way = Literal["even", "growing"]

FEWEST = 20
KNOTS, IN_A_KNOT = 10, 60
SMALLEST = 30
"""Cases of a segment, below which nothing is said about it."""

FLOOR = 0.1
"""The least spread at a prediction, as a share of the average one."""


@dataclass(frozen=True, kw_only=True)
class Covered:
    """How many of `n` cases a segment has were covered: `share`, with its 95 % interval; `width` on average."""

    segment: str
    n: float
    share: float
    low: float
    high: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How often intervals or sets held the truth: over all cases, and by segment."""

    asked: float
    whole: Covered
    segments: tuple[Covered, ...] = ()


def quantile(values: Floats, weights: Floats, share: float) -> float:
    """The smallest value that at least this share of the weight does not exceed; the largest when none does."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) >= share * float(weights.sum()) * (1 - 1e-12)
    return float(values[order][int(reached.argmax()) if reached.any() else len(values) - 1])


def tails(wrong: Floats, weights: Floats, coverage: float, units: float) -> tuple[float, float]:
    """What to add at the low and the high end, each tail for itself, with the correction for few units."""
    share = min(1.0, (1 + coverage) / 2 * (units + 1) / units)
    return -quantile(-wrong, weights, share), quantile(wrong, weights, share)


def spread_of(values: Floats, wrong: Floats, weights: Floats) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Knots of predicted numbers and the mean size of the error at each; none where there are too few cases."""
    parts = tenths(values, min(KNOTS, len(values) // IN_A_KNOT)) if len(values) >= 2 * IN_A_KNOT else ()
    if len(parts) < 2:
        return (), ()
    size = np.abs(wrong)
    least = FLOOR * float(np.average(size, weights=weights))
    if least == 0.0:
        return (), ()
    knots = [float(np.average(values[part], weights=weights[part])) for part in parts]
    spread = [max(least, float(np.average(size[part], weights=weights[part]))) for part in parts]
    return tuple(knots), tuple(spread)


def interval_for(cases: Cases, coverage: float, way: Way = "even") -> Interval:
    """The interval that holds the truth in this share of cases; `UserError` where there are too few to tell."""
    _needs(cases, (1 - coverage) / 2)
    return _interval(cases, np.arange(len(cases)), coverage, way)


def _interval(cases: Cases, rows: Integers, coverage: float, way: Way) -> Interval:
    values, wrong, weights = _errors(cases, rows)
    knots, spread = spread_of(values, wrong, weights) if way == "growing" else ((), ())
    unit = _spread(knots, spread, values)
    low, high = tails(wrong / unit, weights, coverage, _units(cases, rows))
    return Interval(coverage=coverage, low=min(low, 0.0), high=max(high, 0.0), knots=knots, spread=spread)


def better_way(cases: Cases, coverage: float) -> Way:
    """The way whose intervals are worth more on folds they were not calibrated on, by the interval score of Gneiting
    and Raftery (2007): narrow, and seldom missed by much."""
    scores: dict[Way, float] = {}
    for way in ("even", "growing"):
        low, high = bounds(cases, coverage, way)
        truth = np.asarray(cases.predictions.truth, dtype=np.float64)
        missed = np.maximum(low - truth, 0.0) + np.maximum(truth - high, 0.0)
        scores[way] = float(np.average(high - low + 2 / (1 - coverage) * missed, weights=cases.weights))
    return "growing" if scores["growing"] < 0.99 * scores["even"] else "even"


def bounds(cases: Cases, coverage: float, way: Way) -> tuple[Floats, Floats]:
    """Both ends for every case, calibrated on the other folds."""
    values = cases.predictions.values
    low, high = np.empty(len(cases)), np.empty(len(cases))
    for inside, outside in _left_out(cases):
        made = _interval(cases, outside, coverage, way)
        unit = _spread(made.knots, made.spread, values[inside])
        low[inside], high[inside] = values[inside] + made.low * unit, values[inside] + made.high * unit
    return low, high


def coverage_of_intervals(
    cases: Cases, coverage: float, way: Way = "even", segments: pd.Series | None = None
) -> Coverage:
    """How often the intervals held the truth, by tenths of the prediction or by the values of a column."""
    _needs(cases, (1 - coverage) / 2)
    low, high = bounds(cases, coverage, way)
    truth = np.asarray(cases.predictions.truth, dtype=np.float64)
    parts = _by_value(cases.predictions.values) if segments is None else _by_column(segments)
    return _counted(cases, coverage, (low <= truth) & (truth <= high), high - low, parts)


def lean_for(cases: Cases, under: float, over: float, way: Way = "even") -> Lean:
    """The number to act on when too little costs `under` a unit and too much `over`."""
    _needs(cases)
    if not all(math.isfinite(cost) and cost > 0 for cost in (under, over)):
        raise UserError("What too little and too much cost must both be above 0", remedy="Give what one unit costs.")
    return _lean(cases, np.arange(len(cases)), under, over, way)


def _lean(cases: Cases, rows: Integers, under: float, over: float, way: Way) -> Lean:
    values, wrong, weights = _errors(cases, rows)
    knots, spread = spread_of(values, wrong, weights) if way == "growing" else ((), ())
    shift = quantile(wrong / _spread(knots, spread, values), weights, under / (under + over))
    return Lean(under=under, over=over, shift=shift, knots=knots, spread=spread)


def costs_of_leaning(cases: Cases, under: float, over: float, way: Way = "even") -> tuple[Floats, Floats]:
    """What each case costs when the prediction is acted on, and when the leaning number is (of the other folds)."""
    said = cases.predictions
    values, truth = said.values, np.asarray(said.truth, dtype=np.float64)
    acted = np.empty(len(cases))
    for inside, outside in _left_out(cases):
        made = _lean(cases, outside, under, over, way)
        acted[inside] = values[inside] + made.shift * _spread(made.knots, made.spread, values[inside])

    def cost(numbers: Floats) -> Floats:
        return np.asarray(under * np.maximum(truth - numbers, 0.0) + over * np.maximum(numbers - truth, 0.0))

    return cost(values), cost(acted)


def sets_for(cases: Cases, coverage: float, method: Literal["lac", "aps"], score: Score) -> Sets:
    """The sets of labels that hold the truth in this share of cases; `score` is that of `method`."""
    _needs(cases, 1 - coverage)
    return _sets(cases, np.arange(len(cases)), coverage, method, score)


Score = Callable[[Floats], Floats]
"""From probabilities (n, k) to what counts against each label, (n, k): it is in the set up to a certain value."""

AGAINST: dict[str, Callable[[float], float]] = {"lac": lambda cut: 1.0 - cut, "aps": lambda cut: cut}
"""Between the cut of a set and what may count against a label, one way as the other."""

_HAIR = {"lac": -1e-12, "aps": 1e-12}  # so that rounding keeps no label out that the cut was made by


def _sets(cases: Cases, rows: Integers, coverage: float, method: Literal["lac", "aps"], score: Score) -> Sets:
    said = cases.predictions
    against = score(said.values[rows])[np.arange(len(rows)), np.asarray(said.truth)[rows].astype(np.int64)]
    units = _units(cases, rows)
    most = quantile(against, cases.weights[rows], min(1.0, coverage * (units + 1) / units))
    return Sets(coverage=coverage, method=method, cut=float(AGAINST[method](most)) + _HAIR[method])


def members_of(cases: Cases, coverage: float, method: Literal["lac", "aps"], score: Score) -> Mask:
    """Which labels the set of every case holds, (n, k), calibrated on the other folds; the likeliest always is."""
    values = cases.predictions.values
    inside_set = np.zeros(values.shape, dtype=bool)
    for inside, outside in _left_out(cases):
        made = _sets(cases, outside, coverage, method, score)
        inside_set[inside] = score(values[inside]) <= AGAINST[method](made.cut)
    inside_set[np.arange(len(values)), values.argmax(axis=1)] = True
    return inside_set


def coverage_of_sets(cases: Cases, coverage: float, members: Mask, segments: pd.Series | None = None) -> Coverage:
    """How often sets held the true label, by label or by the values of a column."""
    said = cases.predictions
    truth = np.asarray(said.truth).astype(np.int64)
    names = np.asarray(said.labels, dtype=object)[truth]
    parts = _by_column(pd.Series(names) if segments is None else segments)
    hit = members[np.arange(len(truth)), truth]
    return _counted(cases, coverage, hit, members.sum(axis=1).astype(np.float64), parts)


def _needs(cases: Cases, tail: float = 1.0) -> None:
    """`UserError` where the largest error of all would be too small a margin to leave out no more than this share.

    Of n exchangeable cases and a new one each is the largest as often: that share is 1 / (n + 1).
    """
    least = max(FEWEST, math.ceil(1 / tail - 1 - 1e-9))
    if cases.n < least:
        remedy = f"Bring {least} or more{', or ask for a smaller share of cases' if least > FEWEST else ''}."
        raise UserError(f"{cases.n} rows are too few to say how often an interval holds the truth", remedy=remedy)


def _errors(cases: Cases, rows: Integers) -> tuple[Floats, Floats, Floats]:
    said = cases.predictions
    values = np.asarray(said.values[rows], dtype=np.float64)
    return values, np.asarray(said.truth, dtype=np.float64)[rows] - values, cases.weights[rows]


def _units(cases: Cases, rows: Integers) -> float:
    """How many independent units these rows are."""
    return float(max(1, len(np.unique(cases.units.of_row[rows]))))


def _spread(knots: Sequence[float], spread: Sequence[float], values: Floats) -> Floats:
    return np.asarray(np.interp(values, knots, spread)) if knots else np.ones(len(values))


def _left_out(cases: Cases) -> list[tuple[Integers, Integers]]:
    """For each fold its rows and those of the others; of one fold two halves by unit. No unit is on both sides."""
    units = cases.units.of_row
    part = np.zeros(cases.units.count, dtype=np.int64)
    part[units[::-1]] = cases.fold[::-1]  # a unit that was predicted several times belongs where it was first
    if len(np.unique(part)) < 2:
        part = np.arange(cases.units.count) % 2
    of_row = part[units]
    return [(np.flatnonzero(of_row == one), np.flatnonzero(of_row != one)) for one in np.unique(part)]


Parts = list[tuple[str, Integers]]


def _by_value(values: Floats) -> Parts:
    return [
        (f"{compact(float(values[part].min()))} to {compact(float(values[part].max()))}", part)
        for part in tenths(values, 5)
    ]


def _by_column(column: pd.Series) -> Parts:
    """Numbers in ranges, dates in periods, other columns by their commonest values; empty cells for themselves."""
    made = cut(column, Column(name=str(column.name), kind="numeric", storage="float"), least=SMALLEST)
    return [(label, np.flatnonzero(made.codes == place)) for place, label in enumerate(made.labels)]


def _counted(cases: Cases, asked: float, hit: Mask, width: Floats, parts: Parts) -> Coverage:
    every = _segment("All cases", cases, np.arange(len(cases)), hit, width)
    found = [_segment(name, cases, rows, hit, width) for name, rows in parts if len(rows)]
    return Coverage(asked=asked, whole=every, segments=tuple(one for one in found if one.n >= SMALLEST))


def _segment(name: str, cases: Cases, rows: Integers, hit: Mask, width: Floats) -> Covered:
    weights = cases.weights[rows]
    n = float(len(np.unique(cases.predictions.rows[rows])))
    share = float(np.average(hit[rows], weights=weights))
    low, high = wilson(share, max(1.0, _units(cases, rows)))
    return Covered(
        segment=name, n=n, share=share, low=low, high=high, width=float(np.average(width[rows], weights=weights))
    )
