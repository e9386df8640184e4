"""Macro F1: F1 of each label, averaged."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.counting import by_label
from mlcore.evaluation.metrics.metric import Metric, Weighted, ratio
from mlcore.evaluation.predictions import Floats, Predictions


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    count = by_label(predictions)

    def average(weights: Floats) -> Floats:
        hits, said, rows = count(weights)
        each = ratio(2 * hits, said + rows, 0.0)
        return np.asarray(each.sum(axis=1) / (said + rows > 0).sum(axis=1), dtype=np.float64)

    return average


METRIC = Metric(
    key="macro_f1",
    title="F1 of each label, averaged",
    term="macro F1",
    tasks=("multiclass",),
    higher_is_better=True,
    low=0.0,
    high=1.0,
    help="For each label, precision and recall in one number; then the mean over labels that occur or are predicted.",
    measure=_measure,
)
