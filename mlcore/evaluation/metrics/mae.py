"""MAE: the mean absolute error."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.metric import Metric, Weighted, mean_of, truth_of
from mlcore.evaluation.predictions import Predictions


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    return mean_of(np.abs(truth_of(predictions) - predictions.values))


METRIC = Metric(
    key="mae",
    title="How far off on average",
    term="MAE",
    tasks=("regression",),
    higher_is_better=False,
    low=0.0,
    high=None,
    help="The mean distance between prediction and truth, in the unit of the target. 0 is perfect; lower is better.",
    measure=_measure,
    unit="target",
)
