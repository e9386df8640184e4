"""Top-3 accuracy: how often the true label is among the three most probable."""

from __future__ import annotations

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.metrics.metric import Metric, Weighted, mean_of, truth_of
from mlcore.evaluation.predictions import Predictions

FIRST = 3


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    labels = len(predictions.labels)
    if labels <= FIRST:
        raise UserError(
            f"Top-3 accuracy needs at least {FIRST + 1} labels, there are {labels}: it would always be right",
            remedy="Use accuracy instead.",
        )
    truth = truth_of(predictions).astype(np.int64)[:, None]
    told = np.take_along_axis(predictions.values, truth, axis=1)
    earlier = np.arange(labels) < truth  # of equals the first counts as the more probable
    ahead = (predictions.values > told) | ((predictions.values == told) & earlier)
    return mean_of(np.asarray(ahead.sum(axis=1) < FIRST, dtype=np.float64))


METRIC = Metric(
    key="top_3_accuracy",
    title="How often the truth is among its first three",
    term="top-3 accuracy",
    tasks=("multiclass",),
    higher_is_better=True,
    low=0.0,
    high=1.0,
    help="The share of rows whose true label is among the three most probable ones. For four labels or more.",
    measure=_measure,
    unit="share",
    over_rows=True,
    optional=True,
)
