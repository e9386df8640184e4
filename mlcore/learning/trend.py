"""Whether dates are told as a position in time, measured on later rows before anything is planned.

Rows to come are later than all that was learned from: there a tree stays at the last level it saw, and a line goes on
for ever. Where a level moves steadily that is right, and it shows in every later part; else it is a risk for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from mlcore.data.schema import Schema
from mlcore.learning import later
from mlcore.learning.fields import calendar
from mlcore.learning.goal import Goal
from mlcore.learning.target import Target


@dataclass(frozen=True, kw_only=True)
class Trend:
    """What was measured on `rows` later rows by the goal's metric: with the `calendar` alone, and with the `position`.

    `helps`: the position does, beyond chance and trifles, and in each of the parts.
    """

    rows: int
    calendar: float
    position: float
    helps: bool


def positions(
    table: pd.DataFrame, schema: Schema, goal: Goal, target: Target, *, seconds: float, seed: int
) -> Trend | None:
    """Measure it within a small part of `seconds`; None when there are too few rows or moments to tell."""
    found = later.material_of(table, schema, goal, target, fits=2, seconds=seconds, seed=seed)
    if found is None:
        return None
    measured = later.compared([replace(found, fields=calendar(found.fields)), found], goal, target, seed)
    if measured is None:
        return None
    return Trend(
        rows=measured.rows,
        calendar=measured.scores[0],
        position=measured.scores[1],
        helps=measured.beyond_chance and all(measured.better),
    )
