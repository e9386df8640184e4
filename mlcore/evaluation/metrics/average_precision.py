"""Average precision: how pure the top of the list is."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.counting import ranked
from mlcore.evaluation.metrics.metric import Metric, Weighted, ratio
from mlcore.evaluation.predictions import Floats, Predictions


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    cumulated = ranked(predictions, both="Average precision")

    def average(weights: Floats) -> Floats:
        hits, taken = cumulated(weights)
        steps = np.diff(hits, axis=1, prepend=0)
        return ratio((steps * ratio(hits, taken, 0.0)).sum(axis=1), hits[:, -1], np.nan)

    return average


METRIC = Metric(
    key="average_precision",
    title="How pure the top of the list is",
    term="average precision",
    tasks=("binary",),
    higher_is_better=True,
    low=0.0,
    high=1.0,
    help="Go down the list from the highest score: the share that is right, averaged over every right one found. "
    "Chance is the share of positives. The one to watch when positives are rare.",
    measure=_measure,
)
