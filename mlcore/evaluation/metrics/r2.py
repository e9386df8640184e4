"""R²: the share of the target's variance that the predictions account for."""

from __future__ import annotations

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.metrics.metric import Metric, Weighted, ratio, truth_of
from mlcore.evaluation.predictions import Floats, Predictions


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    truth = truth_of(predictions)
    if np.ptp(truth) == 0:
        raise UserError("R² needs true values that differ, but all are the same", remedy="Measure it on more rows.")
    squared_errors = (truth - predictions.values) ** 2
    centred = truth - truth.mean()

    def share(weights: Floats) -> Floats:
        variation = weights @ centred**2 - (weights @ centred) ** 2 / weights.sum(axis=1)
        return 1 - ratio(weights @ squared_errors, variation, np.nan)

    return share


METRIC = Metric(
    key="r2",
    title="Share of the variation accounted for",
    term="R²",
    tasks=("regression",),
    higher_is_better=True,
    low=None,
    high=1.0,
    help="1 is perfect, 0 is no better than always predicting the mean, below 0 is worse than that.",
    measure=_measure,
)
