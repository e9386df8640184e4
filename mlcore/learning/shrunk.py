"""Linear models that find their own penalty, on the rows they learn from: of few columns, or of all.

Where there are more columns than rows, the penalty decides. `Few` adds up absolute weights, so that most columns get
none (Tibshirani, "Regression shrinkage and selection via the lasso", JRSS B 1996; for numbers mixed with squares, as
Zou and Hastie, "The elastic net", JRSS B 2005), with the penalty that does best in folds; `Every` adds up squares, with
the penalty that does best on each row left out (Golub, Heath and Wahba, Technometrics 1979).
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import ElasticNetCV, LogisticRegression, Ridge, RidgeCV
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.svm import l1_min_c

from mlcore.evaluation.predictions import Floats, Integers

FOLDS = 5
MIXES = (0.5, 0.95)  # the share of absolute weights
STEPS, WEAKEST = 40, 0.01  # penalties tried, from the one that leaves no column to this part of it
LOOSER = tuple(np.logspace(0.1, 1.7, 9))  # how many times weaker than that, for labels
PENALTIES = tuple(np.logspace(-4, 6, 21))


class FewNumbers(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A number from few columns. `plain_` is the stock model that says the same."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> FewNumbers:
        """Choose, and fit; `sample_weight` (n,) is what each row counts."""
        parts = KFold(min(FOLDS, len(y)), shuffle=True, random_state=self.seed)
        found = ElasticNetCV(l1_ratio=MIXES, alphas=STEPS, eps=WEAKEST, cv=parts, max_iter=2_000, tol=1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # of weak penalties, which are not chosen
            found.fit(_numbers(X), y, sample_weight=sample_weight)
        self.plain_ = Ridge(alpha=float(found.alpha_))
        self.plain_.coef_, self.plain_.intercept_ = found.coef_, float(found.intercept_)
        self.plain_.n_features_in_ = found.n_features_in_
        return self

    def predict(self, X: Any) -> Floats:
        """In the target's unit."""
        return np.asarray(self.plain_.predict(X), dtype=np.float64)


class FewLabels(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """One of two labels from few columns. `plain_` is the stock model that says the same."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> FewLabels:
        """Choose, and fit; `sample_weight` (n,) is what each row counts."""
        X, y = _numbers(X), np.asarray(y)
        weights = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        self.classes_ = np.unique(y)
        strongest = float(l1_min_c(X, y, loss="log")) / float(weights.mean())
        tried = [strongest * looser for looser in LOOSER]
        rarest = int(np.unique(y, return_counts=True)[1].min())
        chosen = tried[0] if rarest < 2 else min(tried, key=lambda C: self._left_out(X, y, weights, C, rarest))
        self.plain_ = self._fitted(X, y, weights, chosen)
        return self

    def predict_proba(self, X: Any) -> Floats:
        """(n, 2), in the order of `classes_`."""
        return np.asarray(self.plain_.predict_proba(X), dtype=np.float64)

    def predict(self, X: Any) -> Any:
        """The likelier label."""
        return self.plain_.predict(X)

    def _fitted(self, X: Any, y: Integers, weights: Floats, C: float) -> LogisticRegression:
        model = LogisticRegression(C=C, l1_ratio=1, solver="liblinear", max_iter=200, random_state=self.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(X, y, sample_weight=weights)

    def _left_out(self, X: Any, y: Integers, weights: Floats, C: float, rarest: int) -> float:
        """The log loss on rows that a fit with this inverse penalty did not see."""
        parts = StratifiedKFold(min(FOLDS, rarest), shuffle=True, random_state=self.seed)
        lost = 0.0
        for learned, rest in parts.split(X, y):
            said = self._fitted(X[learned], y[learned], weights[learned], C).predict_proba(X[rest])
            given = said[np.arange(len(rest)), np.searchsorted(self.classes_, y[rest])]
            lost -= float(weights[rest] @ np.log(np.maximum(given, 1e-12)))
        return lost


class Every(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A number from all columns. `plain_` is the stock model that says the same."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Every:
        """Choose, and fit; `sample_weight` (n,) is what each row counts."""
        X = _numbers(X)
        found = RidgeCV(alphas=PENALTIES).fit(X, y, sample_weight=sample_weight)
        self.plain_ = Ridge(alpha=float(found.alpha_)).fit(X, y, sample_weight=sample_weight)
        return self

    def predict(self, X: Any) -> Floats:
        """In the target's unit."""
        return np.asarray(self.plain_.predict(X), dtype=np.float64)


def _numbers(X: Any) -> Any:
    """Rows of double precision; sparse ones stay sparse."""
    return sparse.csc_matrix(X, dtype=np.float64) if sparse.issparse(X) else np.asarray(X, dtype=np.float64)
