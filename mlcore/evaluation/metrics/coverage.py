"""Coverage: how often the truth lies inside the prediction interval."""

from __future__ import annotations

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.metrics.metric import Metric, Weighted, mean_of, truth_of
from mlcore.evaluation.predictions import Floats, Predictions


def ends(predictions: Predictions) -> tuple[Floats, Floats]:
    """The low and the high value of each row; `UserError` when there are none."""
    if predictions.low is None or predictions.high is None:
        raise UserError("These predictions have no intervals", remedy="Use a model that gives a low and a high value.")
    return predictions.low, predictions.high


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    low, high = ends(predictions)
    truth = truth_of(predictions)
    return mean_of(np.asarray((low <= truth) & (truth <= high), dtype=np.float64))


METRIC = Metric(
    key="coverage",
    title="How often the truth is inside the interval",
    term="interval coverage",
    tasks=("regression",),
    higher_is_better=True,
    low=0.0,
    high=1.0,
    help="The share of rows whose true value lies between the low and the high value. It should be near the 90 % "
    "promised: above is safe but wide.",
    measure=_measure,
    unit="share",
    over_rows=True,
    optional=True,
)
