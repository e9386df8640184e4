"""A closer look at a model, by asking it about changed rows: effects of columns, what it needs, rules that copy it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mlcore.errors import TableError
from mlcore.evaluation.predictions import Task
from mlcore.explanation.curves import Curve, curve
from mlcore.explanation.members import outputs_of
from mlcore.explanation.needed import Needed, needed
from mlcore.explanation.rules import Rules, rules
from mlcore.learning.model import Model

ROWS = 2_000
MOST_CURVES = 8


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What was found; `outputs` as in `Explanation`, `rows` of `population` were looked at.

    `curves` are those of the columns that matter most, in their order. `needed` is empty when the truth of too few rows
    is known, and of what matters most where there was no time for all. `rules` has an entry for each output.
    """

    task: Task
    outputs: tuple[str, ...]
    rows: int
    population: int
    curves: tuple[Curve, ...]
    needed: tuple[Needed, ...]
    rules: tuple[Rules, ...]
    seconds: float


def look(model: Model, table: pd.DataFrame, order: tuple[str, ...], *, seconds: float = 40.0, seed: int = 0) -> Probe:
    """Look at a random sample of the prepared table, the columns of `order` first, for about so many seconds.

    `table` may hold the target: then it is told how much worse the model would be without each column. When the time
    does not suffice, fewer columns have a curve.
    """
    began = time.monotonic()
    if not len(table):
        raise TableError("There are no rows to look at", remedy="Bring a table with at least one row.")
    drawn = np.sort(np.random.default_rng(seed).permutation(len(table))[:ROWS])
    sample = table.iloc[drawn].reset_index(drop=True)
    rows = sample[list(model.columns)]
    said = outputs_of(model, rows)
    each = (time.monotonic() - began) / len(rows)
    without = needed(model, sample, budget=0.4 * seconds, each=each, order=order, seed=seed)
    curves: list[Curve] = []
    for column in order[:MOST_CURVES]:
        if curves and time.monotonic() - began > 0.8 * seconds:
            break
        curves.append(curve(model, rows, column, budget=seconds / 16, each=each, seed=seed))
    names = (str(model.scorer.spec["positive"]),) if model.task == "binary" else model.labels or (model.goal.target,)
    return Probe(
        task=model.task,
        outputs=names,
        rows=len(rows),
        population=len(table),
        curves=tuple(curves),
        needed=without,
        rules=tuple(rules(rows, said[:, place], seed=seed) for place in range(len(names))),
        seconds=time.monotonic() - began,
    )


def under_titles(found: Probe, titles: Mapping[str, str]) -> Probe:
    """The same with columns, and the target of a number, under their titles; no two may be the same."""

    def named(name: str) -> str:
        return titles.get(name, name)

    return replace(
        found,
        outputs=tuple(named(name) for name in found.outputs) if found.task == "regression" else found.outputs,
        curves=tuple(replace(one, column=named(one.column), goes_with=named(one.goes_with)) for one in found.curves),
        needed=tuple(replace(one, columns=tuple(named(name) for name in one.columns)) for one in found.needed),
        rules=tuple(
            replace(
                one,
                rules=tuple(
                    replace(rule, asked=tuple(replace(asked, column=named(asked.column)) for asked in rule.asked))
                    for rule in one.rules
                ),
            )
            for one in found.rules
        ),
    )
