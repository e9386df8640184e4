"""scikit-learn's histogram boosting: the boosted yardstick.

Half the columns at a cut, small trees and a penalty beat its own settings (rate 0.1, 31 leaves, no penalty) on all of
five public tables of 1,500 to 10,000 rows; those are still tried, as the yardstick that others report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mlcore.evaluation.predictions import Floats, Integers, Task
from mlcore.learning.models.bins import sped_up
from mlcore.learning.models.kind import AIM, Boosting, Config, ModelKind, Range, bound
from mlcore.learning.models.patience import Patience
from mlcore.params import Param, Value

MOST_ROUNDS = 600


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """Native categories stay off: neither ONNX nor shap reproduces them. It uses as many threads as OpenMP allows."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    del threads
    sped_up()
    shared: dict[str, Any] = {
        "learning_rate": params["rate"],
        "max_leaf_nodes": params["leaves"],
        "min_samples_leaf": params["least"],
        "l2_regularization": params["penalty"],
        "max_features": params["columns"],
        "max_iter": MOST_ROUNDS,
        "n_iter_no_change": 20,
        "early_stopping": False,
        "categorical_features": None,
        "random_state": seed,
    }
    if task == "regression":
        return HistGradientBoostingRegressor(
            loss="absolute_error" if params["aim"] == "median" else "squared_error", **shared
        )
    return HistGradientBoostingClassifier(**shared)


def grow(model: Any, X: Any, y: Floats | Integers, boosting: Boosting) -> int:
    """Fit until the rows held aside no longer gain, or time is up."""
    import numpy as np

    held = {"X_val": boosting.X, "y_val": boosting.y, "sample_weight_val": boosting.held_weight}
    with _stopped(model, Patience(boosting.until, least=model.n_iter_no_change)):
        model.set_params(early_stopping=True).fit(X, y, sample_weight=boosting.weight, **held)
    return max(1, int(np.argmax(model.validation_score_)))


@contextmanager
def _stopped(model: Any, patience: Patience) -> Iterator[None]:
    """Inside, the model stops when it has waited long enough, or time is up.

    It asks a private method after each round, with the scores before the first and after each; fits in bunches
    (`warm_start`) would bin all rows anew for each of them. May go when scikit-learn has callbacks.
    """
    model._should_stop = lambda scores: patience.ends(len(scores) - 1, -scores[-1])
    try:
        yield
    finally:
        del model._should_stop


HISTOGRAM = ModelKind(
    key="histogram",
    title="Boosted trees (scikit-learn)",
    family="boosting",
    about="Boosted trees on binned numbers, as scikit-learn grows them: a strong yardstick.",
    intake="gaps",
    simplicity=6,
    build=build,
    monotone=bound("monotonic_cst"),
    widest=500,
    rounds="max_iter",
    grow=grow,
    params=(
        Param(key="rate", title="Learning rate", kind="number", default=0.1, low=0.001, high=1.0),
        Param(key="leaves", title="Leaves in a tree", kind="integer", default=31, low=2, high=1024),
        Param(key="least", title="Rows in a leaf, at least", kind="integer", default=20, low=1, high=10_000),
        Param(key="penalty", title="Penalty on leaf values", kind="number", default=0.0, low=0.0, high=1e4),
        Param(key="columns", title="Share of columns at a cut", kind="number", default=1.0, low=0.05, high=1.0),
        AIM,
    ),
    search=(
        Range(key="rate", low=0.01, high=0.2, log=True),
        Range(key="leaves", low=4, high=127, log=True),
        Range(key="least", low=2, high=200, log=True),
        Range(key="penalty", low=0.01, high=100, log=True),
        Range(key="columns", low=0.2, high=1),
    ),
    portfolio=(
        Config(turn=13, params={"rate": 0.05, "leaves": 15, "penalty": 5.0, "columns": 0.5}),
        Config(suffix="plain", title="Boosted trees, as they come (scikit-learn)", turn=30),
    ),
)
