"""A small neural net: two hidden layers, stopped by rows held aside inside the training part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Task
from mlcore.learning.models.kind import Config, ModelKind, Range
from mlcore.params import Param, Value


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """A numeric target is scaled inside, so that the net learns at the same pace whatever its unit."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import StandardScaler

    del threads
    width = int(params["width"] or 0)
    shared: dict[str, Any] = {
        "hidden_layer_sizes": (width, width // 2),
        "alpha": params["penalty"],
        "learning_rate_init": 1e-3,
        "batch_size": 128,
        "max_iter": 80,
        "early_stopping": True,
        "validation_fraction": 0.15,
        "n_iter_no_change": 8,
        "random_state": seed,
    }
    if task == "regression":
        return TransformedTargetRegressor(regressor=MLPRegressor(**shared), transformer=StandardScaler())
    return MLPClassifier(**shared)


NET = ModelKind(
    key="net",
    title="Small neural net",
    family="neural",
    about="Two layers of units that learn their own combinations of the columns.",
    intake="scaled",
    simplicity=8,
    build=build,
    min_rows=300,
    max_rows=100_000,
    max_columns=500,
    least_label=10,
    params=(
        Param(key="width", title="Units in the first layer", kind="integer", default=96, low=4, high=1_024),
        Param(key="penalty", title="Penalty on weights", kind="number", default=0.01, low=0.0, high=100.0),
    ),
    search=(
        Range(key="width", low=32, high=384, log=True),
        Range(key="penalty", low=0.0001, high=3, log=True),
    ),
    portfolio=(
        Config(turn=12),
        Config(
            suffix="strict",
            title="Small neural net, strong penalty",
            turn=28,
            params={"width": 64, "penalty": 1.0},
        ),
    ),
)
