"""Tree ensembles: exact on margins that are the output, through the link otherwise; always in the user's columns.

shap's interventional TreeExplainer, summed over encoded columns, is off by up to 0.018 for one-hot blocks, and wrong on
histogram boosting's 64-bit thresholds and on several CatBoost and XGBoost models (measured); this is neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import comb
from typing import Any

import numpy as np

from mlcore.evaluation.predictions import Floats
from mlcore.explanation import shapley
from mlcore.explanation.part import Contributions, Matrix, Method, NotMine, Part
from mlcore.explanation.trees import read
from mlcore.explanation.trees.arrays import LINKS, NotReadable, Trees

FEW = 7  # columns; 2^7 coalitions cost less than the walks would for the same accuracy
ALONE = 8  # rows that are not worth another core
MOST_CORES = 8
MOST_KEPT = 32 << 20  # bytes of what a member keeps of the background rows
PAIRS = 2  # of orders for each background row: two are the fewest that have a spread


@dataclass(frozen=True)
class Explainer:
    """Reads the trees once and chooses the closed form, all coalitions or walks."""

    key: str = "trees"
    title: str = "Through the trees"

    def method(self, part: Part, seed: int) -> Method:
        """`NotMine` when the estimator has no trees that can be read."""
        if self.key not in part.kept:
            part.kept[self.key] = _of(part)
        ready: Prepared = part.kept[self.key]
        if ready.trees.link == "identity":
            return Method(words="exact, in closed form through its trees", run=lambda X, B: exact(ready, X, B))
        if part.columns <= FEW:
            words = f"exact, from all {2**part.columns} coalitions of its columns through its trees"
            return Method(words=words, run=lambda X, B: cube(ready, X, B))
        if ready.by_leaf is None:
            raise NotMine("too many columns lie on the way to a leaf")
        words = f"sampled, {2 * PAIRS} orders of the columns for each background row, through its trees"
        return Method(words=words, run=lambda X, B: walks(ready, X, B, seed))


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """Trees as the compiled functions take them: a `kernels.Forest`, and the sizes they need."""

    part: Part
    trees: Trees
    forest: Any
    sizes: tuple[int, int, int, int, int]
    kept: dict[bytes, Any] = field(default_factory=dict)

    @cached_property
    def by_leaf(self) -> Any:
        """A `walking.Leaves`; None when the way to some leaf has more columns than a number has bits."""
        from mlcore.explanation.trees import walking

        order, slot, leaf, width, columns, first = walking.laid_out(self.forest, self.sizes)
        longest = int(width.max(initial=0))
        if longest > walking.WIDE:
            return None
        kind = np.int16 if longest <= walking.NARROW else np.int64
        bit = np.left_shift(np.ones(len(slot), dtype=np.int64), slot).astype(kind)
        nodes = order[leaf[order] >= 0]
        value = np.ascontiguousarray(self.forest.value[nodes[np.argsort(leaf[nodes])]])
        return walking.Leaves(order, bit, leaf, width, columns, value, first)

    def failing(self, rows: Floats) -> Any:
        """`walking.failing`, kept for the background rows that were asked for last: they are the same for every row."""
        from mlcore.explanation.trees import walking

        key = hashlib.blake2b(rows.tobytes(), digest_size=16).digest()
        found = self.kept.get(key)
        if found is None:
            found = walking.failing(self.forest, self.by_leaf, rows)
            self.kept.clear()
            if found.nbytes <= MOST_KEPT:
                self.kept[key] = found
        return found


def _of(part: Part) -> Prepared:
    try:
        trees = read(part.estimator)
    except NotReadable as reason:
        raise NotMine(str(reason)) from None
    if part.power != 1.0 or part.bias:
        trees = _raised(trees, part)
    return prepared(_chosen(trees, part) if trees.link == "identity" else trees, part)


def prepared(trees: Trees, part: Part) -> Prepared:
    """The trees with the encoded columns they split on named as the user's."""
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
    return Prepared(part=part, trees=trees, forest=forest, sizes=_sizes(trees, part.columns))


def exact(ready: Prepared, X: Matrix, B: Matrix) -> Contributions:
    """For outputs that are sums of leaves."""
    from mlcore.explanation.trees import kernels

    compared, shares = _rows(ready, B), _shares(ready.sizes[1])
    values = _side_by_side(lambda rows: kernels.exact(ready.forest, rows, compared, ready.sizes, shares), ready, X)
    return Contributions(values=values)


def cube(ready: Prepared, X: Matrix, B: Matrix) -> Contributions:
    """For sums of leaves behind a link, with few columns."""
    from mlcore.explanation.trees import kernels

    link = ready.trees.base, LINKS.index(ready.trees.link)
    gains = shapley.gains(ready.part.columns)
    compared = _rows(ready, B)
    values = _side_by_side(lambda rows: kernels.cube(ready.forest, rows, compared, ready.sizes, gains, *link), ready, X)
    return Contributions(values=ready.part.placed(values))


def walks(ready: Prepared, X: Matrix, B: Matrix, seed: int) -> Contributions:
    """For sums of leaves behind a link, with many columns."""
    from mlcore.explanation.trees import walking

    link = ready.trees.base, LINKS.index(ready.trees.link)
    order = shapley.orders(B.shape[0], PAIRS, ready.part.columns, seed)
    leaves, theirs = ready.by_leaf, ready.failing(_rows(ready, B))

    def run(rows: Floats) -> Floats:
        mine = walking.failing(ready.forest, leaves, rows)
        return np.stack(walking.walks(leaves, mine, theirs, ready.sizes, order, *link), axis=1)

    both = _side_by_side(run, ready, X)
    return Contributions(values=ready.part.placed(both[:, 0]), variance=np.abs(ready.part.placed(both[:, 1])))


def _side_by_side(run: Callable[[Floats], Floats], ready: Prepared, X: Matrix) -> Floats:
    """The rows in equal parts, one on each core; compiled functions let go of Python meanwhile."""
    import joblib

    rows = _rows(ready, X)
    parts = min(joblib.cpu_count(), MOST_CORES, len(rows) // ALONE)
    if parts < 2:
        return run(rows)
    with ThreadPoolExecutor(parts) as pool:
        return np.concatenate(list(pool.map(run, np.array_split(rows, parts))))


def _raised(trees: Trees, part: Part) -> Trees:
    """The trees of probabilities to a power: behind these links their margins are multiplied by it, and moved."""
    if trees.link not in ("logistic", "softmax"):
        raise NotMine("its probabilities are raised to a power")
    return replace(trees, value=trees.value * part.power, base=part.moved(trees.base))


def _chosen(trees: Trees, part: Part) -> Trees:
    """Of a forest's class probabilities, only the explained ones."""
    if not part.classes or len(trees.base) != len(part.codes):
        return trees
    full = np.zeros((len(trees.value), part.classes))
    full[:, part.codes] = trees.value
    value = np.ascontiguousarray(full[:, list(part.chosen)])
    return replace(trees, value=value, base=np.zeros(len(part.chosen)))


def _sizes(trees: Trees, columns: int) -> tuple[int, int, int, int, int]:
    """Most leaves of a tree, longest path in columns, columns, margins, deepest tree."""
    leaf = np.add.reduceat(trees.feature < 0, trees.roots)
    level, depth = trees.roots, 0
    while len(level := level[trees.feature[level] >= 0]):
        level, depth = np.concatenate((trees.left[level], trees.right[level])), depth + 1
    return int(leaf.max()), min(depth, columns) + 1, columns, len(trees.base), depth


def _shares(longest: int) -> Floats:
    """1 / (a C(a + c, a)): what each of a columns inside gets of a leaf that c columns must stay out of."""
    places = range(longest + 1)
    return np.array([[1 / (a * comb(a + c, a)) if a else 0.0 for c in places] for a in places])


def _rows(ready: Prepared, matrix: Matrix) -> Floats:
    """Rows as the library sees them: dense, and rounded where it rounds."""
    dense = matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)
    return np.ascontiguousarray(dense.astype(np.float32) if ready.trees.single else dense, dtype=np.float64)
