"""XGBoost, when it is installed.

Rate 0.088, depth 5, weight 0.63, 66 % of the columns, and for `deep` 0.018, 10, 0.6 and 69 %, are the leading
configurations in the portfolio of Salinas and Erickson ("TabRepo", AutoML 2024); the first beat the settings tuned by
Holzmüller et al. (0.08, 6, 5e-6, all columns, no penalty) on all of five small public tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Floats, Integers, Task
from mlcore.learning.models.kind import AIM, MULTIPLIED, TWEEDIE_POWER, Boosting, Config, ModelKind, Range, bound
from mlcore.learning.models.patience import Patience
from mlcore.params import Param, Value

MOST_ROUNDS = 2_000


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """Histogram method; absolute error when the middle is aimed for."""
    from xgboost import XGBClassifier, XGBRegressor

    shared: dict[str, Any] = {
        "n_estimators": MOST_ROUNDS,
        "learning_rate": params["rate"],
        "max_depth": params["depth"],
        "min_child_weight": params["least"],
        "subsample": 0.8,
        "colsample_bytree": params["columns"],
        "reg_lambda": params["penalty"],
        "tree_method": "hist",
        "random_state": seed,
        "n_jobs": threads,
        "verbosity": 0,
    }
    if task == "regression":
        if params["log"]:
            return XGBRegressor(objective="reg:tweedie", tweedie_variance_power=TWEEDIE_POWER, **shared)
        aim = "reg:absoluteerror" if params["aim"] == "median" else "reg:squarederror"
        return XGBRegressor(objective=aim, **shared)
    return XGBClassifier(**shared)


def grow(model: Any, X: Any, y: Floats | Integers, boosting: Boosting) -> int:
    """Fit until the rows held aside no longer gain, or time is up."""
    patience = Patience(boosting.until)
    model.set_params(callbacks=[_stopping(patience)])
    held = None if boosting.held_weight is None else [boosting.held_weight]
    held_out = {"eval_set": [(boosting.X, boosting.y)], "sample_weight_eval_set": held}
    model.fit(X, y, sample_weight=boosting.weight, verbose=False, **held_out)
    model.set_params(callbacks=None)
    return patience.best


def _stopping(patience: Patience) -> Any:
    from xgboost.callback import TrainingCallback

    class Stopping(TrainingCallback):
        """Ends training when it has waited long enough, or time is up; the model then answers as its best round."""

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            ((loss, *_),) = ([values[-1] for values in told.values()] for told in evals_log.values())
            over = patience.ends(epoch + 1, float(loss))
            model.set_attr(best_iteration=str(max(patience.best, 1) - 1))
            return over

    return Stopping()


XGBOOST = ModelKind(
    key="xgboost",
    title="Boosted trees (XGBoost)",
    family="boosting",
    about="Boosted trees grown level by level, each correcting what the sum of the ones before still gets wrong.",
    intake="gaps",
    simplicity=6,
    build=build,
    monotone=bound("monotone_constraints", tuple),
    package="xgboost",
    widest=500,
    rounds="n_estimators",
    grow=grow,
    params=(
        Param(key="rate", title="Learning rate", kind="number", default=0.08, low=0.001, high=1.0),
        Param(key="depth", title="Depth of a tree", kind="integer", default=5, low=1, high=16),
        Param(key="least", title="Weight in a leaf, at least", kind="number", default=0.6, low=0.0, high=1e4),
        Param(key="columns", title="Share of columns in a tree", kind="number", default=0.66, low=0.05, high=1.0),
        Param(key="penalty", title="Penalty on leaf values", kind="number", default=1.0, low=0.0, high=1e4),
        AIM,
        MULTIPLIED,
    ),
    search=(
        Range(key="rate", low=0.01, high=0.15, log=True),
        Range(key="depth", low=2, high=10),
        Range(key="least", low=0.1, high=100, log=True),
        Range(key="columns", low=0.3, high=1),
        Range(key="penalty", low=0.01, high=100, log=True),
    ),
    portfolio=(
        Config(turn=9),
        Config(
            suffix="shares",
            title="Boosted trees that multiply (XGBoost)",
            turn=16,
            tasks=("regression",),
            params={"log": True},
        ),
        Config(
            suffix="deep",
            title="Boosted trees, deep (XGBoost)",
            turn=21,
            from_rows=5_000,
            params={"rate": 0.03, "depth": 10, "least": 0.6, "columns": 0.7},
        ),
    ),
)
