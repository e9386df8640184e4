"""One question about one column: how far a single rule goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Task
from mlcore.learning.models.kind import Config, ModelKind, bound
from mlcore.params import Param, Value


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """A decision tree of one split, or of a few when asked."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    del threads
    tree = DecisionTreeRegressor if task == "regression" else DecisionTreeClassifier
    return tree(max_depth=params["depth"], min_samples_leaf=5, random_state=seed)


RULE = ModelKind(
    key="rule",
    title="One-question rule",
    family="baseline",
    about="Asks the one yes-or-no question about one column that splits the rows best.",
    intake="filled",
    simplicity=2,
    build=build,
    monotone=bound("monotonic_cst"),
    params=(
        Param(key="depth", title="Questions in a row", kind="integer", default=1, low=1, high=6, help="1 is one rule."),
    ),
    widest=100,
    portfolio=(Config(turn=4, wide=True), Config(turn=1)),
)
