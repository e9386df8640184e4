"""scikit-learn's histogram gradient boosting."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlcore.explanation.trees.arrays import Link, NotReadable, Tree, Trees, joined

NAMES = ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")


def read(estimator: Any) -> Trees:
    """Thresholds come from the nodes themselves: rounded to 32 bits, as others read them, rows change sides."""
    rounds = estimator._predictors
    trees = [_tree(predictor.nodes, output) for row in rounds for output, predictor in enumerate(row)]
    base = np.asarray(estimator._baseline_prediction, dtype=np.float64).reshape(-1)
    return joined(trees, base=base, link=_link(estimator), single=False)


def _link(estimator: Any) -> Link:
    if hasattr(estimator, "classes_"):
        return "softmax" if len(estimator.classes_) > 2 else "logistic"
    return "exponential" if estimator.loss in ("poisson", "gamma") else "identity"


def _tree(nodes: Any, output: int) -> Tree:
    if nodes["is_categorical"].any():
        raise NotReadable("it splits on sets of categories")
    leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        left=nodes["left"].astype(np.int64),
        right=nodes["right"].astype(np.int64),
        feature=np.where(leaf, -1, nodes["feature_idx"].astype(np.int64)),
        threshold=nodes["num_threshold"].astype(np.float64),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        value=nodes["value"].astype(np.float64)[:, None],
        first=output,
    )
