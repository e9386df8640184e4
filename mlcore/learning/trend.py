"""Whether dates are told as a position in time, measured on later rows before anything is planned.

Rows to come are later than all that was learned from: there a tree stays at the last level it saw, and a line goes on
for ever. Where a level moves steadily that is right, and it shows in every later part; else it is a risk for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from mlcore.data.schema import Schema
from mlcore.learning import later
from mlcore.learning.fields import calendar
from mlcore.learning.fold import Material
from mlcore.learning.goal import Goal
from mlcore.learning.target import Target

COUNTS = 0.95
"""The rank correlation with time from which on a number is taken to do nothing but count it."""

KNOWN = 0.5
"""The share of rows in which such a number is known, at least: a few may lie in order by chance."""


@dataclass(frozen=True, kw_only=True)
class Trend:
    """What was measured on `rows` later rows by the goal's metric: with the `calendar` alone, and with the `position`.

    `helps`: the position does, beyond chance and trifles, and in each of the parts. `counters` are the columns of
    numbers that tell the position, too, as they only rise or fall with time.
    """

    rows: int
    calendar: float
    position: float
    helps: bool
    counters: tuple[str, ...]


def positions(
    table: pd.DataFrame, schema: Schema, goal: Goal, target: Target, *, seconds: float, seed: int
) -> Trend | None:
    """Measure it within a small part of `seconds`; None when there are too few rows or moments to tell.

    None, too, when the position is all there is to learn from.
    """
    found = later.material_of(table, schema, goal, target, fits=2, seconds=seconds, seed=seed)
    if found is None:
        return None
    counters = _counters(found, goal)
    fields = [field for field in calendar(found.fields) if field["name"] not in counters]
    if not any(_told(field) for field in fields):
        return None
    measured = later.compared([replace(found, fields=fields), found], goal, target, seed)
    if measured is None:
        return None
    return Trend(
        rows=measured.rows,
        calendar=measured.scores[0],
        position=measured.scores[1],
        helps=measured.beyond_chance and all(measured.better),
        counters=counters,
    )


def _counters(material: Material, goal: Goal) -> tuple[str, ...]:
    time = pd.Series(material.rows.moments).rank()
    numbers = [field for field in material.fields if field["kind"] == "number" and field["name"] != goal.time]
    ranks = {str(field["name"]): material.features[field["id"]].rank() for field in numbers}
    known = {name: rank for name, rank in ranks.items() if rank.notna().mean() >= KNOWN and rank.nunique() > 1}
    return tuple(name for name, rank in known.items() if abs(time.corr(rank)) >= COUNTS)


def _told(field: Mapping[str, Any]) -> bool:
    """Whether a model is told anything of the column."""
    return field["kind"] != "time" or bool(field["parts"] or field.get("since") or field["missing"])
