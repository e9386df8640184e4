"""Value: what a row gains on average by the costs that were agreed."""

from __future__ import annotations

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.metrics.metric import Metric, Weighted, is_positive, mean_of
from mlcore.evaluation.predictions import Predictions


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    costs = predictions.costs
    if costs is None:
        raise UserError(
            "The value of answers needs their costs",
            remedy="Say what a right and a false yes, a missed yes and a right no gain or cost.",
        )
    positive, yes = is_positive(predictions), predictions.score >= costs.threshold
    gains = np.where(yes, np.where(positive, costs.tp, costs.fp), np.where(positive, costs.fn, costs.tn))
    return mean_of(np.asarray(gains, dtype=np.float64))


METRIC = Metric(
    key="value",
    title="What a row is worth by your costs",
    term="value",
    tasks=("binary",),
    higher_is_better=True,
    low=None,
    high=None,
    help="The mean gain of a row when it says yes from the probability that pays by the costs of right and wrong "
    "answers; costs count below 0. The probability follows from the costs alone.",
    measure=_measure,
    unit="gain",
    over_rows=True,
    optional=True,
)
