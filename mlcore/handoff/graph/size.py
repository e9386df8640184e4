"""About how many nodes the trees of a fitted model have, found without reading them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def nodes(model: Any) -> int:
    """Rather too many than too few; 0 for a model without trees."""
    kind = type(model).__name__
    for start, count in _COUNTED.items():
        if kind.startswith(start):
            return int(count(model))
    return 0


def _of_forest(model: Any) -> int:
    wide = int(getattr(model, "n_classes_", 1))
    return sum(int(tree.tree_.node_count) for tree in model.estimators_) * (1 + wide // 2)


def _of_histogram(model: Any) -> int:
    return sum(len(predictor.nodes) for row in model._predictors for predictor in row)


def _of_lightgbm(model: Any) -> int:
    return 2 * int(model.booster_.num_trees()) * int(model.num_leaves)


def _of_xgboost(model: Any) -> int:
    rounds, labels = int(model.get_booster().num_boosted_rounds()), int(getattr(model, "n_classes_", 1))
    return rounds * max(1, labels) * _whole(model.get_params().get("max_depth"))


def _of_catboost(model: Any) -> int:
    return int(model.tree_count_) * _whole(model.get_all_params().get("depth"))


def _whole(depth: Any) -> int:
    """The nodes of a tree whose branches are all of this depth."""
    return int(2 ** (int(depth or 6) + 1))


_COUNTED: Mapping[str, Callable[[Any], int]] = {
    "RandomForest": _of_forest,
    "ExtraTrees": _of_forest,
    "HistGradient": _of_histogram,
    "LGBM": _of_lightgbm,
    "XGB": _of_xgboost,
    "CatBoost": _of_catboost,
}
