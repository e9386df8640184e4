"""A generalised additive model: one curve a column, added up; grown from small trees that look at one column each.

Lou, Caruana and Gehrke, "Intelligible models for classification and regression", KDD 2012, found boosted shallow trees
the best way to shape the curves; Nori et al., "InterpretML", 2019 (the explainable boosting machine), use very slow
learning and a draw of the columns at each step, so that like columns share the credit. Here: scikit-learn's histogram
boosting without interactions: what one encoded column adds (to the log odds of labels) never depends on another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Task
from mlcore.learning.models import histogram
from mlcore.learning.models.kind import AIM, Config, ModelKind, Range, bound
from mlcore.params import Param, Value

MOST_ROUNDS = 1_500


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """Trees of a few leaves, all on the same encoded column."""
    model = histogram.build(task, {**params, "penalty": 1.0}, seed, threads)
    return model.set_params(interaction_cst="no_interactions", max_iter=MOST_ROUNDS, max_bins=params["steps"])


ADDITIVE = ModelKind(
    key="additive",
    title="Additive model",
    family="additive",
    about="Adds up one curve for each column: what a value contributes can be read off, whatever the others are.",
    intake="gaps",
    simplicity=3,
    build=build,
    monotone=bound("monotonic_cst"),
    min_rows=50,
    widest=300,
    rounds="max_iter",
    grow=histogram.grow,
    params=(
        Param(key="rate", title="Learning rate", kind="number", default=0.1, low=0.001, high=1.0),
        Param(key="leaves", title="Pieces a tree adds to a curve", kind="integer", default=3, low=2, high=32),
        Param(key="least", title="Rows in a piece, at least", kind="integer", default=10, low=1, high=10_000),
        Param(key="columns", title="Share of columns at a cut", kind="number", default=0.5, low=0.05, high=1.0),
        Param(key="steps", title="Steps in a curve, at most", kind="integer", default=128, low=4, high=255),
        AIM,
    ),
    search=(
        Range(key="rate", low=0.01, high=0.2, log=True),
        Range(key="leaves", low=2, high=8, log=True),
        Range(key="least", low=3, high=100, log=True),
        Range(key="columns", low=0.2, high=1.0),
    ),
    portfolio=(Config(turn=11),),
)
