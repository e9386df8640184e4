"""CatBoost, when it is installed.

The library's own depth of 6 and penalty of 3 are hard to beat (McElfresh et al., "When do neural nets outperform
boosted trees on tabular data?", NeurIPS 2023, found it the best on average, over 176 tables); `shallow` (rate 0.05,
depth 4, penalty 4.6) and `deep` (0.017, 8, 3.3) follow in the portfolio of Salinas and Erickson ("TabRepo", AutoML
2024). Depth 7 without a penalty, the tuned default of Holzmüller et al. (NeurIPS 2024), was worse on four of five
small public tables. Half the columns at a cut and 64 borders instead of 254 took a third of the time on four tables of
1,100 to 5,100 rows, at scores that were not worse. Categories come encoded: what CatBoost makes of its own could
neither be exported nor explained exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Floats, Integers, Task
from mlcore.learning.models.kind import AIM, Boosting, Config, ModelKind, Range, bound
from mlcore.learning.models.patience import Patience
from mlcore.params import Param, Value

MOST_ROUNDS = 1_500
BORDERS = 64
"""Cuts tried of a column; four times as many took twice as long and were not better."""


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """Symmetric trees on encoded columns; writes no files; absolute error when the middle is aimed for."""
    from catboost import CatBoostClassifier, CatBoostRegressor

    shared: dict[str, Any] = {
        "iterations": MOST_ROUNDS,
        "learning_rate": params["rate"],
        "depth": params["depth"],
        "l2_leaf_reg": params["penalty"],
        "rsm": params["columns"],
        "border_count": BORDERS,
        "random_seed": seed,
        "thread_count": threads,
        "allow_writing_files": False,
        "verbose": False,
    }
    if task == "regression":
        return CatBoostRegressor(loss_function="MAE" if params["aim"] == "median" else "RMSE", **shared)
    return CatBoostClassifier(loss_function="Logloss" if task == "binary" else "MultiClass", **shared)


def grow(model: Any, X: Any, y: Floats | Integers, boosting: Boosting) -> int:
    """Fit until the rows held aside no longer gain, or time is up."""
    from catboost import Pool

    held = Pool(boosting.X, boosting.y, weight=boosting.held_weight)
    patience = Patience(boosting.until)
    stop = {"use_best_model": True, "callbacks": [_Stopping(patience)]}
    model.fit(X, y, sample_weight=boosting.weight, eval_set=held, **stop)
    return int(model.best_iteration_ or 0) + 1


class _Stopping:
    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def after_iteration(self, info: Any) -> bool:
        """Whether to go on."""
        (losses, *_) = info.metrics["validation"].values()
        return not self._patience.ends(info.iteration, losses[-1])


CATBOOST = ModelKind(
    key="catboost",
    title="Boosted trees (CatBoost)",
    family="boosting",
    about="Boosted symmetric trees: every branch of a tree asks the same questions, which keeps it calm.",
    intake="gaps",
    simplicity=6,
    build=build,
    monotone=bound("monotone_constraints"),
    package="catboost",
    widest=300,
    rounds="iterations",
    grow=grow,
    params=(
        Param(key="rate", title="Learning rate", kind="number", default=0.06, low=0.001, high=1.0),
        Param(key="depth", title="Depth of a tree", kind="integer", default=6, low=1, high=12),
        Param(key="penalty", title="Penalty on leaf values", kind="number", default=3.0, low=0.0, high=1e4),
        Param(key="columns", title="Share of columns at a cut", kind="number", default=0.5, low=0.05, high=1.0),
        AIM,
    ),
    search=(
        Range(key="rate", low=0.02, high=0.2, log=True),
        Range(key="depth", low=3, high=9),
        Range(key="penalty", low=0.3, high=30, log=True),
        Range(key="columns", low=0.2, high=1),
    ),
    portfolio=(
        Config(turn=6),
        Config(
            suffix="shallow",
            title="Boosted trees, shallow (CatBoost)",
            turn=15,
            params={"rate": 0.05, "depth": 4, "penalty": 4.5},
        ),
        Config(
            suffix="deep",
            title="Boosted trees, deep (CatBoost)",
            turn=23,
            from_rows=3_000,
            params={"rate": 0.05, "depth": 8, "penalty": 3.3},
        ),
    ),
)
