"""MAPE: the mean error as a share of the true value."""

from __future__ import annotations

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.metrics.metric import Metric, Weighted, mean_of, truth_of
from mlcore.evaluation.predictions import Predictions


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    truth = truth_of(predictions)
    zeros = int((truth == 0).sum())
    if zeros:
        raise UserError(
            f"The error in per cent is not defined where the true value is 0 ({zeros:,} rows)",
            remedy="Use the mean absolute error instead.",
        )
    return mean_of(np.abs((truth - predictions.values) / truth))


METRIC = Metric(
    key="mape",
    title="How far off on average, in per cent",
    term="MAPE",
    tasks=("regression",),
    higher_is_better=False,
    low=0.0,
    high=None,
    help="The mean distance between prediction and truth as a share of the true value. No true value may be 0.",
    measure=_measure,
    unit="share",
)
