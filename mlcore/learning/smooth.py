"""Kernel ridge regression that chooses its width and its penalty by the rows it learns from, each left out once.

One decomposition of the kernel gives the leave-one-out errors for every penalty (Rifkin and Lippert, "Notes on
regularized least squares", MIT 2007), so that choosing costs hardly more than one fit. Some rows choose the width.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.preprocessing import StandardScaler

from mlcore.evaluation.predictions import Floats

WIDTHS = (0.02, 0.1, 0.4)
"""How quickly likeness falls: at 1, rows as far apart as two on average are alike by 1/e squared."""

PENALTIES = (0.01, 0.05, 0.2, 1.0, 4.0)
LOOKED_AT = 500  # rows by which the width is chosen


class Smooth(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Weighs the rows learned from by their likeness. `plain_` is the stock model that says the same.

    `strength` multiplies the penalties that are tried; `seed` draws the rows by which the width is chosen.
    """

    def __init__(self, strength: float = 1.0, seed: int = 0) -> None:
        self.strength = strength
        self.seed = seed

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Smooth:
        """Choose, and solve; `sample_weight` (n,) is what each row counts."""
        X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
        weights = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        spread = float(X.var(axis=0).sum()) or 1.0
        aimed = (y - y.mean()) / (y.std() or 1.0)
        some = np.random.default_rng(self.seed).permutation(len(y))[:LOOKED_AT]
        widths = [width / spread for width in WIDTHS]
        gamma = min(widths, key=lambda width: self._left_out(X[some], aimed[some], weights[some], width)[0])
        penalty = self._left_out(X, aimed, weights, gamma)[1]
        model = KernelRidge(kernel="rbf", gamma=gamma, alpha=penalty)
        self.plain_ = TransformedTargetRegressor(model, transformer=StandardScaler(), check_inverse=False)
        self.plain_.fit(X, y, sample_weight=weights)
        return self

    def predict(self, X: Any) -> Floats:
        """In the target's unit."""
        return np.asarray(self.plain_.predict(X), dtype=np.float64)

    def _left_out(self, X: Floats, aimed: Floats, weights: Floats, gamma: float) -> tuple[float, float]:
        """The least mean squared error of rows left out, and the penalty that has it."""
        from scipy.linalg import eigh
        from sklearn.metrics.pairwise import rbf_kernel

        root = np.sqrt(weights)
        values, vectors = eigh(rbf_kernel(X, gamma=gamma) * np.outer(root, root), check_finite=False)
        turned, squares = vectors.T @ (root * aimed), vectors**2
        found = []
        for penalty in PENALTIES:
            inverse = 1 / (np.maximum(values, 0) + penalty * self.strength)
            away = (vectors @ (inverse * turned)) / (squares @ inverse)
            found.append((float(np.mean(away**2)), penalty * self.strength))
        return min(found)
