"""Scorecards: whole points for the part of each column that a value falls into."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning import cutting


class Scorecard(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Learns as a scikit-learn estimator on dense columns and labels 0 and 1.

    `stock` is the fitted scorecard made of scikit-learn's own types: columns cut into `parts`, then a logistic
    regression whose weights are whole points times one number.
    """

    def __init__(self, *, parts: int = 5, strength: float = 3.0, most: int = 20, seed: int = 0) -> None:
        self.parts = parts
        self.strength = strength
        self.most = most
        self.seed = seed

    def fit(self, X: Any, y: Integers, sample_weight: Floats | None = None) -> Scorecard:
        """Cut, weigh, round, and find anew what a point is worth."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import Pipeline

        X = np.asarray(X, dtype=np.float64)
        cutter = cutting.cutter(X, self.parts, self.seed)
        cut = cutting.applied(cutter, X)
        model = LogisticRegression(C=1 / self.strength, max_iter=500, random_state=self.seed)
        model.fit(cut, y, sample_weight=sample_weight)
        blocks = cutting.blocks_of(cutter)
        points = _points(model.coef_[0], blocks, self.most)
        worth = LogisticRegression(C=1e6, max_iter=500, random_state=self.seed)
        worth.fit((cut @ points)[:, None], y, sample_weight=sample_weight)
        model.coef_ = worth.coef_ * points
        model.intercept_ = worth.intercept_
        self.stock = Pipeline([("cut", cutter), ("points", model)])
        return self


def _points(weights: Floats, blocks: list[tuple[int, Floats]], most: int) -> Floats:
    """Whole points: the lowest part of a column has none, the weightiest part of all has `most`."""
    ends = np.cumsum([len(edges) - 1 for _, edges in blocks])[:-1]
    raised = np.concatenate([part - part.min() for part in np.split(weights, ends)])
    points: Floats = np.round(raised * most / max(float(raised.max()), 1e-12))
    return points
