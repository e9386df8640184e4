"""Lift at 10 %: how much better than chance the top tenth of the list is."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.counting import ranked
from mlcore.evaluation.metrics.metric import Metric, Weighted
from mlcore.evaluation.predictions import Floats, Predictions

SHARE = 0.1


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    cumulated = ranked(predictions, both="Lift")

    def lift(weights: Floats) -> Floats:
        hits, taken = (np.pad(part, ((0, 0), (1, 0))) for part in cumulated(weights))
        wanted = SHARE * taken[:, -1:]
        last = np.argmax(taken >= wanted, axis=1)[:, None]
        hits_at, taken_at = np.take_along_axis(hits, last, 1), np.take_along_axis(taken, last, 1)
        hits_before, taken_before = np.take_along_axis(hits, last - 1, 1), np.take_along_axis(taken, last - 1, 1)
        found = hits_before + (hits_at - hits_before) * (wanted - taken_before) / (taken_at - taken_before)
        share_found = np.divide(found[:, 0], hits[:, -1], out=np.full(len(hits), np.nan), where=hits[:, -1] > 0)
        return np.asarray(share_found / SHARE, dtype=np.float64)

    return lift


METRIC = Metric(
    key="lift_at_10",
    title="How much better than chance the top 10 % is",
    term="lift at 10 %",
    tasks=("binary",),
    higher_is_better=True,
    low=0.0,
    high=None,
    help="Among the tenth of rows with the highest scores, positives are this many times as frequent as in all. "
    "Rows with equal scores at the border count in part.",
    measure=_measure,
    unit="times",
)
