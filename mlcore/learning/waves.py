"""Parts of a date that come round, as waves: December lies beside January, and 23:59 beside midnight.

Sine and cosine of a part say where in its round it lies, so that a weighted sum can draw a smooth season with two
weights, and rows near in the round are near for a net and for neighbours. What comes out are stock scikit-learn steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mlcore.evaluation.predictions import Floats
from mlcore.learning.filling import Filler

ROUNDS = {"month": 12.0, "weekday": 7.0, "hour": 24.0, "yearday": 365.25}
"""After how much a part of a date comes round, in its own unit."""


class Angle(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Columns as angles in radians: a full turn for each of `rounds`.

    `plain_` is the stock scaler that says the same.
    """

    def __init__(self, rounds: Sequence[float]) -> None:
        self.rounds = rounds

    def fit(self, X: Any, y: Any = None) -> Angle:
        """Nothing is learned from the rows."""
        del X, y
        one = np.asarray(self.rounds, dtype=np.float64) / (2 * np.pi)  # a radian, in the part's unit
        self.plain_ = StandardScaler().fit(np.stack([-one, one]))
        return self

    def transform(self, X: Any) -> Floats:
        """The angles."""
        return np.asarray(self.plain_.transform(X))

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """The columns, as they came."""
        return self.plain_.get_feature_names_out(input_features)


def wave(columns: Sequence[str], *, cosine: bool) -> Any:
    """An unfitted step that makes of date parts (internal columns such as c2_month) their sines, or their cosines."""
    rounds = [ROUNDS[name.rsplit("_", 1)[1]] for name in columns]
    turned = FunctionTransformer(np.cos if cosine else np.sin, feature_names_out="one-to-one")
    steps = [("fill", Filler()), ("angle", Angle(rounds)), ("turn", turned), ("scale", StandardScaler())]
    return Pipeline(steps)
