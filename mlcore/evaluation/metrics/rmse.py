"""RMSE: the typical error, large ones counting more."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.metric import Metric, Weighted, mean_of, truth_of
from mlcore.evaluation.predictions import Predictions


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    squared = mean_of((truth_of(predictions) - predictions.values) ** 2)
    return lambda weights: np.sqrt(squared(weights))


METRIC = Metric(
    key="rmse",
    title="Typical error, large ones counting more",
    term="RMSE",
    tasks=("regression",),
    higher_is_better=False,
    low=0.0,
    high=None,
    help="The root of the mean squared error, in the unit of the target. 0 is perfect; lower is better.",
    measure=_measure,
    unit="target",
)
