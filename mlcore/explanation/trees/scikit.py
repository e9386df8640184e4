"""scikit-learn's decision trees, random forests and extra trees: the output is the mean of the leaves."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlcore.explanation.trees.arrays import Tree, Trees, joined

NAMES = (
    "DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor",
    "RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor",
)  # fmt: skip


def read(estimator: Any) -> Trees:
    """The margins are the probabilities of all classes, or the predicted number."""
    members = getattr(estimator, "estimators_", None) or [estimator]
    trees = [_tree(member.tree_, share=1 / len(members)) for member in members]
    return joined(trees, base=np.zeros(trees[0].value.shape[1]), link="identity", single=True)


def _tree(tree: Any, share: float) -> Tree:
    missing_left = getattr(tree, "missing_go_to_left", None)
    return Tree(
        left=tree.children_left,
        right=tree.children_right,
        feature=np.where(tree.children_left < 0, -1, tree.feature),
        threshold=tree.threshold,
        missing_left=np.zeros(tree.node_count, dtype=bool) if missing_left is None else missing_left.astype(bool),
        value=tree.value[:, 0, :] * share,
    )
