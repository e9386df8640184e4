"""Groups of rows that get their predictions for the same reasons: k-means on contributions (Lloyd 1982)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.explanation.explanation import Explanation

MOST = 6  # groups; more are not told apart by reading
FEWEST = 40  # rows
STARTS = 5
SAMPLE = 600  # rows between which distances are measured to choose the number of groups
CLEAR = 0.2  # silhouette from which groups are said to be apart


@dataclass(frozen=True, kw_only=True, eq=False)
class Patterns:
    """`group` is (n,), the group of each row, the largest is 0; `centres` (g, d) their mean contributions.

    `apart` is the mean silhouette, -1 to 1 (Rousseeuw 1987): from about 0.2 on, the groups are more than a cut through
    an even cloud.
    """

    group: Integers
    centres: Floats
    apart: float


def patterns(explanation: Explanation, output: int = 0, seed: int = 0) -> Patterns | None:
    """As many groups, two to six, as are furthest apart; None when there are too few rows or nothing tells them apart.

    The same rows always get the same groups.
    """
    X = explanation.values[:, :, output]
    if len(X) < FEWEST or not np.ptp(X, axis=0).any():
        return None
    random = np.random.default_rng(seed)
    sample = np.sort(random.permutation(len(X))[:SAMPLE])
    between = np.sqrt(_squares(X[sample], X[sample]))
    best: tuple[float, Integers] | None = None
    for count in range(2, MOST + 1):
        group = _grouped(X, count, random)
        sizes = np.bincount(group, minlength=count)
        if sizes.min() < max(2, len(X) // 50):
            continue
        apart = _silhouette(between, group[sample])
        if best is None or apart > best[0] + 0.02:  # one more group must be worth it
            best = apart, group
    if best is None or best[0] < CLEAR:
        return None
    order = np.argsort(-np.bincount(best[1]), kind="stable")
    group = np.argsort(order)[best[1]]
    centres = np.array([X[group == one].mean(axis=0) for one in range(len(order))])
    return Patterns(group=group.astype(np.int64), centres=centres, apart=best[0])


def _grouped(X: Floats, count: int, random: np.random.Generator) -> Integers:
    tries = [_settled(X, _started(X, count, random)) for _ in range(STARTS)]
    return min(tries, key=lambda found: found[0])[1]


def _started(X: Floats, count: int, random: np.random.Generator) -> Floats:
    """Centres far from each other (k-means++, Arthur and Vassilvitskii 2007)."""
    centres = [X[random.integers(len(X))]]
    while len(centres) < count:
        near = _squares(X, np.array(centres)).min(axis=1)
        total = near.sum()
        centres.append(X[random.choice(len(X), p=near / total)] if total > 0 else X[random.integers(len(X))])
    return np.array(centres)


def _settled(X: Floats, centres: Floats) -> tuple[float, Integers]:
    group = np.full(len(X), -1)
    for _ in range(100):
        squares = _squares(X, centres)
        nearest = squares.argmin(axis=1)
        if (nearest == group).all():
            break
        group = nearest
        for one in np.unique(group):
            centres[one] = X[group == one].mean(axis=0)
    return float(squares.min(axis=1).sum()), group.astype(np.int64)


def _squares(X: Floats, centres: Floats) -> Floats:
    squares = (X**2).sum(axis=1)[:, None] - 2 * X @ centres.T + (centres**2).sum(axis=1)
    return np.asarray(np.maximum(squares, 0.0))


def _silhouette(between: Floats, group: Integers) -> float:
    kinds = np.unique(group)
    if len(kinds) < 2:
        return -1.0
    sums = np.array([between[:, group == one].sum(axis=1) for one in kinds]).T
    counts = np.array([(group == one).sum() for one in kinds])
    own = np.searchsorted(kinds, group)
    at = np.arange(len(group))
    inner = sums[at, own] / np.maximum(counts[own] - 1, 1)
    means = sums / counts
    means[at, own] = np.inf
    outer = means.min(axis=1)
    return float(np.mean((outer - inner) / np.maximum(np.maximum(outer, inner), 1e-12)))
