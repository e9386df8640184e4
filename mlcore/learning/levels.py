"""Categories learned from as numbers: the place of each word among the words of its column, and how common it is.

scikit-learn's encoders sort, count and look up every word by itself in Python: 11 of the 14 CPU seconds of fitting a
model to 20,000 rows with 200 columns of words. Each different word is looked at once here, the rest is arithmetic.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.preprocessing import TargetEncoder


class Coded(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """An encoder of categories, `step`, that is given codes for words; numbers it is given as they are.

    `plain_` is that encoder as if it had learned from the words themselves.
    """

    def __init__(self, step: Any) -> None:
        self.step = step

    def fit(self, X: pd.DataFrame, y: Any = None) -> Coded:
        """Learn the levels of each column."""
        self.step_ = clone(self.step).fit(self._learned(X), y)
        return self._described()

    def fit_transform(self, X: pd.DataFrame, y: Any = None) -> Any:
        """Learn them, and the rows encoded as the step encodes those that it learned from."""
        self.step_ = clone(self.step)
        made = self.step_.fit_transform(self._learned(X), y)
        self._described()
        return made

    def transform(self, X: pd.DataFrame) -> Any:
        """The rows encoded."""
        return self.step_.transform(self.codes(X))

    def codes(self, X: pd.DataFrame) -> pd.DataFrame:
        """The places of words among those of their column, -1 for one it did not have; numbers as they are."""
        made = {
            name: values if known is None else _places(*pd.factorize(values), known)
            for (name, values), known in zip(X.items(), self.words_, strict=True)
        }
        return pd.DataFrame(made, index=X.index, copy=False)

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """A name for each encoded column."""
        return self.plain_.get_feature_names_out(input_features)

    def _learned(self, X: pd.DataFrame) -> pd.DataFrame:
        self.words_, made = [], {}
        for name, values in X.items():
            known, made[name] = None, values
            if not pd.api.types.is_numeric_dtype(values.dtype):
                codes, words = pd.factorize(values)
                known = pd.Index(np.sort(np.asarray(words, dtype=object)), dtype=object)
                made[name] = _places(codes, words, known)
            self.words_.append(known)
        return pd.DataFrame(made, index=X.index, copy=False)

    def _described(self) -> Coded:
        self.plain_ = copy.copy(self.step_)
        self.plain_.categories_ = [
            found if known is None else known.to_numpy(dtype=object)
            for found, known in zip(self.step_.categories_, self.words_, strict=True)
        ]
        return self


def _places(codes: Any, words: Any, known: pd.Index) -> Any:
    return known.get_indexer(pd.Index(words, dtype=object)).astype(np.int32)[codes]


class Shares(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """For each category the share of the rows learned from that have it (of their `weights`, (n,)); 0 for unseen ones.

    `plain_` is the stock step that says the same: a `TargetEncoder` whose rates are these shares.
    """

    def __init__(self, weights: Any = None) -> None:
        self.weights = weights

    def fit(self, X: pd.DataFrame, y: Any = None) -> Shares:
        """Add the rows up."""
        del y
        self.coded_ = Coded(TargetEncoder(target_type="continuous", smooth=1.0)).fit(X, np.zeros(len(X)))
        codes = self.coded_.codes(X).to_numpy()
        self.plain_ = self.coded_.plain_
        for step in (self.coded_.step_, self.plain_):
            step.encodings_ = [self._shares(column) for column in codes.T]
            step.target_mean_ = 0.0
        return self

    def _shares(self, codes: Any) -> Any:
        found = np.bincount(codes, weights=self.weights)
        return found / found.sum()

    def transform(self, X: Any) -> Any:
        """The shares, (n, columns)."""
        return self.coded_.transform(X)

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """The columns, as they came."""
        return self.plain_.get_feature_names_out(input_features)
