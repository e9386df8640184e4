"""Precision: how often it is right when it says yes."""

from __future__ import annotations

from mlcore.evaluation.metrics.counting import outcomes
from mlcore.evaluation.metrics.metric import Metric, Weighted, ratio
from mlcore.evaluation.predictions import Floats, Predictions


def _measure(predictions: Predictions, threshold: float) -> Weighted:
    count = outcomes(predictions, threshold)

    def share(weights: Floats) -> Floats:
        hits, false_yes, _, _ = count(weights)
        return ratio(hits, hits + false_yes, 0.0)

    return share


METRIC = Metric(
    key="precision",
    title="How often it is right when it says yes",
    term="precision",
    tasks=("binary",),
    higher_is_better=True,
    low=0.0,
    high=1.0,
    help="Of the rows it calls positive at the threshold, the share that truly is. 0 when it never says yes.",
    measure=_measure,
    unit="share",
    uses_threshold=True,
)
