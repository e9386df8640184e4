"""Kolmogorov–Smirnov distance: how far apart the scores of the two labels are, at the point where it is most.

One-sided: only positives above negatives count, so that a model that sorts the wrong way round scores 0 and is never
chosen for it. Wherever positives come out higher at the widest point, it equals the two-sided statistic.
"""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.counting import ranked
from mlcore.evaluation.metrics.metric import Metric, Weighted
from mlcore.evaluation.predictions import Floats, Predictions


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    cumulated = ranked(predictions, both="The Kolmogorov–Smirnov distance")

    def distance(weights: Floats) -> Floats:
        hits, taken = cumulated(weights)
        return np.asarray((_shares(hits) - _shares(taken - hits)).max(axis=1), dtype=np.float64)

    return distance


def _shares(upto: Floats) -> Floats:
    """Cumulated weights (d, m) as shares of their last; NaN where that is 0."""
    total = upto[:, -1:]
    return np.asarray(upto / np.where(total > 0, total, np.nan), dtype=np.float64)


METRIC = Metric(
    key="ks",
    title="How far apart the scores of the two labels are",
    term="Kolmogorov–Smirnov distance",
    tasks=("binary",),
    higher_is_better=True,
    low=0.0,
    high=1.0,
    help="At the cut that parts the two labels best: the share of positives above it, less the share of the others "
    "above it. 0 is chance, 100 % parts them fully.",
    measure=_measure,
    unit="share",
    within_labels=True,
    lifted=True,
)
