"""How far two models agree about why: the order of columns, and what moves single rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.evaluation.predictions import Floats
from mlcore.evaluation.ranks import rank_correlation
from mlcore.explanation.explanation import Explanation

TOP = 3
LEAST_COLUMNS = 3


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Two explanations compared on the `columns` and the `n` rows that both have.

    `order` is the rank correlation of the columns' importances, `rows` the middle one of the rows' contributions; None
    where it is not defined, such as with fewer than three columns. `shared` of the `top` most important columns are the
    same. `apart` is the column whose ranks are farthest from each other, with its rank in each, from 1; None when all
    ranks are equal.
    """

    columns: int
    n: int
    order: float | None
    rows: float | None
    top: int
    shared: int
    apart: tuple[str, int, int] | None


def agreement(one: Explanation, other: Explanation) -> Agreement | None:
    """Compare two explanations of the same outputs; None when they have no column, or no output, in common."""
    names = [name for name in one.columns if name in other.columns]
    if not names or one.outputs != other.outputs:
        return None
    first, second = (_values(made, names) for made in (one, other))
    strength = [np.abs(values).mean(axis=(0, 2)) for values in (first, second)]
    places = [_places(values) for values in strength]
    top = min(TOP, len(names))
    leading = [{at for at in range(len(names)) if place[at] <= top} for place in places]
    gaps = np.abs(places[0] - places[1])
    at = int(gaps.argmax())
    shared, mine, theirs = np.intersect1d(one.rows, other.rows, return_indices=True)
    return Agreement(
        columns=len(names),
        n=len(shared),
        order=rank_correlation(*strength) if len(names) >= LEAST_COLUMNS else None,
        rows=_by_row(first[mine], second[theirs]) if len(names) >= LEAST_COLUMNS else None,
        top=top,
        shared=len(leading[0] & leading[1]),
        apart=(names[at], int(places[0][at]), int(places[1][at])) if gaps[at] else None,
    )


def _values(made: Explanation, names: list[str]) -> Floats:
    return made.values[:, [made.columns.index(name) for name in names], :]


def _places(strength: Floats) -> Floats:
    """The rank of each column, the strongest 1."""
    places = np.empty(len(strength))
    places[np.argsort(-strength, kind="stable")] = np.arange(1, len(strength) + 1)
    return places


def _by_row(first: Floats, second: Floats) -> float | None:
    """The middle rank correlation of two models' contributions to a row, over rows and outputs."""
    one, other = (_centred_ranks(values) for values in (first, second))
    lengths = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    known = lengths > 0
    return float(np.median((one * other).sum(axis=1)[known] / lengths[known])) if known.any() else None


def _centred_ranks(values: Floats) -> Floats:
    """The rank of each column's contribution in its row, less the mean rank; values (n, d, k), ranks (n k, d)."""
    lines = values.transpose(0, 2, 1).reshape(-1, values.shape[1])
    ranks = pd.DataFrame(np.round(lines, 12)).rank(axis=1).to_numpy()
    return np.asarray(ranks - ranks.mean(axis=1, keepdims=True))
