"""Says the same for every row: what any model has to beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Task
from mlcore.learning.models.kind import Config, ModelKind, seen
from mlcore.params import Param, Value


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """The share of each label, or the mean (the median when the middle is aimed for)."""
    from sklearn.dummy import DummyClassifier, DummyRegressor

    del seed, threads
    return DummyRegressor(strategy=params["aim"]) if task == "regression" else DummyClassifier(strategy="prior")


BASELINE = ModelKind(
    key="baseline",
    title="Always the average",
    family="baseline",
    about="Says the same for every row: the share of each label, or the average. Every model is compared with it.",
    intake="nothing",
    simplicity=1,
    build=build,
    monotone=seen,
    params=(
        Param(
            key="aim", title="Average", kind="choice", default="mean", choices=("mean", "median"), help="For numbers."
        ),
    ),
    portfolio=(Config(turn=0),),
)
