"""Log loss: how wrong the probabilities are, confident mistakes counting most."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.metric import Metric, Weighted, mean_of, truth_of
from mlcore.evaluation.predictions import Predictions

SMALLEST = float(np.finfo(np.float64).eps)


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    index = truth_of(predictions).astype(np.int64)
    told = predictions.values[np.arange(len(predictions)), index]
    return mean_of(-np.log(np.clip(told, SMALLEST, 1 - SMALLEST)))


METRIC = Metric(
    key="log_loss",
    title="How wrong the probabilities are",
    term="log loss",
    tasks=("binary", "multiclass"),
    higher_is_better=False,
    low=0.0,
    high=None,
    help="Punishes probabilities that are far from what happened, confident mistakes most. 0 is best; lower is better.",
    measure=_measure,
)
