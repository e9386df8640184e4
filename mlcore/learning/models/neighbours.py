"""k-nearest neighbours: what happened in the rows most like this one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Task
from mlcore.learning.models.kind import Config, ModelKind, Range
from mlcore.params import Param, Value


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """Compares with every row: exact, and quick enough at the sizes it is offered for.

    Distances are sums of differences: those of matrix products differ in their last digits with the number of rows that
    are asked about.
    """
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    from mlcore.learning.apart import Apart

    del seed, threads
    kind = KNeighborsRegressor if task == "regression" else KNeighborsClassifier
    near = kind(params["neighbours"], weights="distance", algorithm="brute", metric="manhattan")
    return Apart(near)


NEIGHBOURS = ModelKind(
    key="neighbours",
    title="Nearest neighbours",
    family="neighbours",
    about="Looks up the most similar rows and averages what happened there. It stores the training rows.",
    intake="scaled",
    simplicity=4,
    build=build,
    stock=lambda model: model.plain_,
    min_rows=60,
    max_rows=10_000,
    max_columns=100,
    params=(
        Param(key="neighbours", title="Neighbours", kind="integer", default=20, low=1, high=500, help="How many rows."),
    ),
    search=(Range(key="neighbours", low=3, high=200, log=True),),
    portfolio=(
        Config(turn=24, tasks=("binary", "multiclass"), to_rows=999, params={"neighbours": 30}),
        Config(turn=24, tasks=("binary", "multiclass"), from_rows=1_000, params={"neighbours": 100}),
        Config(turn=24, tasks=("regression",)),
    ),
)
