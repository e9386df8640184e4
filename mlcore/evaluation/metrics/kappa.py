"""Cohen's kappa: how often it is right, beyond what chance would give."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.counting import agreement
from mlcore.evaluation.metrics.metric import Metric, Weighted, ratio
from mlcore.evaluation.predictions import Floats, Predictions


def _measure(predictions: Predictions, threshold: float) -> Weighted:
    count = agreement(predictions, threshold, name="Cohen's kappa")

    def beyond_chance(weights: Floats) -> Floats:
        right, said, rows = count(weights)
        total = rows.sum(axis=1)
        by_chance = (said * rows).sum(axis=1)
        several = (rows > 0).sum(axis=1) > 1
        return ratio(right * total - by_chance, np.where(several, total**2 - by_chance, 0.0), np.nan)

    return beyond_chance


METRIC = Metric(
    key="kappa",
    title="How often it is right, beyond chance",
    term="Cohen's kappa",
    tasks=("binary", "multiclass"),
    higher_is_better=True,
    low=-1.0,
    high=1.0,
    help="The share of right answers, set against answers dealt at random in the same shares: 1 is always right, 0 no "
    "better than such chance, below 0 worse.",
    measure=_measure,
    uses_threshold=True,
)
