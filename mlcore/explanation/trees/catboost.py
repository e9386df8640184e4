"""CatBoost, from the JSON in which it stores a model: every level of a tree asks one question."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from mlcore.explanation.trees.arrays import Link, NotReadable, Tree, Trees, joined

NAMES = ("CatBoostClassifier", "CatBoostRegressor")

_LINKS: dict[str, Link] = {
    "Logloss": "logistic",
    "CrossEntropy": "logistic",
    "MultiClass": "softmax",
    "RMSE": "identity",
    "MAE": "identity",
    "Quantile": "identity",
    "Huber": "identity",
    "Poisson": "exponential",
}


def read(estimator: Any) -> Trees:
    """A missing value stands below or above every border, as the column was told in training."""
    model = _stored(estimator)
    loss = json.dumps(model["model_info"]["params"]["loss_function"]["type"]).strip('"')
    if loss not in _LINKS or "oblivious_trees" not in model or model["features_info"].get("categorical_features"):
        raise NotReadable("it uses categories, uneven trees or a special loss")
    scale, bias = model["scale_and_bias"]
    base = np.asarray(bias, dtype=np.float64).reshape(-1)
    flat = {feature["feature_index"]: feature for feature in model["features_info"]["float_features"]}
    trees = [_tree(tree, flat, scale, len(base)) for tree in model["oblivious_trees"]]
    return joined(trees, base=base, link=_LINKS[loss], single=True)


def _stored(estimator: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        estimator.save_model(str(path), format="json")
        return json.loads(path.read_text(encoding="utf-8"))


def _tree(tree: dict[str, Any], flat: dict[int, Any], scale: float, outputs: int) -> Tree:
    splits = tree.get("splits") or []
    depth = len(splits)
    inner, nodes = 2**depth - 1, 2 ** (depth + 1) - 1
    index = np.arange(nodes)
    leaf = index >= inner
    level = np.floor(np.log2(index + 1)).astype(int)
    # The first split is the lowest bit of the leaf's number: ask the last one first, so that leaves come in order.
    asked = [splits[depth - 1 - at] for at in level[:inner]]
    columns = [flat[split["float_feature_index"]] for split in asked]
    value = np.zeros((nodes, outputs))
    value[inner:] = np.asarray(tree["leaf_values"], dtype=np.float64).reshape(-1, outputs) * scale
    ends = np.zeros(nodes - inner)
    return Tree(
        left=np.where(leaf, -1, 2 * index + 1),
        right=np.where(leaf, -1, 2 * index + 2),
        feature=np.concatenate(([column["flat_feature_index"] for column in columns], ends - 1)).astype(np.int64),
        threshold=np.concatenate(([split["border"] for split in asked], ends)),
        missing_left=np.concatenate(([column["nan_value_treatment"] != "AsTrue" for column in columns], ends)).astype(
            bool
        ),
        value=value,
    )
