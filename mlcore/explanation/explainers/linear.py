"""Linear models: every column adds its own share to the margins, so a coalition costs one addition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.evaluation.predictions import Floats
from mlcore.explanation import shapley
from mlcore.explanation.part import Contributions, Matrix, Method, NotMine, Part
from mlcore.explanation.trees.arrays import Link

FEW = 10  # columns; all 1,024 coalitions cost a few milliseconds a row
PAIRS = 4  # of orders for each background row


@dataclass(frozen=True)
class Explainer:
    """Estimators with `coef_` and `intercept_`; whether the link was guessed right is seen when it adds up."""

    key: str = "linear"
    title: str = "Through the coefficients"

    def method(self, part: Part, seed: int) -> Method:
        """`NotMine` when the estimator has no coefficients."""
        if not (hasattr(part.estimator, "coef_") and hasattr(part.estimator, "intercept_")):
            raise NotMine("it has no coefficients")
        link = _link(part)
        if link == "identity":
            return Method(words="exact, from its coefficients", run=lambda X, B: _straight(part, X, B))
        if part.columns <= FEW:
            words = f"exact, from all {2**part.columns} coalitions of its columns through its coefficients"
            return Method(words=words, run=lambda X, B: _cube(part, link, X, B))
        words = f"sampled, {2 * PAIRS} orders of the columns for each background row, through its coefficients"
        return Method(words=words, run=lambda X, B: _walks(part, link, X, B, seed))


def _link(part: Part) -> Link:
    if part.classes:
        return "softmax" if len(part.codes) > 2 else "logistic"
    name = type(part.estimator).__name__
    return "exponential" if name in ("PoissonRegressor", "GammaRegressor", "TweedieRegressor") else "identity"


def _straight(part: Part, X: Matrix, B: Matrix) -> Contributions:
    return Contributions(values=_shares(part, X) - _shares(part, B).mean(axis=0))


def _cube(part: Part, link: Link, X: Matrix, B: Matrix) -> Contributions:
    inside = shapley.coalitions(part.columns).astype(np.float64)
    mine, theirs, intercept = _shares(part, X), _shares(part, B), _intercept(part)
    start = theirs.sum(axis=1) + intercept
    values = []
    for row in mine:
        margins = start[:, None, :] + np.einsum("sd,mdk->msk", inside, row - theirs, optimize=True)
        values.append(shapley.from_coalitions(_linked(margins, link)).mean(axis=0))
    return Contributions(values=part.placed(np.array(values)))


def _walks(part: Part, link: Link, X: Matrix, B: Matrix, seed: int) -> Contributions:
    mine, theirs, intercept = _shares(part, X), _shares(part, B), _intercept(part)
    order = shapley.orders(B.shape[0], PAIRS, part.columns, seed)
    places = shapley.walk_places(order)
    total, spread = np.zeros_like(mine), np.zeros_like(mine)
    for j in range(len(theirs)):
        moves = mine - theirs[j]
        margin = theirs[j].sum(axis=0) + intercept
        pairs = [_pair(moves, margin, order[j, pair], places[j, pair], link) for pair in range(PAIRS)]
        total += np.mean(pairs, axis=0)
        spread += np.var(pairs, axis=0, ddof=1) / PAIRS
    variance = np.abs(part.placed(spread / len(theirs) ** 2))
    return Contributions(values=part.placed(total / len(theirs)), variance=variance)


def _pair(moves: Floats, margin: Floats, order: Any, places: Any, link: Link) -> Floats:
    """The mean contribution, (n, d, k), of one order and its reverse."""
    found = np.zeros_like(moves)
    for columns, place in ((order, places[0]), (order[::-1], places[1])):
        margins = np.concatenate((np.zeros_like(moves[:, :1]), np.cumsum(moves[:, columns], axis=1)), axis=1) + margin
        found += np.diff(_linked(margins, link), axis=1)[:, place]
    return found / 2


def _shares(part: Part, matrix: Matrix) -> Floats:
    """What each of the user's columns adds to the margins of each row, (n, d, k)."""
    from scipy import sparse

    weights = np.atleast_2d(np.asarray(part.estimator.coef_, dtype=np.float64)) * part.power
    shape = (len(part.origins), part.columns)
    places = (np.arange(len(part.origins)), part.origins)
    shares = [matrix @ sparse.csr_matrix((weight, places), shape=shape) for weight in weights]
    return np.stack([share.toarray() if sparse.issparse(share) else np.asarray(share) for share in shares], axis=-1)


def _intercept(part: Part) -> Floats:
    return part.moved(np.atleast_1d(np.asarray(part.estimator.intercept_, dtype=np.float64)))


def _linked(margins: Floats, link: Link) -> Floats:
    if link == "exponential":
        return np.exp(margins)
    if link == "logistic":
        return np.asarray(1 / (1 + np.exp(-np.clip(margins, -700, 700))))
    powers = np.exp(margins - margins.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
