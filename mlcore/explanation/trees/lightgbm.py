"""LightGBM, from the text in which it stores a model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.explanation.trees.arrays import Link, NotReadable, Tree, Trees, joined

NAMES = ("LGBMClassifier", "LGBMRegressor")

_CATEGORICAL, _DEFAULT_LEFT = 1, 2  # bits of decision_type; bits 2 and 3 say what counts as missing
_ZERO_IS_MISSING, _NAN_IS_MISSING = 1, 2
_ZERO = float(np.float32(1e-35))  # LightGBM takes numbers from minus this to this for 0


def read(estimator: Any) -> Trees:
    """Trees of a round follow each other, one for each class."""
    booster = estimator.booster_
    head, *blocks = booster.model_to_string(num_iteration=booster.best_iteration or -1).split("\nTree=")
    header = _entries(head)
    outputs = int(header["num_tree_per_iteration"])
    trees = [_tree(_entries(block), first=index % outputs) for index, block in enumerate(blocks)]
    if "average_output" in head:
        raise NotReadable("its trees are averaged, not summed")
    return joined(trees, base=np.zeros(outputs), link=_link(header["objective"].split()), single=False)


def _link(objective: list[str]) -> Link:
    if objective[0] == "binary" and "sigmoid:1" in objective:
        return "logistic"
    if objective[0] == "multiclass":
        return "softmax"
    if objective[0] in ("poisson", "gamma", "tweedie"):
        return "exponential"
    if objective[0] in ("regression", "regression_l1", "huber", "fair", "quantile", "mape") and "sqrt" not in objective:
        return "identity"
    raise NotReadable(f"its objective is {' '.join(objective)}")


def _entries(block: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in block.split("\n\n")[0].splitlines())
    return {key: value for key, separator, value in pairs if separator}


def _tree(entries: dict[str, str], first: int) -> Tree:
    if entries.get("is_linear", "0") != "0":
        raise NotReadable("its leaves hold linear models")
    leaves = _numbers(entries["leaf_value"])
    if int(entries["num_leaves"]) == 1:
        return _stump(leaves[:1], first)
    threshold, decision = _numbers(entries["threshold"]), _integers(entries["decision_type"])
    missing = decision >> 2 & 3
    if (decision & _CATEGORICAL).any():
        raise NotReadable("it splits on sets of categories")
    if (missing == _ZERO_IS_MISSING).any():
        raise NotReadable("it treats zero as missing")
    nodes = len(threshold)
    # A child below zero is leaf number -child - 1; leaves are put behind the nodes. Where no value was missing in
    # training, LightGBM reads a missing value as 0.
    default = np.where(missing == _NAN_IS_MISSING, (decision & _DEFAULT_LEFT) > 0, threshold >= 0)
    ends = np.full(len(leaves), -1)
    return Tree(
        left=np.concatenate((_children(entries["left_child"], nodes), ends)),
        right=np.concatenate((_children(entries["right_child"], nodes), ends)),
        feature=np.concatenate((_integers(entries["split_feature"]), ends)),
        threshold=np.concatenate((_around_zero(threshold), np.zeros(len(leaves)))),
        missing_left=np.concatenate((default, ends > 0)),
        value=np.concatenate((np.zeros(nodes), leaves))[:, None],
        first=first,
    )


def _around_zero(threshold: NDArray[np.float64]) -> NDArray[np.float64]:
    """Thresholds moved so that all numbers that LightGBM takes for 0 go where 0 goes."""
    below = np.where((threshold >= -_ZERO) & (threshold < 0), np.nextafter(-_ZERO, -1.0), threshold)
    return np.where((threshold >= 0) & (threshold < _ZERO), _ZERO, below)


def _stump(value: NDArray[np.float64], first: int) -> Tree:
    none = np.array([-1])
    split = {"left": none, "right": none, "feature": none, "threshold": np.zeros(1), "missing_left": none > 0}
    return Tree(**split, value=value[:, None], first=first)


def _children(text: str, nodes: int) -> NDArray[np.int64]:
    children = _integers(text)
    return np.where(children < 0, nodes - children - 1, children)


def _numbers(text: str) -> NDArray[np.float64]:
    return np.array(text.split(), dtype=np.float64)


def _integers(text: str) -> NDArray[np.int64]:
    return np.array(text.split(), dtype=np.int64)
