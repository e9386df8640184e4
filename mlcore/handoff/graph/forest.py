"""Trees of any library as one node, from the flat form in which they are explained."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlcore.evaluation.predictions import Floats
from mlcore.explanation.trees.arrays import Trees
from mlcore.handoff.graph.drawing import DOUBLE, FLOAT, ML, Drawing, Numbers


def margins(drawing: Drawing, trees: Trees, given: Numbers) -> str:
    """The sum of the leaves that each row falls into, (n, k) of 64-bit floats.

    Thresholds stay as they are, as nothing is rounded on the way to them. The node's own sum comes out in 32 bits, so
    what is common to all leaves of a tree is taken out of it and added behind, where it costs no digits.
    """
    _note(drawing, trees, given)
    value, base = _levelled(trees)
    roots = trees.roots[trees.feature[trees.roots] >= 0]  # a tree of one leaf says nothing more
    if not len(roots):
        return drawing.repeated(base)
    drawing.size += len(trees.feature)
    cells = given.tensor
    if trees.single:
        cells = drawing.node("Cast", drawing.node("Cast", cells, to=FLOAT), to=DOUBLE)
    sums = drawing.fresh()
    drawing.add(_node(trees, value, cells, sums))
    return drawing.node("Add", drawing.node("Cast", sums, to=DOUBLE), drawing.floats(base[None, :]))


def _note(drawing: Drawing, trees: Trees, given: Numbers) -> None:
    for place, origin in enumerate(given.origins):
        here = trees.feature == place
        if origin is not None and here.any():
            drawing.cuts.setdefault(origin, []).append(np.unique(trees.threshold[here]))


def _levelled(trees: Trees) -> tuple[Floats, Floats]:
    """The values of nodes (N, w) less the middle of their tree, and the base with all the middles, (k,)."""
    leaf = trees.feature < 0
    low = np.minimum.reduceat(np.where(leaf[:, None], trees.value, np.inf), trees.roots)
    high = np.maximum.reduceat(np.where(leaf[:, None], trees.value, -np.inf), trees.roots)
    middle = (low + high) / 2
    base = trees.base.astype(np.float64).copy()
    for place in range(middle.shape[1]):
        np.add.at(base, trees.first + place, middle[:, place])
    return trees.value - middle[_tree_of(trees)], base


def _tree_of(trees: Trees) -> Any:
    sizes = np.diff(np.append(trees.roots, len(trees.feature)))
    return np.repeat(np.arange(len(trees.roots)), sizes)


def _node(trees: Trees, value: Floats, given: str, output: str) -> Any:
    from onnx import helper, numpy_helper

    tree = _tree_of(trees)
    kept = (trees.feature >= 0)[trees.roots][tree]
    leaf = (trees.feature < 0) & kept
    number = np.arange(len(tree)) - trees.roots[tree]
    node = helper.make_node("TreeEnsembleRegressor", [given], [output], domain=ML)
    target = np.flatnonzero(leaf)
    width = value.shape[1]
    inner = np.where(trees.feature < 0, 0, 1)
    _integers(node, "nodes_treeids", tree[kept])
    _integers(node, "nodes_nodeids", number[kept])
    _integers(node, "nodes_featureids", (trees.feature * inner)[kept])
    _integers(node, "nodes_truenodeids", ((trees.left - trees.roots[tree]) * inner)[kept])
    _integers(node, "nodes_falsenodeids", ((trees.right - trees.roots[tree]) * inner)[kept])
    _integers(node, "nodes_missing_value_tracks_true", trees.missing_left[kept].astype(np.int64))
    modes = np.where(trees.feature < 0, b"LEAF", b"BRANCH_LEQ")[kept]
    made = node.attribute.add(name="nodes_modes", type=8)
    made.strings.extend(modes.tolist())
    _integers(node, "target_treeids", np.repeat(tree[target], width))
    _integers(node, "target_nodeids", np.repeat(number[target], width))
    _integers(node, "target_ids", (trees.first[tree[target]][:, None] + np.arange(width)).ravel())
    thresholds, weights = np.where(trees.feature < 0, 0.0, trees.threshold)[kept], value[target].ravel()
    for name, numbers in (("nodes_values_as_tensor", thresholds), ("target_weights_as_tensor", weights)):
        node.attribute.add(name=name, type=4).t.CopyFrom(numpy_helper.from_array(numbers, name))
    node.attribute.add(name="n_targets", type=2, i=len(trees.base))
    return node


def _integers(node: Any, name: str, values: Any) -> None:
    node.attribute.add(name=name, type=7).ints.extend(np.asarray(values, dtype=np.int64).tolist())
