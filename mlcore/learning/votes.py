"""Naive Bayes on columns cut into parts, brought back to shares."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning import cutting


class Votes(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Learns as a scikit-learn estimator on dense columns; `stock` is the same made of scikit-learn's own types.

    What the votes say is too sure, as columns repeat each other: a sigmoid for each label, learned on rows left out in
    three turns, makes shares of it.
    """

    def __init__(self, *, parts: int = 8, prior: float = 1.0, seed: int = 0) -> None:
        self.parts = parts
        self.prior = prior
        self.seed = seed

    def fit(self, X: Any, y: Integers, sample_weight: Floats | None = None) -> Votes:
        """Cut, count, calibrate."""
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.naive_bayes import BernoulliNB
        from sklearn.pipeline import Pipeline

        X = np.asarray(X, dtype=np.float64)
        cutter = cutting.cutter(X, self.parts, self.seed)
        counts = BernoulliNB(alpha=self.prior)
        model = CalibratedClassifierCV(counts, method="sigmoid", cv=3, ensemble=False)
        model.fit(cutting.applied(cutter, X), y, sample_weight=sample_weight)
        self.stock = Pipeline([("cut", cutter), ("votes", model)])
        return self
