"""RMSLE: the typical error as a ratio, so that small and large values count alike."""

from __future__ import annotations

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.metrics.metric import Metric, Weighted, mean_of, truth_of
from mlcore.evaluation.predictions import Predictions


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    truth = truth_of(predictions)
    below = int((truth <= -1).sum())
    if below:
        raise UserError(
            f"The logarithmic error is not defined where the true value is −1 or less ({below:,} rows)",
            remedy="Use RMSE or the mean absolute error instead.",
        )
    said = np.maximum(predictions.values, min(0.0, float(truth.min())))
    squared = mean_of((np.log1p(truth) - np.log1p(said)) ** 2)
    return lambda weights: np.sqrt(squared(weights))


METRIC = Metric(
    key="rmsle",
    title="Typical error as a ratio",
    term="RMSLE",
    tasks=("regression",),
    higher_is_better=False,
    low=0.0,
    high=None,
    help="The root of the mean squared difference of the logarithms of 1 + value: 0.1 is about 10 % off. 0 is perfect; "
    "lower is better. Every true value must be above −1; where none is below 0, predictions below 0 count as 0.",
    measure=_measure,
    optional=True,
)
