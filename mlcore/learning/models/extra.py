"""Extra trees: a forest whose cuts are drawn at random; calmer than a random forest, and quicker.

Half the columns, or all of them with 4 rows in a leaf as in the portfolio of Salinas and Erickson ("TabRepo", AutoML
2024); larger leaves for labels, for the reason that forests have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Task
from mlcore.learning.models.forest import LABELS, NUMBERS, PARAMS, SEARCH, plant, settings
from mlcore.learning.models.kind import Config, ModelKind, bound
from mlcore.params import Value


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """Every tree sees all rows; only the cuts differ."""
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    shared = settings(params, seed, threads)
    if task == "regression":
        return ExtraTreesRegressor(**shared)
    return ExtraTreesClassifier(class_weight="balanced" if params["balanced"] else None, **shared)


EXTRA = ModelKind(
    key="extra",
    title="Extra trees",
    family="trees",
    about="A forest whose cuts are drawn at random: each tree is rough, their average is calm.",
    intake="filled",
    simplicity=5,
    build=build,
    monotone=bound("monotonic_cst"),
    rounds="n_estimators",
    plant=plant,
    params=PARAMS,
    search=SEARCH,
    widest=2_000,
    portfolio=(
        Config(turn=7, wide=True, tasks=LABELS, params={"columns": 0.04, "least": 3}),
        Config(turn=7, wide=True, tasks=NUMBERS, params={"columns": 0.1, "least": 2}),
        Config(turn=7, to_rows=20_000, tasks=LABELS, params={"columns": 0.5, "least": 5}),
        Config(turn=7, to_rows=20_000, tasks=NUMBERS, params={"columns": 0.5, "least": 2}),
        Config(turn=7, from_rows=20_001, params={"columns": 0.5, "least": 10}),
        Config(
            suffix="full",
            title="Extra trees that see every column",
            turn=25,
            to_rows=20_000,
            params={"columns": 1.0, "least": 4},
        ),
    ),
)
