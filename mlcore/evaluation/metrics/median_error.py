"""Median error: half of the predictions are closer than this."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.metric import Metric, Weighted, truth_of
from mlcore.evaluation.predictions import Floats, Predictions


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    errors = np.abs(truth_of(predictions) - predictions.values)
    order = np.argsort(errors, kind="stable")
    errors = errors[order]

    def median(weights: Floats) -> Floats:
        upto = weights[:, order].cumsum(axis=1)
        total = upto[:, -1:]
        lower = np.argmax(upto > np.floor((total - 1) / 2), axis=1)
        upper = np.argmax(upto > np.floor(total / 2), axis=1)
        return np.asarray((errors[lower] + errors[upper]) / 2, dtype=np.float64)

    return median


METRIC = Metric(
    key="median_error",
    title="Half of the predictions are closer than this",
    term="median absolute error",
    tasks=("regression",),
    higher_is_better=False,
    low=0.0,
    high=None,
    help="The median distance between prediction and truth, in the unit of the target: a few wild rows do not move it.",
    measure=_measure,
    unit="target",
)
