"""Symmetric MAPE: the mean error as a share of the middle between truth and prediction."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.metric import Metric, Weighted, mean_of, ratio, truth_of
from mlcore.evaluation.predictions import Predictions


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    truth = truth_of(predictions)
    sizes = np.abs(truth) + np.abs(predictions.values)
    return mean_of(ratio(2 * np.abs(truth - predictions.values), sizes, 0.0))


METRIC = Metric(
    key="smape",
    title="How far off, in per cent of truth and prediction",
    term="symmetric MAPE",
    tasks=("regression",),
    higher_is_better=False,
    low=0.0,
    high=2.0,
    help="The mean distance between prediction and truth as a share of the mean of their sizes: 0 % is perfect, 200 % "
    "the worst; lower is better. A true value of 0 is allowed, and counts 200 % unless the prediction is 0 too.",
    measure=_measure,
    unit="share",
)
