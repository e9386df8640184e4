"""How good a model is on parts of the table: any column or pair of columns as slices, each against all other rows.

Each slice has the metric with its 95 % interval and the difference from the rest with its own; rows of one group, and
repeats of one row, are drawn together. Whether a slice differs is corrected for the number of slices (Holm 1979).
A slice that is too small, or where the metric has no meaning, gets no number but a sentence. Where a group has rows
inside and outside of a slice the two are drawn apart, which makes the difference look less sure, never surer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from mlcore.errors import UserError
from mlcore.evaluation.compare import holm
from mlcore.evaluation.cuts import Cut, crossed
from mlcore.evaluation.draws import distinct, ids_of
from mlcore.evaluation.intervals import Interval, apart, around, drawn, finite, quantile_t
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.metrics.metric import Metric, checked
from mlcore.evaluation.predictions import Integers, Measured, Predictions

LEAST = 30
"""Rows, or groups of rows, below which nothing is concluded."""

LEAST_OF_A_LABEL = 10
"""Rows of each label that a metric of labels needs in a slice."""

MOST = 40
"""Slices that are looked at; of more pairs the largest."""

CHANCE = 0.05
DRAWS = 200

Verdict = Literal["worse", "better", "no difference shown", "too few to say"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a column: a category, a range, a period, or what is missing."""

    column: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Rows of one part of a column, or of a part of two columns each.

    `value` is the metric on its `n` rows and `rest` on all other rows; `difference` is the first less the second, in
    the metric's unit. `p` is corrected for the number of slices. A bound is None when nothing bounds it. When nothing
    can be concluded the numbers are None and `why` says it in a sentence.
    """

    parts: tuple[Part, ...]
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    rest: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    p: float | None = None
    verdict: Verdict = "too few to say"
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Slices:
    """All rows by the parts of one or two columns. `metric` is a key of the catalogue; `value` is that of all rows.

    `n` counts rows, `least` those that a slice must have. `left_out` counts slices beyond the 40 largest.
    """

    columns: tuple[str, ...]
    metric: str
    n: int
    measured: Measured
    value: float
    low: float | None
    high: float | None
    slices: tuple[Slice, ...]
    least: int = LEAST
    left_out: int = 0


def slices(
    predictions: Predictions,
    cuts: Sequence[Cut],
    metric: Metric,
    *,
    threshold: float | None = None,
    least: int = LEAST,
    seed: int = 0,
    draws: int = DRAWS,
) -> Slices:
    """The metric by the parts of one or two columns, whose cuts are aligned with the predictions.

    `UserError` when the metric is not defined for all rows together, or when the column has one part only.
    """
    whole = drawn(checked(predictions), (metric,), threshold=threshold, seed=seed, draws=draws)[0]
    everywhere = around(whole.value, whole.draws, metric, whole.resting_on)
    members, left_out = _members(cuts)
    found = [_slice(predictions, parts, rows, metric, threshold, least, seed, draws) for parts, rows in members]
    return Slices(
        columns=tuple(one.column for one in cuts),
        metric=metric.key,
        n=len(distinct(predictions.rows)),
        measured=predictions.measured,
        value=everywhere.value,
        low=finite(everywhere.low),
        high=finite(everywhere.high),
        slices=_judged(found, metric),
        least=least,
        left_out=left_out,
    )


def frame_of(made: Slices, titles: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The slices as a table that a person can read."""
    return pd.DataFrame(
        {
            **{(titles or {}).get(part.column, part.column): part.label for part in one.parts},
            "rows": one.n, METRICS[made.metric].term: one.value, "from": one.low, "to": one.high,
            "in the rest": one.rest, "difference": one.difference, "difference from": one.difference_low,
            "difference to": one.difference_high, "p (corrected)": one.p, "verdict": one.verdict, "note": one.why,
        }
        for one in made.slices
    )  # fmt: skip


def _members(cuts: Sequence[Cut]) -> tuple[list[tuple[tuple[Part, ...], Integers]], int]:
    """The parts with the positions of their rows, and how many of the smallest were left out."""
    if len(cuts) == 1:
        named: list[tuple[Part, ...]] = [(Part(column=cuts[0].column, label=label),) for label in cuts[0].labels]
        codes = cuts[0].codes
    else:
        pairs, codes = crossed(cuts[0], cuts[1])
        columns = [one.column for one in cuts]
        named = [tuple(Part(column=c, label=w) for c, w in zip(columns, pair, strict=True)) for pair in pairs]
    members = [(parts, np.flatnonzero(codes == place)) for place, parts in enumerate(named)]
    members = [(parts, rows) for parts, rows in members if len(rows)]
    if len(members) < 2:
        raise UserError(
            f"Every row has the same {' and '.join(repr(one.column) for one in cuts)}, so there is nothing to compare",
            remedy="Choose another column.",
        )
    kept = {id(one) for one in sorted(members, key=lambda one: -len(one[1]))[:MOST]}
    return [one for one in members if id(one) in kept], max(0, len(members) - MOST)


def _slice(
    predictions: Predictions, parts: tuple[Part, ...], rows: Integers, metric: Metric, threshold: float | None,
    least: int, seed: int, draws: int,
) -> Slice:  # fmt: skip
    inside = predictions.take(rows)
    n = len(distinct(inside.rows))
    why = too_few(inside, metric, least)
    if why:
        return Slice(parts=parts, n=n, why=why)
    outside = np.ones(len(predictions), dtype=bool)
    outside[rows] = False
    rest = predictions.take(np.flatnonzero(outside))
    try:
        here = drawn(inside, (metric,), threshold=threshold, seed=seed, draws=draws)[0]
    except UserError as error:
        return Slice(parts=parts, n=n, why=str(error))
    around_here = around(here.value, here.draws, metric, here.resting_on)
    made = Slice(
        parts=parts, n=n, value=here.value, low=finite(around_here.low), high=finite(around_here.high),
        verdict="no difference shown",
    )  # fmt: skip
    if too_few(rest, metric, least):
        return replace(made, why="Too few rows lie outside of it to compare with.")
    there = drawn(rest, (metric,), threshold=threshold, seed=seed + 1, draws=draws)[0]
    around_there = around(there.value, there.draws, metric, there.resting_on)
    return _against(made, apart(around_here, around_there), min(here.resting_on, there.resting_on) - 1, there.value)


def too_few(inside: Predictions, metric: Metric, least: int) -> str:
    """Why nothing can be concluded from these rows, in a sentence; empty when something can."""
    units = len(distinct(ids_of(inside)))
    if units < least:
        what = "group" if inside.groups is not None else "row"
        return f"Only {units:,} {what}{'' if units == 1 else 's'}: too few to say anything, {least} are needed."
    if inside.task != "binary" or metric.over_rows:
        return ""
    yes = np.asarray(inside.truth) == inside.positive_index
    counts = [len(distinct(inside.rows[here])) for here in (yes, ~yes)]
    fewest = min(LEAST_OF_A_LABEL, least)
    if min(counts) >= fewest:
        return ""
    label = inside.labels[inside.positive_index if counts[0] < counts[1] else 1 - inside.positive_index]
    if min(counts) == 0:
        return f"No row has the outcome “{label}”: {metric.term} needs both."
    said = "1 row has" if min(counts) == 1 else f"{min(counts)} rows have"
    return f"Only {said} the outcome “{label}”: too few to say anything, {fewest} are needed."


def _against(made: Slice, difference: Interval, freedom: int, rest: float) -> Slice:
    """The slice with its difference from the rest, not yet judged; the end that is nearer to 0 gives the p-value."""
    value, low, high = difference
    if freedom < 1 or not math.isfinite(high - low):
        return replace(made, rest=rest, difference=value)
    error = (value - low if value > 0 else high - value) / quantile_t(freedom)
    return replace(
        made, rest=rest, difference=value, difference_low=low, difference_high=high, p=p_of(value, error, freedom)
    )


def p_of(difference: float, error: float, freedom: float) -> float:
    """The two-sided p-value of a difference with its standard error (Student's t, by Wallace 1959 as a normal)."""
    if error <= 1e-12 * max(1.0, abs(difference)):
        return 1.0 if abs(difference) <= 1e-12 else 0.0
    t = abs(difference) / error
    z = math.sqrt(freedom * math.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return math.erfc(z / math.sqrt(2))


def _judged(found: Sequence[Slice], metric: Metric) -> tuple[Slice, ...]:
    """The slices with p-values corrected for their number, and what follows from them."""
    able = [one for one in found if one.p is not None]
    corrected = dict(zip(map(id, able), holm([one.p or 0.0 for one in able]), strict=True))
    return tuple(_told(one, corrected[id(one)], metric) if id(one) in corrected else one for one in found)


def _told(one: Slice, p: float, metric: Metric) -> Slice:
    gain = metric.gain(one.difference or 0.0, 0.0)
    verdict: Verdict = "no difference shown" if p >= CHANCE else "worse" if gain < 0 else "better"
    return replace(one, p=p, verdict=verdict)


def aligned(values: pd.Series[Any], rows: Integers, predicted: Integers) -> pd.Series[Any]:
    """A column of some rows, given in ascending order, as the predictions of these rows need it: (m,)."""
    return values.iloc[np.searchsorted(rows, predicted)].reset_index(drop=True)
