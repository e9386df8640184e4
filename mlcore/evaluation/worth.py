"""What yes-or-no answers are worth by their costs, with how sure that is: the draws that every decision shares.

All of it rests on out-of-fold predictions. Units that belong together are drawn together; the draws give a standard
error, and the interval is the value ± Student's t times it. Of very many rows a sample is looked at, and the interval
is as wide as that makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlcore.errors import UserError
from mlcore.evaluation.binning import Z, tenths
from mlcore.evaluation.cases import Cases
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.draws import Units, own_weights
from mlcore.evaluation.intervals import draws_for, quantile_t
from mlcore.evaluation.metrics.metric import checked, is_positive
from mlcore.evaluation.predictions import Floats

Mask = NDArray[np.bool_]

CLOSE = 0.02
"""Probabilities that differ from what happened by no more than this are believed, however sure the difference is."""


class Sure(NamedTuple):
    """A number with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> Sure:
        """In another unit; `factor` is above 0."""
        return Sure(self.value * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """Cases and draws of them. `weights` is (d + 1, m): what each prediction counts, first without any draw."""

    cases: Cases
    score: Floats
    positive: Mask
    weights: Floats

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Positions from the highest score to the lowest."""
        return np.argsort(-self.score, kind="stable")

    @cached_property
    def cuts(self) -> Floats:
        """Thresholds worth looking at, rising: whole per cents, a hundred quantiles, and one that nobody passes."""
        spread = np.quantile(self.score, np.linspace(0.0, 1.0, 101), method="nearest")
        every = np.unique(np.concatenate([np.round(np.linspace(0.0, 1.0, 101), 2), spread]))
        return np.append(every, max(1.0, float(self.score.max())) + 1e-9)

    @cached_property
    def passed(self) -> tuple[Floats, Floats, Floats]:
        """Shares of all cases, (d + 1, cuts): right yes, false yes; and (d + 1, 1): yes cases."""
        whole = self.weights.sum(axis=1, keepdims=True)
        ordered = self.score[self.order]
        places = np.searchsorted(-ordered, -self.cuts, side="right")
        hits = self._sums(self.weights * self.positive, places) / whole
        false = self._sums(self.weights * ~self.positive, places) / whole
        return hits, false, (self.weights @ self.positive)[:, None] / whole

    def _sums(self, weights: Floats, places: NDArray[np.intp]) -> Floats:
        running = np.cumsum(weights[:, self.order], axis=1, dtype=np.float64)
        return np.concatenate([np.zeros((len(running), 1)), running], axis=1)[:, places]

    def sure(self, drawn: Floats) -> Sure:
        """A number whose first element is the value itself and whose others are those of the draws."""
        units, errors = self.cases.units.count, drawn[1:][np.isfinite(drawn[1:])]
        if units < 2 or len(errors) < 20:
            return Sure(float(drawn[0]), -np.inf, np.inf)
        reach = quantile_t(units - 1) * float(errors.std(ddof=1)) * np.sqrt(units / (units - 1))
        return Sure(float(drawn[0]), float(drawn[0] - reach), float(drawn[0] + reach))

    def mean(self, values: Floats) -> Floats:
        """The mean of a number a case, (d + 1,)."""
        return np.asarray(self.weights @ values / self.weights.sum(axis=1))


def drawn(cases: Cases, *, seed: int = 0) -> Drawn:
    """The draws for yes-or-no cases; `UserError` when no decision can be found on them."""
    said = checked(cases.predictions)
    positive = is_positive(said, both="A decision rule")
    if float(said.score.max()) == float(said.score.min()):
        raise UserError(
            "The model gives every row the same probability, so no threshold tells them apart",
            remedy="Choose another model, or bring columns that say more.",
        )
    of_row = cases.units.of_row
    chunks = own_weights(cases.units, seed=seed, draws=draws_for(len(cases)))
    weights = np.concatenate([cases.weights[None, :], *(chunk[:, of_row] for chunk in chunks)])
    return Drawn(cases=cases, score=said.score, positive=positive, weights=weights)


def mean_of(cases: Cases, values: Floats, among: Mask | None = None) -> Sure:
    """The mean of a number a case; units that belong together count as one when it is said how sure it is.

    With `among` only of these cases, at least one.
    """
    weights = cases.weights if among is None else cases.weights * among
    count = cases.units.count if among is None else len(np.unique(cases.units.of_row[among]))
    mean = float(np.average(values, weights=weights))
    if count < 2:
        return Sure(mean, -np.inf, np.inf)
    off = np.bincount(cases.units.of_row, weights=weights * (values - mean), minlength=cases.units.count)
    error = np.sqrt(_spread(off.astype(np.float64), cases.units) * count / (count - 1)) / float(weights.sum())
    reach = quantile_t(count - 1) * error
    return Sure(mean, mean - reach, mean + reach)


def _spread(off: Floats, units: Units) -> float:
    """The variance of a sum over units, from what each adds, (count,): of a sample as it was taken, label by label."""
    if units.stands_for is None:
        return float((off**2).sum())
    total = 0.0
    for stratum in units.strata(within_labels=True):
        mine, rows = off[stratum], float(units.stands_for[stratum].sum())
        total += float(((mine - mine.mean()) ** 2).sum()) + float(mine.sum()) ** 2 / rows
    return total


def worth_at_cuts(made: Drawn, costs: Costs) -> Floats:
    """The mean worth of a case at every cut, (d + 1, cuts)."""
    hits, false, yes = made.passed
    return np.asarray(
        costs.tp * hits + costs.fn * (yes - hits) + costs.fp * false + costs.tn * (1.0 - yes - false), dtype=np.float64
    )


def worth_of(made: Drawn, costs: Costs, says_yes: Mask) -> Floats:
    """The mean worth of a case when these are called yes, (d + 1,)."""
    gains = np.where(says_yes, np.where(made.positive, costs.tp, costs.fp), np.where(made.positive, costs.fn, costs.tn))
    return made.mean(gains.astype(np.float64))


def believable(made: Drawn) -> bool:
    """Whether probabilities can be taken at their word: in ten groups of cases what was predicted and what happened
    agree within chance (all ten at once, Bonferroni) or within two points."""
    weights, n = made.weights[0].astype(np.float64), made.cases.units.count
    for part in tenths(made.score):
        share = float(weights[part].sum() / weights.sum())
        said = float(np.average(made.score[part], weights=weights[part]))
        happened = float(np.average(made.positive[part], weights=weights[part]))
        error = np.sqrt(max(said * (1 - said), 1e-4) / max(share * n, 1.0))
        if abs(said - happened) > max(CLOSE, Z * 1.43 * error):  # 1.96 × 1.43 = 2.81: 0.5 % in both tails
            return False
    return True
