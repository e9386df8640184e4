"""Kernel ridge: a smooth surface through the rows, for numbers in small tables.

It seldom leads, but errs differently from trees: with it the blend of a neural net, boosted trees and a linear model of
the logarithm had a lower error in three folds on every one of eight tables of 200 to 770 rows but one, where it stayed
out; `docs/models.md` has the figures. With a few hundred rows a fit takes a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Task
from mlcore.learning.models.kind import Config, ModelKind, Range
from mlcore.params import Param, Value


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """The width of its bends is chosen inside, by leaving rows out."""
    from mlcore.learning.smooth import Smooth

    del task, threads
    return Smooth(strength=float(params["strength"] or 1.0), seed=seed)


KERNEL = ModelKind(
    key="kernel",
    title="Smooth surface (kernel ridge)",
    family="neighbours",
    about="Weighs all known rows by how alike they are, which draws a smooth surface through them.",
    intake="scaled",
    simplicity=7,
    build=build,
    stock=lambda model: model.plain_,
    tasks=("regression",),
    min_rows=40,
    max_rows=2_000,
    max_columns=300,
    params=(
        Param(
            key="strength",
            title="Penalty",
            kind="number",
            default=1.0,
            low=1e-3,
            high=1e3,
            help="Larger makes the surface calmer; how bent it is, is chosen by leaving rows out.",
        ),
    ),
    search=(Range(key="strength", low=0.1, high=10.0, log=True),),
    portfolio=(Config(turn=6),),
)
