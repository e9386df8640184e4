"""LightGBM: many small trees, each correcting the sum of those before; usually the best single model.

Where the configurations come from: `slow` (rate 0.012, 53 leaves, 14 rows, 70 % of the columns) and `wild` (random
cuts, 0.034, 127, 6, 83 %) lead the portfolio that Salinas and Erickson learned over 200 tables ("TabRepo", AutoML
2024); `deep` (0.03, 128, 3, 90 %) is AutoGluon's "Large"; `even` (0.04, 50, 40, all, 75 % of the rows) the tuned
default for labels of Holzmüller et al. ("Better by default", NeurIPS 2024). Up to 10,000 rows trees of few leaves did
better: in log loss or RMSE on test rows of five public tables of 1,500 to 7,500 rows, 5 leaves with a strong penalty
beat 31 leaves on all five, and random cuts in small trees (`calm`) on four. Slow rates are doubled, for budgets of
minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Floats, Integers, Task
from mlcore.learning.models.kind import AIM, MULTIPLIED, TWEEDIE_POWER, Boosting, Config, ModelKind, Range, bound
from mlcore.learning.models.patience import Patience
from mlcore.params import Param, Value

MOST_ROUNDS = 2_000
WIDE = {"force_col_wise": True, "max_bin": 63, "subsample_for_bin": 5_000}
"""For very many columns: few steps, found from few rows."""


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """Deterministic, quiet; absolute error when the middle is aimed for."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    shared: dict[str, Any] = {
        "n_estimators": MOST_ROUNDS,
        "learning_rate": params["rate"],
        "num_leaves": params["leaves"],
        "min_child_samples": params["least"],
        "min_child_weight": 1e-7,
        "subsample": params["rows"],
        "subsample_freq": 1,
        "colsample_bytree": params["columns"],
        "reg_lambda": params["penalty"],
        "extra_trees": params["random"],
        "random_state": seed,
        "n_jobs": threads,
        "deterministic": True,
        "verbosity": -1,
    }
    shared |= WIDE if params["wide"] else {"force_row_wise": True}
    if task == "regression":
        if params["log"]:
            return LGBMRegressor(objective="tweedie", tweedie_variance_power=TWEEDIE_POWER, **shared)
        return LGBMRegressor(objective="l1" if params["aim"] == "median" else "l2", **shared)
    return LGBMClassifier(**shared)


def grow(model: Any, X: Any, y: Floats | Integers, boosting: Boosting) -> int:
    """Fit until the rows held aside no longer gain, or time is up."""
    patience = Patience(boosting.until)
    held = None if boosting.held_weight is None else [boosting.held_weight]
    model.fit(
        X,
        y,
        sample_weight=boosting.weight,
        eval_X=boosting.X,
        eval_y=boosting.y,
        eval_sample_weight=held,
        callbacks=[_stopping(patience)],
    )
    return patience.best


def _stopping(patience: Patience) -> Any:
    from lightgbm.callback import EarlyStopException

    def stop(environment: Any) -> None:
        (_, _, loss, _), *_ = results = environment.evaluation_result_list
        done = environment.iteration + 1
        if patience.ends(done, loss) or done == environment.end_iteration:
            raise EarlyStopException(max(patience.best, 1) - 1, results)

    stop.order = 30  # type: ignore[attr-defined]  # as its own early stopping
    return stop


LIGHTGBM = ModelKind(
    key="lightgbm",
    title="Boosted trees (LightGBM)",
    family="boosting",
    about="Hundreds of small trees, each correcting what the sum of the ones before still gets wrong.",
    intake="gaps",
    simplicity=6,
    build=build,
    monotone=bound("monotone_constraints"),
    package="lightgbm",
    widest=3_000,
    takes_sparse=True,
    rounds="n_estimators",
    grow=grow,
    params=(
        Param(key="rate", title="Learning rate", kind="number", default=0.05, low=0.001, high=1.0),
        Param(key="leaves", title="Leaves in a tree", kind="integer", default=31, low=2, high=1024),
        Param(key="least", title="Rows in a leaf, at least", kind="integer", default=20, low=1, high=10_000),
        Param(key="rows", title="Share of rows in a tree", kind="number", default=0.8, low=0.1, high=1.0),
        Param(key="columns", title="Share of columns in a tree", kind="number", default=0.8, low=0.05, high=1.0),
        Param(key="penalty", title="Penalty on leaf values", kind="number", default=1.0, low=0.0, high=1e4),
        Param(key="random", title="Random cuts", kind="switch", default=False, help="Cuts drawn at random: calmer."),
        Param(
            key="common",
            title="Tell how common categories are",
            kind="switch",
            default=False,
            help="Of a column with many categories also by how many rows each of them has.",
        ),
        Param(
            key="wide",
            title="For very many columns",
            kind="switch",
            default=False,
            help="Reads each number in 63 steps and goes through the rows column by column: quicker for thousands.",
        ),
        AIM,
        MULTIPLIED,
    ),
    search=(
        Range(key="rate", low=0.01, high=0.15, log=True),
        Range(key="leaves", low=4, high=255, log=True),
        Range(key="least", low=2, high=200, log=True),
        Range(key="rows", low=0.5, high=1),
        Range(key="columns", low=0.3, high=1),
        Range(key="penalty", low=0.01, high=100, log=True),
    ),
    portfolio=(
        Config(
            turn=3,
            wide=True,
            params={"rate": 0.1, "leaves": 12, "least": 10, "columns": 0.1, "penalty": 10.0, "wide": True},
        ),
        Config(
            suffix="calm",
            title="Boosted trees, small and random (LightGBM)",
            turn=12,
            wide=True,
            params={"rate": 0.1, "leaves": 12, "random": True, "columns": 0.3, "penalty": 5.0, "wide": True},
        ),
        Config(turn=3, to_rows=999, params={"leaves": 5, "least": 8, "columns": 0.5, "penalty": 5.0}),
        Config(
            turn=3, from_rows=1_000, to_rows=10_000, params={"leaves": 5, "least": 30, "columns": 0.5, "penalty": 10.0}
        ),
        Config(turn=3, from_rows=10_001, params={"leaves": 53, "least": 14, "columns": 0.7}),
        Config(
            suffix="calm",
            title="Boosted trees, small and random (LightGBM)",
            turn=4,
            params={"leaves": 12, "random": True, "columns": 0.6, "penalty": 5.0},
        ),
        Config(
            suffix="shares",
            title="Boosted trees that multiply (LightGBM)",
            turn=5,
            tasks=("regression",),
            to_rows=10_000,
            params={"log": True, "leaves": 8, "columns": 0.5, "penalty": 3.0},
        ),
        Config(
            suffix="shares",
            title="Boosted trees that multiply (LightGBM)",
            turn=5,
            tasks=("regression",),
            from_rows=10_001,
            params={"log": True, "leaves": 53, "least": 14, "columns": 0.7},
        ),
        Config(
            suffix="slow",
            title="Boosted trees, slow learning (LightGBM)",
            turn=12,
            params={"rate": 0.02, "leaves": 53, "least": 14, "columns": 0.7, "rows": 1.0, "common": True},
        ),
        Config(
            suffix="deep",
            title="Boosted trees, large (LightGBM)",
            turn=14,
            from_rows=10_001,
            params={"rate": 0.03, "leaves": 128, "least": 3, "columns": 0.9, "rows": 1.0},
        ),
        Config(
            suffix="wild",
            title="Boosted trees, large and random (LightGBM)",
            turn=20,
            from_rows=5_000,
            params={"rate": 0.034, "leaves": 127, "least": 6, "columns": 0.83, "rows": 1.0, "random": True},
        ),
        Config(
            suffix="even",
            title="Boosted trees, many rows in a leaf (LightGBM)",
            turn=22,
            from_rows=1_000,
            params={"rate": 0.04, "leaves": 50, "least": 40, "columns": 1.0, "rows": 0.75, "penalty": 0.0},
        ),
    ),
)
