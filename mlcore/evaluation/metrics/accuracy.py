"""Accuracy: how often it is right."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.counting import answers
from mlcore.evaluation.metrics.metric import Metric, Weighted, is_positive, mean_of, truth_of
from mlcore.evaluation.predictions import Predictions


def _measure(predictions: Predictions, threshold: float) -> Weighted:
    if predictions.task == "binary":
        right = (predictions.score >= threshold) == is_positive(predictions)
    else:
        right = answers(predictions) == truth_of(predictions)
    return mean_of(np.asarray(right, dtype=np.float64))


METRIC = Metric(
    key="accuracy",
    title="How often it is right",
    term="accuracy",
    tasks=("binary", "multiclass"),
    higher_is_better=True,
    low=0.0,
    high=1.0,
    help="The share of right answers. Misleading when one label is rare: always saying the common one scores high.",
    measure=_measure,
    unit="share",
    uses_threshold=True,
    over_rows=True,
)
