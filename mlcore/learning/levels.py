"""Categories counted as far as it matters.

scikit-learn's encoders count every cell by itself in Python, seven seconds for a million rows of five columns, to see
which levels are rarer than ten rows. Rows in which each level occurs as often as that say the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin, clone


class Counted(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """An encoder of categories that learns the same from fewer rows; `plain_` is that encoder, fitted."""

    def __init__(self, step: Any) -> None:
        self.step = step

    def fit(self, X: pd.DataFrame, y: Any = None) -> Counted:
        """Learn the levels of each column."""
        del y
        self.plain_ = clone(self.step).fit(X.iloc[_telling(X, self.step)])
        return self

    def transform(self, X: Any) -> Any:
        """The rows encoded."""
        return self.plain_.transform(X)

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """A name for each encoded column."""
        return self.plain_.get_feature_names_out(input_features)


def _telling(X: pd.DataFrame, step: Any) -> Any:
    """The first rows of each level, as many as it must have; all where the most frequent are asked for."""
    kept = np.zeros(len(X), dtype=bool)
    for place in range(X.shape[1]):
        codes, levels = pd.factorize(X.iloc[:, place], use_na_sentinel=False)
        if step.max_categories is not None and len(levels) >= step.max_categories:
            return slice(None)
        kept |= (pd.Series(codes).groupby(codes).cumcount() < step.min_frequency).to_numpy()
    return kept
