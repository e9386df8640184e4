"""Brier score: the mean squared error of the probability."""

from __future__ import annotations

from mlcore.evaluation.metrics.metric import Metric, Weighted, is_positive, mean_of
from mlcore.evaluation.predictions import Predictions


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    return mean_of((predictions.score - is_positive(predictions)) ** 2)


METRIC = Metric(
    key="brier",
    title="Squared error of the probability",
    term="Brier score",
    tasks=("binary",),
    higher_is_better=False,
    low=0.0,
    high=1.0,
    help="The mean squared distance between the probability and what happened (1 or 0). 0 is perfect; lower is better.",
    measure=_measure,
    over_rows=True,
)
