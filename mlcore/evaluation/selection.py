"""What choosing the best of many does to its score, and what to expect on new rows instead.

Tsamardinos, Greasidou and Borboudakis, "Bootstrapping the out-of-sample predictions for efficient and accurate
cross-validation" (Machine Learning 107, 2018; BBC-CV): the choice is made again in every draw of the out-of-fold
predictions, and what was chosen is scored on the rows that the draw left out. Each such score is taken as its
difference from that of the model chosen in truth, whose mean over endless draws is known, so that a hundred draws
suffice. Of a blend the weights are chosen again, too, in some draws. Choosing on a draw is less certain than choosing
on all rows, so the correction is rather too large than too small.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mlcore.evaluation.averages import greedy
from mlcore.evaluation.draws import Sample, sample_of, unit_counts, units_of
from mlcore.evaluation.intervals import around, finite
from mlcore.evaluation.metrics.metric import Metric, Weighted
from mlcore.evaluation.paired import Paired
from mlcore.evaluation.predictions import Floats, Integers, Predictions

MOST_DRAWS = 200
BLEND_DRAWS, BLEND_UNITS, BLEND_POOL, BLEND_STEPS = 20, 1_000, 8, 8

Pick = Callable[[Floats], Integers]
"""From scores (k, d), of k models in d draws, the model that is chosen in each draw, (d,)."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What to expect on new rows after the choice among `of` models: `score`, with its 95 % interval.

    `own` is the out-of-fold score of the model `chosen`, and `flattered_by` how much better that is, never negative.
    """

    chosen: str
    of: int
    own: float
    score: float
    low: float | None
    high: float | None
    flattered_by: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Blended:
    """A blend among the models, and the single ones it could have been made of, best first."""

    key: str
    pool: Sequence[Sample]


def selection(compared: Paired, chosen: str, pick: Pick, blends: Sequence[Blended] = ()) -> Selection:
    """The score to expect of `chosen`, which `pick` chose by the models' scores."""
    metric, keys = compared.metric, list(compared.scores)
    draws = min(compared.draws, MOST_DRAWS)
    picked = pick(np.stack([compared.drawn[key][:draws] for key in keys]))
    wanted = {key: np.zeros(compared.draws, dtype=np.bool_) for key in keys}
    for place, key in enumerate(keys):
        wanted[key][:draws] = (picked == place) | (key == chosen)
    outside = compared.left_out({key: mask for key, mask in wanted.items() if mask.any()})
    taken = np.array([outside[keys[place]][draw] for draw, place in enumerate(picked)])
    lost = _worse(metric, taken, outside[chosen][:draws])
    for blend in blends:
        share = float(np.mean(picked == keys.index(blend.key)))
        lost += share * _weights_chosen_again(blend.pool, metric, compared.seed) if share else 0.0
    return _corrected(compared, chosen, max(0.0, lost), taken)


def expected(made: Selection, metric: Metric) -> str:
    """What to expect, as a sentence."""
    low, high = metric.shown(made.low), metric.shown(made.high)
    said = (
        f"After choosing among {made.of} models, expect {metric.term} of about {metric.shown(made.score)} "
        f"({low} to {high}) on new rows"
    )
    if metric.shown(made.own) == metric.shown(made.score):
        return f"{said}: the choice hardly flatters the chosen model's own score of {metric.shown(made.own)}."
    by = metric.shown(made.flattered_by)
    return f"{said}; the chosen model's own score of {metric.shown(made.own)} is flattered by {by}."


def _corrected(compared: Paired, chosen: str, lost: float, taken: Floats) -> Selection:
    """The interval has the spread of what was chosen, outside the draws: √(e - 1) times that of all rows."""
    metric, own = compared.metric, compared.scores[chosen].value
    score = own - lost if metric.higher_is_better else own + lost
    taken = taken[np.isfinite(taken)]
    drawn = score + (taken - taken.mean()) / math.sqrt(math.e - 1) if len(taken) else taken
    _, low, high = around(score, drawn, metric, compared.resting_on)
    return Selection(
        chosen=chosen,
        of=len(compared.scores),
        own=own,
        score=score,
        low=finite(low),
        high=finite(high),
        flattered_by=lost,
    )


def _worse(metric: Metric, taken: Floats, reference: Floats) -> float:
    """How much worse what was taken is on average, in the metric's unit; 0 where nothing can be said."""
    difference = reference - taken if metric.higher_is_better else taken - reference
    difference = difference[np.isfinite(difference)]
    return float(difference.mean()) if len(difference) else 0.0


def _weights_chosen_again(pool: Sequence[Sample], metric: Metric, seed: int) -> float:
    """What a blend's score loses when members and weights are chosen on other rows than it is scored on."""
    said = [sample_of(one.predictions, BLEND_UNITS) for one in pool]
    first = said[0]
    said = [one for one in said if np.array_equal(one.predictions.rows, first.predictions.rows)]
    if len(said) < 2:
        return 0.0
    parts = [one.predictions for one in said]
    units = units_of(parts[0], first.ids, _standing(pool[0], first))
    blending = _Blending(parts, metric)
    fixed = blending.chosen(units.once[0, units.of_row])
    kept, again = [], []
    for counts in unit_counts(units, within_labels=metric.within_labels, seed=seed, draws=BLEND_DRAWS):
        for drawn, left in zip(units.drawn(counts), units.left_out(counts), strict=True):
            rows = left[units.of_row][None, :]
            kept.append(float(fixed(rows)[0]))
            again.append(float(blending.chosen(drawn[units.of_row])(rows)[0]))
    return max(0.0, _worse(metric, np.array(again), np.array(kept)))


def _standing(before: Sample, now: Sample) -> Floats | None:
    """How many units each stands for, after having been sampled twice."""
    first = None if before.stands_for is None else before.stands_for[np.searchsorted(before.ids, now.ids)]
    if first is None or now.stands_for is None:
        return first if now.stands_for is None else now.stands_for
    return np.asarray(first * now.stands_for)


class _Blending:
    """Greedy blends of the same models on differently weighted rows."""

    def __init__(self, parts: Sequence[Predictions], metric: Metric) -> None:
        self._parts = parts
        self._metric = metric
        self._sign = 1.0 if metric.higher_is_better else -1.0
        self._single = [metric.weighted(part) for part in parts]

    def chosen(self, weights: Floats) -> Weighted:
        """The measure of the best average of the models that are best themselves on rows of these weights."""
        gains = np.array([self._gain(measure, weights) for measure in self._single])
        pool = [self._parts[place] for place in np.argsort(-gains, kind="stable")[:BLEND_POOL]]
        found = greedy(pool, lambda said: self._gain(self._metric.weighted(said), weights), steps=BLEND_STEPS)
        return self._metric.weighted(found.said)

    def _gain(self, measure: Weighted, weights: Floats) -> float:
        gain = self._sign * float(measure(weights[None, :])[0])
        return gain if math.isfinite(gain) else -math.inf
