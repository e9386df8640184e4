"""Pinball loss: how good the two ends of the prediction interval are, as the 5 % and 95 % quantiles they stand for."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.coverage import ends
from mlcore.evaluation.metrics.metric import Metric, Weighted, mean_of, truth_of
from mlcore.evaluation.predictions import Floats, Predictions

LOW, HIGH = 0.05, 0.95  # what the ends of a 90 % interval claim to be


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    low, high = ends(predictions)
    truth = truth_of(predictions)
    return mean_of((_loss(truth - low, LOW) + _loss(truth - high, HIGH)) / 2)


def _loss(above: Floats, share: float) -> Floats:
    """What a quantile costs each row, from how far the truth lies above it."""
    return np.asarray(np.maximum(share * above, (share - 1) * above), dtype=np.float64)


METRIC = Metric(
    key="pinball",
    title="How good the interval is",
    term="pinball loss",
    tasks=("regression",),
    higher_is_better=False,
    low=0.0,
    high=None,
    help="What the low and the high value cost, averaged, in the unit of the target: wide intervals cost a little, a "
    "truth outside of them much. 0 is perfect; lower is better.",
    measure=_measure,
    unit="target",
    optional=True,
)
