"""A scorecard: whole points for the range that each column's value falls into; their sum gives the probability.

Columns are cut into equal parts of the rows, weighed by a penalised logistic regression, and the weights scaled and
rounded (Siddiqi, "Credit risk scorecards", 2006; that whole points cost little: Ustun and Rudin, "Learning optimized
risk scores", JMLR 2019). `mlcore.learning.points` reads the table of points back from the stored model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Task
from mlcore.learning.models.kind import Config, ModelKind, Range
from mlcore.params import Param, Value


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """See `mlcore.learning.scorecards`."""
    from mlcore.learning.scorecards import Scorecard

    del task, threads
    settings: dict[str, Any] = dict(params)
    return Scorecard(seed=seed, **settings)


SCORECARD = ModelKind(
    key="scorecard",
    title="Scorecard",
    family="rules",
    about="Gives whole points for each answer; their sum says how likely it is. It can be worked out with a pencil.",
    intake="filled",
    simplicity=2,
    build=build,
    tasks=("binary",),
    min_rows=60,
    max_rows=300_000,
    max_columns=100,
    least_label=10,
    stock=lambda model: model.stock,
    params=(
        Param(key="parts", title="Parts of a number", kind="integer", default=5, low=2, high=20),
        Param(
            key="strength",
            title="Penalty",
            kind="number",
            default=3.0,
            low=1e-3,
            high=1e4,
            help="Larger keeps points small and alike.",
        ),
        Param(
            key="most",
            title="Most points of a part",
            kind="integer",
            default=20,
            low=2,
            high=1_000,
            help="The part that weighs most gets so many; the others in proportion.",
        ),
    ),
    search=(
        Range(key="parts", low=3, high=10),
        Range(key="strength", low=0.3, high=100, log=True),
    ),
    portfolio=(Config(turn=19),),
)
