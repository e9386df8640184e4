"""Whether models do better on later rows when recent rows count more, measured before anything is planned.

The rows that a split forward in time would lock away are not looked at. Of the others, three later parts are predicted
from the rows before each, by the same quick model with all rows counting alike and with half-lives of several lengths.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mlcore.data.schema import Schema
from mlcore.learning import later
from mlcore.learning.fields import calendar
from mlcore.learning.goal import Goal
from mlcore.learning.target import Target
from mlcore.learning.weights import Weighing

PARTS_OF_SPAN = (2.0, 5.0, 12.0)


@dataclass(frozen=True, kw_only=True)
class Recency:
    """What was measured on `rows` later rows by the goal's metric: all `alike`, and `weighted` by the best half-life.

    `half_life` is in the unit of the time column. `helps`: beyond chance and trifles, and in most of the parts.
    """

    rows: int
    half_life: float
    alike: float
    weighted: float
    helps: bool


def recency(
    table: pd.DataFrame, schema: Schema, goal: Goal, target: Target, *, seconds: float, seed: int, trend: bool = True
) -> Recency | None:
    """Measure it within a small part of `seconds`; None when there are too few rows or moments to tell.

    `trend` as in `Plan`.
    """
    found = later.material_of(table, schema, goal, target, fits=len(PARTS_OF_SPAN) + 1, seconds=seconds, seed=seed)
    if found is None or found.rows.moments is None:
        return None
    material = found if trend else replace(found, fields=calendar(found.fields))
    lengths = [float(np.ptp(found.rows.moments)) / part for part in PARTS_OF_SPAN]
    ways = [replace(material, weighing=Weighing(half_life=length)) for length in lengths]
    measured = later.compared([material, *ways], goal, target, seed)
    if measured is None:
        return None
    best = measured.best
    return Recency(
        rows=measured.rows,
        half_life=lengths[best - 1],
        alike=measured.scores[0],
        weighted=measured.scores[best],
        helps=measured.beyond_chance and sum(measured.better) > len(measured.better) / 2,
    )
