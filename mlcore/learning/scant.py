"""Columns that are mostly zero, kept as their other cells only: memory then grows with those."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

AT_ONCE = 500


class Scant(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A sparse matrix, (n, columns). An empty cell is 0, the median of such a column, unless `gaps` are to stay.

    `scaled`: long tails drawn in, then to variance 1; the mean stays, or zeros would be none: an intercept takes it up.
    The attribute `plain_` is the stock step that says the same of new rows, dense.
    """

    def __init__(self, scaled: bool = False, gaps: bool = False) -> None:
        self.scaled = scaled
        self.gaps = gaps

    def fit(self, X: pd.DataFrame, y: Any = None) -> Scant:
        """Learn the spread of each column."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: pd.DataFrame, y: Any = None) -> Any:
        """The matrix of these rows."""
        del y
        first, made = X.iloc[:1], self._sparse(X)
        steps: list[Any] = [FunctionTransformer(feature_names_out="one-to-one").fit(first)]
        if not self.gaps:
            steps = [SimpleImputer(strategy="constant", fill_value=0.0, keep_empty_features=True).fit(first)]
        if self.scaled:
            bend = FunctionTransformer(np.arcsinh, feature_names_out="one-to-one").fit(np.zeros((1, X.shape[1])))
            self.scaler_ = StandardScaler(with_mean=False)
            made = self.scaler_.fit_transform(np.arcsinh(made))
            steps += [bend, self.scaler_]
        self.plain_ = steps[0] if len(steps) == 1 else make_pipeline(*steps)
        return made

    def transform(self, X: pd.DataFrame) -> Any:
        """The matrix of other rows."""
        made = self._sparse(X)
        return self.scaler_.transform(np.arcsinh(made)) if self.scaled else made

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Those that go in."""
        return np.asarray(input_features, dtype=object)

    def _sparse(self, X: pd.DataFrame) -> Any:
        """Some columns at a time, so that there is never a dense copy of all."""
        from scipy import sparse

        parts = []
        for start in range(0, X.shape[1], AT_ONCE):
            cells = X.iloc[:, start : start + AT_ONCE].to_numpy(dtype=np.float64)
            parts.append(sparse.csc_matrix(cells if self.gaps else np.nan_to_num(cells, nan=0.0)))
        return sparse.hstack(parts, format="csr")
