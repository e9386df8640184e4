"""Matthews correlation: how far answers and truth go together, over all cells of the table of right and wrong."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.metrics.counting import agreement
from mlcore.evaluation.metrics.metric import Metric, Weighted
from mlcore.evaluation.predictions import Floats, Predictions


def _measure(predictions: Predictions, threshold: float) -> Weighted:
    count = agreement(predictions, threshold, name="Matthews correlation")

    def correlation(weights: Floats) -> Floats:
        right, said, rows = count(weights)
        total = rows.sum(axis=1)
        together = right * total - (said * rows).sum(axis=1)
        of_said, of_rows = total**2 - (said**2).sum(axis=1), total**2 - (rows**2).sum(axis=1)
        size = np.sqrt(of_said * of_rows)
        of_one_answer = np.where(of_rows == 0, np.nan, 0.0)
        shares = np.divide(together, size, out=of_one_answer, where=size > 0)
        return np.asarray(np.clip(shares, -1.0, 1.0), dtype=np.float64)

    return correlation


METRIC = Metric(
    key="mcc",
    title="How far answers and truth go together",
    term="Matthews correlation",
    tasks=("binary", "multiclass"),
    higher_is_better=True,
    low=-1.0,
    high=1.0,
    help="The correlation of answers and truth: 1 is always right, 0 no better than chance, below 0 worse than that. "
    "Fair when one label is rare. 0 when every answer is the same.",
    measure=_measure,
    uses_threshold=True,
)
