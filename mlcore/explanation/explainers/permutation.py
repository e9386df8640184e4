"""Any function of rows: from nothing but its outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlcore.evaluation.predictions import Floats
from mlcore.explanation import shapley
from mlcore.explanation.part import Contributions, Matrix, Method, Part

FEW = 6  # columns; 2^6 coalitions for each background row
PAIRS = 2  # of orders for each background row: two are the fewest that have a spread


@dataclass(frozen=True)
class Explainer:
    """The last resort: never declines, and adds up by construction."""

    key: str = "permutation"
    title: str = "From its outputs alone"

    def method(self, part: Part, seed: int) -> Method:
        """All coalitions when the columns are few, random orders otherwise."""
        if part.columns <= FEW:
            words = f"exact, from its outputs for all {2**part.columns} coalitions of its columns"
            return Method(words=words, run=lambda X, B: _enumerated(part, X, B))
        words = f"sampled, {2 * PAIRS} orders of the columns for each background row, from its outputs"
        return Method(words=words, run=lambda X, B: _sampled(part, X, B, seed))


def _enumerated(part: Part, X: Matrix, B: Matrix) -> Contributions:
    return shapley.enumerated(part.outputs, _dense(X), _dense(B), part.origins, part.columns)


def _sampled(part: Part, X: Matrix, B: Matrix, seed: int) -> Contributions:
    order = shapley.orders(B.shape[0], PAIRS, part.columns, seed)
    return shapley.sampled(part.outputs, _dense(X), _dense(B), part.origins, order)


def _dense(matrix: Matrix) -> Floats:
    return matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix, dtype=np.float64)
