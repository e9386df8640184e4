"""A target with a long tail, learned on the scale of its logarithm and told in its own unit, without the bias.

The exponential of a mean logarithm is too small a mean. Here a factor makes the predictions for the rows learned from
add up to their truth, as Duan's smearing does (Journal of the American Statistical Association 78, 1983).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mlcore.evaluation.predictions import Floats
from mlcore.learning.tails import long_tailed

MOST_FACTOR = 2.0
REACH = 0.25  # predictions go beyond the targets seen by this share of their range at most


class Logged(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Learns the logarithm where the targets have a long tail, else the targets, with `regressor`.

    `unbiased`: aims for the mean, not the middle. `plain_` is the stock model that says the same.
    """

    def __init__(self, regressor: Any, unbiased: bool = True) -> None:
        self.regressor = regressor
        self.unbiased = unbiased

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Logged:
        """Decide by these targets, learn, and find the factor."""
        y = np.asarray(y, dtype=np.float64)
        told = {} if sample_weight is None else {"sample_weight": sample_weight}
        if not long_tailed(y):
            self.plain_ = clone(self.regressor).fit(X, y, **told)
            return self
        self.plain_ = TransformedTargetRegressor(clone(self.regressor), transformer=_logarithm(y), check_inverse=False)
        self.plain_.fit(X, y, **told)
        if self.unbiased:
            counted = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
            one = 0.0 if y.min() > 0 else 1.0  # what the logarithm is of: where 0 occurs, 1 more than the target
            factor = np.clip(counted @ (y + one) / (counted @ (self.predict(X) + one)), 1 / MOST_FACTOR, MOST_FACTOR)
            self.plain_.transformer_.named_steps["standardscaler"].mean_ += np.log(factor)
        return self

    def predict(self, X: Any) -> Floats:
        """In the target's unit."""
        return np.asarray(self.plain_.predict(X), dtype=np.float64)


def _scales(y: Floats) -> tuple[Any, Any]:
    return (np.log, np.exp) if y.min() > 0 else (np.log1p, np.expm1)


def _logarithm(y: Floats) -> Any:
    to, back = _scales(y)
    low, high = to(y.min()), to(y.max())
    room = REACH * (high - low)
    ends = {"a_min": float(low - room), "a_max": float(high + room)}
    bounded = FunctionTransformer(inverse_func=np.clip, inv_kw_args=ends, check_inverse=False)
    return make_pipeline(FunctionTransformer(to, back, check_inverse=False), bounded, StandardScaler())
