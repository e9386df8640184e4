"""Recall: how many of the positives it finds."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.counting import outcomes
from mlcore.evaluation.metrics.metric import Metric, Weighted, ratio
from mlcore.evaluation.predictions import Floats, Predictions


def _measure(predictions: Predictions, threshold: float) -> Weighted:
    count = outcomes(predictions, threshold, both="Recall")

    def share(weights: Floats) -> Floats:
        hits, _, _, missed = count(weights)
        return ratio(hits, hits + missed, np.nan)

    return share


METRIC = Metric(
    key="recall",
    title="How many of the positives it finds",
    term="recall",
    tasks=("binary",),
    higher_is_better=True,
    low=0.0,
    high=1.0,
    help="Of the rows that truly are positive, the share it calls positive at the threshold.",
    measure=_measure,
    unit="share",
    uses_threshold=True,
    within_labels=True,
)
