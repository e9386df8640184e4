"""Categories counted: as far as it matters, and how common each of them is.

scikit-learn's encoders count every cell by itself in Python, seven seconds for a million rows of five columns, to see
which levels are rarer than ten rows. Rows in which each level occurs as often as that say the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.preprocessing import TargetEncoder


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


class Shares(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """For each category the share of the rows learned from that have it (of their `weights`, (n,)); 0 for unseen ones.

    `plain_` is the stock step that says the same: a `TargetEncoder` whose rates are these shares.
    """

    def __init__(self, weights: Any = None) -> None:
        self.weights = weights

    def fit(self, X: pd.DataFrame, y: Any = None) -> Shares:
        """Add the rows up."""
        del y
        coded = [pd.factorize(X.iloc[:, place]) for place in range(X.shape[1])]
        some = np.unique(np.concatenate([np.unique(codes, return_index=True)[1] for codes, _ in coded]))
        self.plain_ = TargetEncoder(target_type="continuous", smooth=1.0).fit(X.iloc[some], np.zeros(len(some)))
        self.plain_.encodings_ = [
            self._shares(codes)[levels.get_indexer(known)]
            for (codes, levels), known in zip(coded, self.plain_.categories_, strict=True)
        ]
        self.plain_.target_mean_ = 0.0
        return self

    def _shares(self, codes: Any) -> Any:
        found = np.bincount(codes, weights=self.weights)
        return found / found.sum()

    def transform(self, X: Any) -> Any:
        """The shares, (n, columns)."""
        return self.plain_.transform(X)

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """The columns, as they came."""
        return self.plain_.get_feature_names_out(input_features)
