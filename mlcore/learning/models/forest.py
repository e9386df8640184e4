"""Random forest: many deep trees, each on its own draw of rows and columns.

Forests gain little from tuning (Probst, Boulesteix and Bischl, "Tunability", JMLR 2019), save for the size of leaves
where probabilities count: 6 rows instead of 3 lowered the log loss on two of three public tables, 1 raised it; numbers
like small leaves. A quarter of the columns at a cut beat half and three quarters.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Floats, Integers, Task
from mlcore.learning.models.kind import Config, ModelKind, Range, bound
from mlcore.params import Param, Value

LABELS: tuple[Task, ...] = ("binary", "multiclass")
NUMBERS: tuple[Task, ...] = ("regression",)
PARAMS = (
    Param(key="trees", title="Trees", kind="integer", default=100, low=10, high=2_000),
    Param(key="least", title="Rows in a leaf, at least", kind="integer", default=3, low=1, high=10_000),
    Param(key="columns", title="Share of columns at a cut", kind="number", default=0.25, low=0.01, high=1.0),
    Param(
        key="balanced",
        title="Equal weight for every label",
        kind="switch",
        default=False,
        help="Makes rare labels count as much as common ones; probabilities are then no longer shares.",
    ),
)
SEARCH = (
    Range(key="least", low=1, high=50, log=True),
    Range(key="columns", low=0.1, high=1.0),
)


BUNCH = 10
"""Trees that are planted at once where time is short, and the fewest of a forest that is given no time."""


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """Squared error also when the median is aimed for: absolute error takes hours."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    shared = settings(params, seed, threads)
    if task == "regression":
        return RandomForestRegressor(**shared)
    return RandomForestClassifier(class_weight="balanced" if params["balanced"] else None, **shared)


def settings(params: Mapping[str, Value], seed: int, threads: int) -> dict[str, Any]:
    """What forests and extra trees share."""
    return {
        "n_estimators": params["trees"],
        "min_samples_leaf": params["least"],
        "max_features": params["columns"],
        "random_state": seed,
        "n_jobs": threads,
    }


def plant(model: Any, X: Any, y: Floats | Integers, weight: Floats | None, until: float) -> int:
    """Add trees until all are there or time is up; the same ones, in the same order, as when all are fitted at once.

    Where labels are balanced all are: scikit-learn advises against adding to such a forest.
    """
    wanted, began = int(model.n_estimators), time.monotonic()
    if getattr(model, "class_weight", None) is not None:
        model.fit(X, y, sample_weight=weight)
        return wanted
    planted, step = 0, min(BUNCH, wanted)
    while step > 0:
        planted += step
        model.set_params(n_estimators=planted, warm_start=True).fit(X, y, sample_weight=weight)
        now = time.monotonic()
        possible = int(max(0.0, until - now) * planted / (now - began))
        step = min(wanted - planted, possible, max(BUNCH, possible // 2))
    model.set_params(warm_start=False)
    return planted


FOREST = ModelKind(
    key="forest",
    title="Random forest",
    family="trees",
    about="Asks hundreds of deep decision trees, each grown on its own draw of the rows, and averages their answers.",
    intake="filled",
    simplicity=5,
    build=build,
    monotone=bound("monotonic_cst"),
    rounds="n_estimators",
    plant=plant,
    params=PARAMS,
    search=SEARCH,
    widest=1_000,
    portfolio=(
        Config(turn=16, wide=True, tasks=LABELS, params={"columns": 0.04, "least": 3}),
        Config(turn=16, wide=True, tasks=NUMBERS, params={"columns": 0.1, "least": 2}),
        Config(turn=16, to_rows=20_000, tasks=LABELS, params={"least": 5}),
        Config(turn=16, to_rows=20_000, tasks=NUMBERS, params={"least": 2, "columns": 0.33}),
        Config(turn=16, from_rows=20_001, params={"least": 10}),
        Config(
            suffix="smooth",
            title="Random forest, larger leaves",
            turn=26,
            to_rows=20_000,
            params={"least": 12},
        ),
    ),
)
