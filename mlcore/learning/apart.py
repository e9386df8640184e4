"""Nearest neighbours of rows that are told apart: no two are equally far, so an answer never hangs on their order.

Where many rows are equally far, which of them count as the nearest depends on how many threads look and how many rows
are asked about at once; the same row would get different answers in training, in a bundle and behind an API. Cells far
beyond all that was seen are drawn in, or all rows would be equally far, but for rounding.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

REACH = 1e-4  # of a standard deviation, for the columns are scaled
FAR = 30.0


class Apart(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Learns from rows moved by a trifle, with `neighbours`. `plain_` is the stock model that says the same."""

    def __init__(self, neighbours: Any) -> None:
        self.neighbours = neighbours

    def fit(self, X: Any, y: Any) -> Apart:
        """Move the rows by the same trifles each time, and remember them."""
        rows = np.asarray(X, dtype=np.float64)
        rows = np.clip(rows, -FAR, FAR) + REACH * np.random.default_rng(0).random(rows.shape)
        drawn_in = FunctionTransformer(np.clip, kw_args={"a_min": -FAR, "a_max": FAR})
        self.plain_ = Pipeline([("near", drawn_in.fit(rows)), ("neighbours", clone(self.neighbours).fit(rows, y))])
        return self
