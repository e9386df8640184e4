"""Linear models that find their own penalty: strong where there are about as many columns as rows, or more.

With folds on tables of 60 to 333 rows, a weight for few columns had the lowest error of the portfolio where few of very
many columns matter, and the blend gained from it elsewhere; a penalty found for all columns halved the error of the
linear model where columns are nearly alike (spectra). `docs/models.md` has the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Task
from mlcore.learning.models.kind import Config, ModelKind, seen
from mlcore.params import Param, Value


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """The penalty is chosen inside."""
    from mlcore.learning.shrunk import Every, FewLabels, FewNumbers

    del threads
    if task != "regression":
        return FewLabels(seed=seed)
    return FewNumbers(seed=seed) if params["few"] else Every()


SHRUNK = ModelKind(
    key="shrunk",
    title="Linear model of few columns",
    family="linear",
    about="Adds up a weight for the few columns that tell most together; the others get none. Easy to read.",
    intake="sparse",
    simplicity=3,
    build=build,
    stock=lambda model: model.plain_,
    monotone=seen,
    tasks=("binary", "regression"),
    min_rows=30,
    max_rows=2_000,
    widest=2_000,
    least_label=5,
    params=(
        Param(
            key="few",
            title="Few columns",
            kind="switch",
            default=True,
            help="Most columns get no weight. Without it all get one (for numbers only), as small as does best.",
        ),
    ),
    portfolio=(
        Config(turn=4, wide=True),
        Config(
            suffix="every",
            title="Linear model that finds its penalty",
            turn=9,
            wide=True,
            tasks=("regression",),
            params={"few": False},
        ),
        Config(turn=9),
        Config(
            suffix="every",
            title="Linear model that finds its penalty",
            turn=10,
            tasks=("regression",),
            params={"few": False},
        ),
    ),
)
