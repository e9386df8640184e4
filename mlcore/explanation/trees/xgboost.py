"""XGBoost, from the JSON in which it stores a model."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from mlcore.evaluation.predictions import Floats
from mlcore.explanation.trees.arrays import Link, NotReadable, Tree, Trees, joined

NAMES = ("XGBClassifier", "XGBRegressor", "XGBRFClassifier", "XGBRFRegressor")

_LINKS: dict[str, Link] = {
    "binary:logistic": "logistic",
    "multi:softprob": "softmax",
    "reg:squarederror": "identity",
    "reg:absoluteerror": "identity",
    "reg:pseudohubererror": "identity",
    "count:poisson": "exponential",
    "reg:gamma": "exponential",
    "reg:tweedie": "exponential",
}


def read(estimator: Any) -> Trees:
    """A row goes left when its value is below the threshold: the same as at most the number just under it."""
    booster = estimator.get_booster()
    best = getattr(estimator, "best_iteration", None) if hasattr(estimator, "early_stopping_rounds") else None
    booster = booster if best is None else booster[: best + 1]
    learner = json.loads(booster.save_raw("json"))["learner"]
    link = _LINKS.get(learner["objective"]["name"])
    model = learner["gradient_booster"].get("model")
    if link is None or model is None:
        raise NotReadable(f"its objective is {learner['objective']['name']}")
    outputs = max(1, int(learner["learner_model_param"]["num_class"]))
    trees = [_tree(tree, output) for tree, output in zip(model["trees"], model["tree_info"], strict=True)]
    return joined(trees, base=_base(learner, outputs, link), link=link, single=True)


def _base(learner: Any, outputs: int, link: Link) -> Floats:
    score = np.array(learner["learner_model_param"]["base_score"].strip("[]").split(","), dtype=np.float64)
    if link == "logistic":
        score = np.log(score / (1 - score))
    elif link == "exponential":
        score = np.log(score)
    return np.broadcast_to(score, outputs).copy()


def _tree(tree: dict[str, Any], output: int) -> Tree:
    if any(tree["split_type"]):
        raise NotReadable("it splits on sets of categories")
    left = np.array(tree["left_children"], dtype=np.int64)
    conditions = np.array(tree["split_conditions"], dtype=np.float32)
    below = np.nextafter(conditions, np.float32(-np.inf)).astype(np.float64)
    return Tree(
        left=left,
        right=np.array(tree["right_children"], dtype=np.int64),
        feature=np.where(left < 0, -1, np.array(tree["split_indices"], dtype=np.int64)),
        threshold=below,
        missing_left=np.array(tree["default_left"]).astype(bool),
        value=np.where(left < 0, conditions.astype(np.float64), 0.0)[:, None],
        first=int(output),
    )
