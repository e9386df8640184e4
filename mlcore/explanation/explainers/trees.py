"""Tree ensembles: exact on margins that are the output, through the link otherwise; always in the user's columns.

shap's interventional TreeExplainer, summed over encoded columns, is off by up to 0.018 for one-hot blocks, and wrong on
histogram boosting's 64-bit thresholds and on several CatBoost and XGBoost models (measured); this is neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import comb
from typing import Any

import numpy as np

from mlcore.evaluation.predictions import Floats
from mlcore.explanation import shapley
from mlcore.explanation.part import Contributions, Matrix, Method, NotMine, Part
from mlcore.explanation.trees import read
from mlcore.explanation.trees.arrays import LINKS, NotReadable, Trees

FEW = 7  # columns; 2^7 coalitions cost less than the walks would for the same accuracy
PAIRS = 2  # of orders for each background row: two are the fewest that have a spread


@dataclass(frozen=True)
class Explainer:
    """Reads the trees once and chooses the closed form, all coalitions or walks."""

    key: str = "trees"
    title: str = "Through the trees"

    def method(self, part: Part, seed: int) -> Method:
        """`NotMine` when the estimator has no trees that can be read."""
        try:
            trees = read(part.estimator)
        except NotReadable as reason:
            raise NotMine(str(reason)) from None
        if trees.link == "identity":
            chosen = _chosen(trees, part)
            return Method(words="exact, in closed form through its trees", run=lambda X, B: exact(chosen, part, X, B))
        if part.columns <= FEW:
            words = f"exact, from all {2**part.columns} coalitions of its columns through its trees"
            return Method(words=words, run=lambda X, B: cube(trees, part, X, B))
        words = f"sampled, {2 * PAIRS} orders of the columns for each background row, through its trees"
        return Method(words=words, run=lambda X, B: walks(trees, part, X, B, seed))


def _chosen(trees: Trees, part: Part) -> Trees:
    """Of a forest's class probabilities, only the explained ones."""
    if not part.classes or len(trees.base) != len(part.codes):
        return trees
    full = np.zeros((len(trees.value), part.classes))
    full[:, part.codes] = trees.value
    value = np.ascontiguousarray(full[:, list(part.chosen)])
    return replace(trees, value=value, base=np.zeros(len(part.chosen)))


def exact(trees: Trees, part: Part, X: Matrix, B: Matrix) -> Contributions:
    from mlcore.explanation.trees import kernels

    sizes = _sizes(trees, part.columns)
    return Contributions(values=kernels.exact(*_given(trees, part, X, B), sizes, _shares(sizes[1])))


def cube(trees: Trees, part: Part, X: Matrix, B: Matrix) -> Contributions:
    from mlcore.explanation.trees import kernels

    sizes, gains = _sizes(trees, part.columns), shapley.gains(part.columns)
    values = kernels.cube(*_given(trees, part, X, B), sizes, gains, trees.base, LINKS.index(trees.link))
    return Contributions(values=part.placed(values))


def walks(trees: Trees, part: Part, X: Matrix, B: Matrix, seed: int) -> Contributions:
    from mlcore.explanation.trees import kernels

    sizes, order = _sizes(trees, part.columns), shapley.orders(B.shape[0], PAIRS, part.columns, seed)
    found = kernels.walks(*_given(trees, part, X, B), sizes, order, trees.base, LINKS.index(trees.link))
    return Contributions(values=part.placed(found[0]), variance=np.abs(part.placed(found[1])))


def _given(trees: Trees, part: Part, X: Matrix, B: Matrix) -> tuple[Any, Floats, Floats]:
    """The forest with its columns named as the user's, and both sets of rows as the trees see them."""
    from mlcore.explanation.trees.kernels import Forest

    column = np.full(len(trees.feature), -1, dtype=np.int32)
    inner = trees.feature >= 0
    column[inner] = part.origins[trees.feature[inner]]
    forest = Forest(
        left=trees.left.astype(np.int32),
        right=trees.right.astype(np.int32),
        column=column,
        feature=trees.feature,
        threshold=trees.threshold,
        missing_left=trees.missing_left,
        value=trees.value,
        roots=trees.roots,
        first=trees.first,
    )
    return forest, _rows(X, trees), _rows(B, trees)


def _sizes(trees: Trees, columns: int) -> tuple[int, int, int, int]:
    """Most leaves of a tree, longest path in columns, columns, margins."""
    leaf = np.add.reduceat(trees.feature < 0, trees.roots)
    level, depth = trees.roots, 0
    while len(level := level[trees.feature[level] >= 0]):
        level, depth = np.concatenate((trees.left[level], trees.right[level])), depth + 1
    return int(leaf.max()), min(depth, columns) + 1, columns, len(trees.base)


def _shares(longest: int) -> Floats:
    """1 / (a C(a + c, a)): what each of a columns inside gets of a leaf that c columns must stay out of."""
    places = range(longest + 1)
    return np.array([[1 / (a * comb(a + c, a)) if a else 0.0 for c in places] for a in places])


def _rows(matrix: Matrix, trees: Trees) -> Floats:
    dense = matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)
    return np.ascontiguousarray(dense.astype(np.float32) if trees.single else dense, dtype=np.float64)
