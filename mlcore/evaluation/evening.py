"""Another threshold for each group, so that a criterion is alike: what it would take, and what it would cost.

Off unless a person decides it: treating people of different groups by different rules is unlawful in many places even
where it narrows a gap. Thresholds are chosen without chance (Hardt, Price and Srebro 2016 randomise; a person could not
be told why). What is said to come of them is measured on rows that did not choose them: each half of the rows with the
thresholds of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.cuts import Cut
from mlcore.evaluation.draws import distinct, ids_of
from mlcore.evaluation.evaluate import row_weights
from mlcore.evaluation.fairness import LEAST, LEAST_OF_A_KIND
from mlcore.evaluation.metrics.metric import truth_of
from mlcore.evaluation.predictions import Floats, Predictions

Alike = Literal["called_yes", "found"]
"""Which criterion is to be alike: the share called yes, or the share of yes cases found."""

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What comes of thresholds, per 1,000 rows: called yes, of these right, and yes cases missed.

    `gap` is the largest difference between groups in the criterion, `value` what 1,000 rows are worth by the costs.
    """

    gap: float
    accuracy: float
    called: float
    right: float
    missed: float
    value: float | None = None


@dataclass(frozen=True, kw_only=True)
class Evened:
    """Thresholds by group, and what happens with one for all (`before`) and with these (`after`), on `n` rows.

    Groups that are too small keep the common threshold and are in `kept`.
    """

    column: str
    alike: Alike
    threshold: float
    thresholds: Mapping[str, float]
    kept: tuple[str, ...]
    n: int
    before: Outcome
    after: Outcome


def evened(
    predictions: Predictions, cut: Cut, alike: Alike, *, threshold: float | None = None, seed: int = 0
) -> Evened:
    """Thresholds that make the criterion in each group what it is over all rows now.

    `UserError` for another task than yes or no, and where fewer than two groups are large enough.
    """
    if predictions.task != "binary":
        raise UserError("Only a yes-or-no model has thresholds", remedy="For other tasks, look at the errors by group.")
    common = 0.5 if threshold is None else threshold
    able = _able(predictions, cut, alike)
    if len(able) < 2:
        raise UserError(
            "Fewer than two groups are large enough for a threshold of their own",
            remedy=f"Each needs {LEAST} rows, and {LEAST_OF_A_KIND} yes cases among them.",
        )
    everyone = np.ones(len(predictions), dtype=bool)
    chosen = _thresholds(predictions, cut, able, alike, common, everyone)
    yes_after = np.zeros(len(predictions), dtype=bool)
    for half in _halves(predictions, seed):
        by_other = _thresholds(predictions, cut, able, alike, common, ~half)
        yes_after[half] = _says(predictions, cut, by_other, common)[half]
    kept = [label for place, label in enumerate(cut.labels) if place not in able and (cut.codes == place).any()]
    return Evened(
        column=cut.column, alike=alike, threshold=common, kept=tuple(kept), n=len(distinct(predictions.rows)),
        thresholds={cut.labels[place]: value for place, value in chosen.items()},
        before=_outcome(predictions, cut, able, alike, predictions.score >= common),
        after=_outcome(predictions, cut, able, alike, yes_after),
    )  # fmt: skip


def sentences(made: Evened) -> tuple[str, ...]:
    """What the thresholds would change, and at what cost."""
    before, after = made.before, made.after
    what = "the share called yes" if made.alike == "called_yes" else "the share of yes cases found"
    first = (
        f"With a threshold for each group the largest difference in {what} goes from {100 * before.gap:.1f} to "
        f"{100 * after.gap:.1f} points."
    )
    price = (
        f"Per 1,000 rows it calls {after.called:,.0f} yes instead of {before.called:,.0f}, misses {after.missed:,.0f} "
        f"yes cases instead of {before.missed:,.0f}, and is right in {100 * after.accuracy:.1f} % instead of "
        f"{100 * before.accuracy:.1f} % of rows."
    )
    worth = ""
    if before.value is not None and after.value is not None:
        worth = f" By the costs you gave, 1,000 rows are worth {after.value:,.0f} instead of {before.value:,.0f}."
    return first, price + worth


def _able(predictions: Predictions, cut: Cut, alike: Alike) -> list[int]:
    """The groups that are a value of the column, with rows enough for a threshold of their own."""
    happened = truth_of(predictions) == predictions.positive_index
    found = []
    for place in range(cut.own):
        here = cut.codes == place
        yes = len(distinct(predictions.rows[here & happened]))
        if len(distinct(ids_of(predictions)[here])) >= LEAST and (alike == "called_yes" or yes >= LEAST_OF_A_KIND):
            found.append(place)
    return found


def _halves(predictions: Predictions, seed: int) -> tuple[Mask, Mask]:
    ids = ids_of(predictions)
    every = distinct(ids)
    first = np.zeros(len(every), dtype=bool)
    first[np.random.default_rng([seed, 5]).permutation(len(every))[: len(every) // 2]] = True
    inside = first[np.searchsorted(every, ids)]
    return inside, ~inside


def _thresholds(
    predictions: Predictions, cut: Cut, able: list[int], alike: Alike, common: float, chosen: Mask
) -> dict[int, float]:
    """For each able group the threshold at which its share is that of all these rows at the common one."""
    counted = chosen if alike == "called_yes" else chosen & (truth_of(predictions) == predictions.positive_index)
    weights = row_weights(predictions)
    share = float(np.average(predictions.score[counted] >= common, weights=weights[counted]))
    groups = {place: counted & (cut.codes == place) for place in able}
    return {
        place: _cutting(predictions.score[here], weights[here], share) if here.any() else common
        for place, here in groups.items()
    }


def _cutting(score: Floats, weights: Floats, share: float) -> float:
    """The score from which on this share of rows lies, half-way to the next."""
    order = np.argsort(-score, kind="stable")
    ranked, cumulated = score[order], np.cumsum(weights[order]) / weights.sum()
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    nearest = int(np.argmin(np.abs(np.concatenate([[0.0], cumulated[ends]]) - share)))
    if nearest == 0:
        return float(ranked[0]) + 1e-4
    last = ends[nearest - 1]
    return float(ranked[last]) if last + 1 == len(ranked) else float(ranked[last] + ranked[last + 1]) / 2


def _says(predictions: Predictions, cut: Cut, thresholds: Mapping[int, float], common: float) -> Mask:
    own = np.full(len(predictions), common)
    for place, value in thresholds.items():
        own[cut.codes == place] = value
    return np.asarray(predictions.score >= own)


def _outcome(predictions: Predictions, cut: Cut, able: list[int], alike: Alike, yes: Mask) -> Outcome:
    happened = truth_of(predictions) == predictions.positive_index
    weights = row_weights(predictions)
    n = weights.sum()

    def amount(mask: Mask) -> float:
        return 1000 * float(weights[mask].sum() / n)

    counted = np.ones(len(yes), dtype=bool) if alike == "called_yes" else happened
    shares = [_share(yes, counted & (cut.codes == place), weights) for place in able]
    costs = predictions.costs
    cells = (yes & happened, yes & ~happened, ~yes & happened, ~yes & ~happened)
    worth = None if costs is None else sum(
        amount(cell) * each for cell, each in zip(cells, (costs.tp, costs.fp, costs.fn, costs.tn), strict=True)
    )  # fmt: skip
    return Outcome(
        gap=max(shares) - min(shares), accuracy=amount(yes == happened) / 1000, called=amount(yes),
        right=amount(cells[0]), missed=amount(cells[2]), value=worth,
    )  # fmt: skip


def _share(yes: Mask, here: Mask, weights: Floats) -> float:
    return float(np.average(yes[here], weights=weights[here])) if here.any() else 0.0
