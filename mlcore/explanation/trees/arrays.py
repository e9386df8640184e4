"""A tree ensemble as flat arrays: one form for every library, so that one algorithm explains them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlcore.evaluation.predictions import Floats

Link = Literal["identity", "logistic", "softmax", "exponential"]
LINKS: tuple[Link, ...] = ("identity", "logistic", "softmax", "exponential")


class NotReadable(Exception):  # noqa: N818  # not a failure: the explainer that asked leaves the model to another one
    """The trees use something the flat form cannot say (categorical splits, linear leaves); the reason in words."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Trees:
    """N nodes of T trees, one after the other.

    `left` and `right` are node indices, `feature` the encoded column a node splits on (-1: a leaf). A row goes left
    when its value is <= `threshold`, or missing and `missing_left`. `value` is (N, w): what a leaf adds to the margins
    from `first[t]` on. `roots` and `first` are (T,). The margins, (n, k), are `base` plus the sum over trees; `link`
    turns them into the model's output. `single`: the library rounds the data to 32 bits first.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: Floats
    missing_left: NDArray[np.bool_]
    value: Floats
    roots: NDArray[np.int64]
    first: NDArray[np.int64]
    base: Floats
    link: Link
    single: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Tree:
    """One tree, its nodes counted from 0; the root is node 0. Arrays as in `Trees`."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: Floats
    missing_left: NDArray[np.bool_]
    value: Floats
    first: int = 0


def joined(trees: Sequence[Tree], *, base: Floats, link: Link, single: bool) -> Trees:
    """The trees behind each other, with child indices moved accordingly."""
    sizes = [len(tree.feature) for tree in trees]
    roots = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64)
    return Trees(
        left=np.concatenate([tree.left + root for tree, root in zip(trees, roots, strict=True)]).astype(np.int64),
        right=np.concatenate([tree.right + root for tree, root in zip(trees, roots, strict=True)]).astype(np.int64),
        feature=np.concatenate([tree.feature for tree in trees]).astype(np.int64),
        threshold=np.concatenate([tree.threshold for tree in trees]).astype(np.float64),
        missing_left=np.concatenate([tree.missing_left for tree in trees]).astype(np.bool_),
        value=np.ascontiguousarray(np.concatenate([tree.value for tree in trees]), dtype=np.float64),
        roots=roots,
        first=np.array([tree.first for tree in trees], dtype=np.int64),
        base=np.asarray(base, dtype=np.float64),
        link=link,
        single=single,
    )
