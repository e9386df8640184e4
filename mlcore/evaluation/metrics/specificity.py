"""Specificity: how many of the negatives it leaves alone."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.counting import outcomes
from mlcore.evaluation.metrics.metric import Metric, Weighted, ratio
from mlcore.evaluation.predictions import Floats, Predictions


def _measure(predictions: Predictions, threshold: float) -> Weighted:
    count = outcomes(predictions, threshold, both="Specificity")

    def share(weights: Floats) -> Floats:
        _, false_yes, true_no, _ = count(weights)
        return ratio(true_no, true_no + false_yes, np.nan)

    return share


METRIC = Metric(
    key="specificity",
    title="How many of the negatives it leaves alone",
    term="specificity",
    tasks=("binary",),
    higher_is_better=True,
    low=0.0,
    high=1.0,
    help="Of the rows that truly are not positive, the share it does not call positive at the threshold.",
    measure=_measure,
    unit="share",
    uses_threshold=True,
    within_labels=True,
)
