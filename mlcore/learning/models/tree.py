"""A decision tree that fits on a page: at most four questions in a row, sixteen answers.

Breiman et al., "Classification and regression trees", 1984. The number and depth of leaves are what makes trees hard to
follow (Piltaver et al., "What makes classification trees comprehensible?", Expert Systems with Applications 2016).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Task
from mlcore.learning.models.kind import Config, ModelKind, Range, bound
from mlcore.params import Param, Value


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """Leaves of a share of the rows, so that what a leaf says rests on enough of them at any size."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    del threads
    tree = DecisionTreeRegressor if task == "regression" else DecisionTreeClassifier
    return tree(max_depth=params["depth"], min_samples_leaf=float(params["share"] or 0.03), random_state=seed)


TREE = ModelKind(
    key="tree",
    title="Short decision tree",
    family="rules",
    about="A few yes-or-no questions in a row lead to an answer: it can be printed on a page and followed by hand.",
    intake="filled",
    simplicity=2,
    build=build,
    monotone=bound("monotonic_cst"),
    min_rows=20,
    params=(
        Param(key="depth", title="Questions in a row", kind="integer", default=4, low=1, high=4),
        Param(key="share", title="Share of rows in a leaf, at least", kind="number", default=0.03, low=1e-4, high=0.5),
    ),
    search=(
        Range(key="depth", low=2, high=4),
        Range(key="share", low=0.002, high=0.1, log=True),
    ),
    widest=300,
    portfolio=(
        Config(turn=10, to_rows=500, params={"share": 0.06}),
        Config(turn=10, from_rows=501, to_rows=5_000),
        Config(turn=10, from_rows=5_001, params={"share": 0.005}),
    ),
)
