"""Does a model treat groups of people alike? Four criteria for yes or no, errors by group for the other tasks.

Demographic parity, equal opportunity and predictive parity as Fairlearn measures them (Bird et al. 2020), calibration
as what happened less what was said (Chouldechova 2017: where groups differ in how often the outcome happens, not all of
these can hold at once). Intervals by the bootstrap over groups of rows or rows (Poisson weights). The gap between the
highest and the lowest group has an interval that holds for all pairs of groups together (Bonferroni). Groups that are
too small get no number and are left out of the gap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from mlcore.errors import UserError
from mlcore.evaluation.binning import binned
from mlcore.evaluation.cuts import Cut, crossed
from mlcore.evaluation.draws import distinct, ids_of
from mlcore.evaluation.evaluate import row_weights
from mlcore.evaluation.evaluation import Bin
from mlcore.evaluation.intervals import Interval, apart, around, quantile_t
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.metrics.metric import checked, is_positive
from mlcore.evaluation.predictions import Floats, Integers, Measured, Predictions, Task
from mlcore.evaluation.ratios import drawn_of, least_errors, ratios_of, resting_of, values_of
from mlcore.records import added

LEAST = 50
"""Rows, or groups of rows, that a group of people must have."""

LEAST_OF_A_KIND = 20
"""Rows that a share must rest on: yes cases, or cases called yes."""

MOST_GROUPS = 12
MOST_PARTS = 10  # of what is said in a group
DRAWS = 400

Outcome = Literal["differs", "no difference shown", "too few to say"]


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One way to be fair. `term` is the field's name, `asks` what must be alike; a `share` lies in 0-1.

    `around_zero`: 0 is best in each group, beside being alike.
    """

    key: str
    term: str
    asks: str
    share: bool = True
    around_zero: bool = False


CRITERIA: Mapping[Task, tuple[Criterion, ...]] = {
    "binary": (
        Criterion(key="called_yes", term="demographic parity", asks="the share called yes"),
        Criterion(key="found", term="equal opportunity", asks="the share of yes cases that is found"),
        Criterion(key="right", term="predictive parity", asks="how often it is right when it says yes"),
        Criterion(key="calibration", term="calibration by group", asks="what happened less what was said", share=False,
                  around_zero=True),
    ),
    "multiclass": (
        Criterion(key="right", term="accuracy by group", asks="the share of right answers"),
        Criterion(key="given", term="probability given to the truth", asks="the probability given to the true label"),
    ),
    "regression": (
        Criterion(key="lean", term="mean error", asks="prediction less truth, on average", share=False,
                  around_zero=True),
        Criterion(key="error", term="mean absolute error", asks="the mean distance from the truth", share=False),
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class GroupValue:
    """A criterion in one group, resting on `n` rows; None, and `why` in a sentence, where these are too few."""

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Aspect:
    """A criterion in every group, in the order of `Fairness.groups`.

    `gap` is the difference between the groups `highest` and `lowest`, with an interval that holds for all pairs;
    `ratio` the lowest as a share of the highest (shares only). None where fewer than two groups are large enough.
    """

    key: str
    values: tuple[GroupValue, ...]
    gap: float | None = None
    low: float | None = None
    high: float | None = None
    ratio: float | None = None
    highest: str = ""
    lowest: str = ""
    outcome: Outcome = "too few to say"


@dataclass(frozen=True, kw_only=True)
class Group:
    """One group and its rows."""

    label: str
    n: int


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """How a model treats the groups of one or two columns; `threshold` is the probability from which it says yes.

    `calibration` has of each group what was said against what happened, none where the group is too small; for yes or
    no only.
    """

    columns: tuple[str, ...]
    task: Task
    n: int
    measured: Measured
    groups: tuple[Group, ...]
    aspects: tuple[Aspect, ...]
    positive: str = ""
    threshold: float | None = None
    least: int = LEAST
    calibration: tuple[tuple[Bin, ...], ...] = added(())

    def __getitem__(self, key: str) -> Aspect:
        for aspect in self.aspects:
            if aspect.key == key:
                return aspect
        raise KeyError(key)


def fairness(
    predictions: Predictions,
    cuts: Sequence[Cut],
    *,
    threshold: float | None = None,
    least: int = LEAST,
    seed: int = 0,
    draws: int = DRAWS,
) -> Fairness:
    """The criteria of the task by the parts of one or two columns, whose cuts are aligned with the predictions.

    `UserError` when there is one group only, or more than twelve.
    """
    checked(predictions)
    cut = 0.5 if threshold is None else threshold
    labels, codes = _groups(cuts)
    ratios = ratios_of(predictions, cut)
    sizes = [len(distinct(predictions.rows[codes == place])) for place in range(len(labels))]
    values = values_of(predictions, ratios, codes, len(labels), cut)
    drawn, units = drawn_of(predictions, ratios, codes, len(labels), seed, draws)
    criteria, unsure = CRITERIA[predictions.task], least_errors(predictions, ratios, codes, len(labels))
    aspects = [
        _aspect(
            one, labels, values[at], drawn[at], unsure[at], resting_of(predictions, ratios, codes, at, units), least
        )
        for at, one in enumerate(criteria)
    ]
    return Fairness(
        columns=tuple(one.column for one in cuts),
        task=predictions.task,
        n=len(distinct(predictions.rows)),
        measured=predictions.measured,
        groups=tuple(Group(label=label, n=n) for label, n in zip(labels, sizes, strict=True)),
        aspects=tuple(aspects),
        positive=predictions.labels[predictions.positive_index] if predictions.task == "binary" else "",
        threshold=cut if predictions.task == "binary" else None,
        least=least,
        calibration=_calibration(predictions, codes, len(labels), least),
    )


def criterion(task: Task, key: str) -> Criterion:
    """The criterion of a task by its key."""
    return next(one for one in CRITERIA[task] if one.key == key)


def frame_of(made: Fairness) -> pd.DataFrame:
    """Every criterion in every group as a table that a person can read."""
    rows = [
        {
            "criterion": criterion(made.task, aspect.key).term, "group": group.label, "rows": group.n,
            "resting on": value.n, "value": value.value, "from": value.low, "to": value.high, "note": value.why,
        }
        for aspect in made.aspects
        for group, value in zip(made.groups, aspect.values, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _groups(cuts: Sequence[Cut]) -> tuple[tuple[str, ...], Integers]:
    if len(cuts) == 1:
        used = np.unique(cuts[0].codes)
        labels, codes = tuple(cuts[0].labels[place] for place in used), np.searchsorted(used, cuts[0].codes)
    else:
        pairs, codes = crossed(cuts[0], cuts[1])
        labels = tuple(" · ".join(pair) for pair in pairs)
    named = " and ".join(repr(one.column) for one in cuts)
    if len(labels) < 2:
        raise UserError(f"Every row has the same {named}, so there is nothing to compare", remedy="Choose another.")
    if len(labels) > MOST_GROUPS:
        raise UserError(
            f"{named} makes {len(labels)} groups, more than can be compared ({MOST_GROUPS})",
            remedy="Choose one column, or one with fewer values.",
        )
    return labels, np.asarray(codes, dtype=np.int64)


def _calibration(predictions: Predictions, codes: Integers, groups: int, least: int) -> tuple[tuple[Bin, ...], ...]:
    """Each group in up to ten parts of at least about `least` units, by what was said; `n` counts units."""
    if predictions.task != "binary":
        return ()
    happened, weights = is_positive(predictions).astype(np.float64), row_weights(predictions)
    unit, found = ids_of(predictions), list[tuple[Bin, ...]]()
    for place in range(groups):
        here = codes == place
        units = len(np.unique(unit[here]))
        parts, counted = min(MOST_PARTS, units // least), weights[here] * units / weights[here].sum()
        found.append(binned(predictions.score[here], happened[here], counted, bins=parts) if parts else ())
    return tuple(found)


def _aspect(
    one: Criterion,
    labels: tuple[str, ...],
    values: Floats,
    drawn: Floats,
    unsure: Floats,
    resting: list[tuple[int, int]],
    least: int,
) -> Aspect:
    told = [_told(one, values[at], drawn[at], unsure[at], *resting[at], least) for at in range(len(labels))]
    made = Aspect(key=one.key, values=tuple(told))
    able = [at for at, value in enumerate(told) if value.value is not None]
    if len(able) < 2:
        return made
    return _gap(made, one, [labels[at] for at in able], [told[at] for at in able], drawn[able])


def _told(one: Criterion, value: float, drawn: Floats, unsure: float, n: int, units: int, least: int) -> GroupValue:
    if units < least:
        return GroupValue(n=n, why=f"{units:,} in this group: too few to say anything, {least} are needed.")
    if n < min(LEAST_OF_A_KIND, least):
        what = {"found": "yes cases", "right": "cases called yes"}.get(one.key, "rows")
        return GroupValue(
            n=n, why=f"{n:,} {what} in this group: too few to say anything, {LEAST_OF_A_KIND} are needed."
        )
    if one.share:
        found = around(value, drawn, METRICS["accuracy"], min(n, units))
        return GroupValue(n=n, value=value, low=found.low, high=found.high)
    reach = quantile_t(min(n, units) - 1) * max(unsure, float(np.nanstd(drawn, ddof=1)))
    low = value - reach if one.around_zero else max(0.0, value - reach)
    return GroupValue(n=n, value=value, low=low, high=value + reach)


def _gap(made: Aspect, one: Criterion, labels: Sequence[str], values: Sequence[GroupValue], drawn: Floats) -> Aspect:
    """The largest difference between two groups, with an interval for all pairs together."""
    known = [value.value or 0.0 for value in values]
    high, low = int(np.argmax(known)), int(np.argmin(known))
    kept = drawn[:, np.isfinite(drawn).all(axis=0)]
    if kept.shape[1] < 20:
        return made
    pairs, freedom = len(values) * (len(values) - 1) // 2, min(value.n for value in values) - 1
    wider = quantile_t(freedom, pairs) / quantile_t(freedom)
    ends = _widened(values[high], wider), _widened(values[low], wider)
    found = apart(*ends, _correlation(kept[high], kept[low]))
    return replace(
        made, gap=found.value, low=found.low, high=found.high, highest=labels[high], lowest=labels[low],
        ratio=known[low] / known[high] if one.share and known[high] > 0 else None,
        outcome="differs" if found.low > 0 else "no difference shown",
    )  # fmt: skip


def _widened(one: GroupValue, times: float) -> Interval:
    """A criterion that is known in a group, with its interval so many times as wide."""
    value, low, high = one.value or 0.0, one.low or 0.0, one.high or 0.0
    return Interval(value, value - times * (value - low), value + times * (high - value))


def _correlation(first: Floats, other: Floats) -> float:
    """Of what two groups drew together; 0 where one never varies."""
    return float(np.corrcoef(first, other)[0, 1]) if first.std() > 0 and other.std() > 0 else 0.0
