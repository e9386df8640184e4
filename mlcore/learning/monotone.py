"""Predictions that only rise, or only fall, with a number: asked for by column, kept by the model, checked after a fit.

Trees take the directions as constraints; a weighted sum is looked at afterwards; kinds of models that can promise
nothing are not tried. An average of models that keep a direction keeps it, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.schema import Schema
from mlcore.errors import ColumnError, GoalError, UserError
from mlcore.evaluation.predictions import Floats
from mlcore.findings import Finding
from mlcore.learning import scoring
from mlcore.learning.encode import ID
from mlcore.learning.fields import kind_of
from mlcore.learning.goal import Goal
from mlcore.learning.target import Target

SIGNS: Mapping[str, int] = {"up": 1, "down": -1}
AGAINST, DOUBTED = 0.5, 0.2
"""Rank correlations the other way, from which a direction is refused, and from which it is doubted."""

LOOKED_AT, STEPS = 40, 15
TOLERANCE = 1e-6


def check(table: pd.DataFrame, schema: Schema, target: Target, goal: Goal) -> tuple[Finding, ...]:
    """What is worth knowing about the directions asked for; `GoalError` for those that cannot be kept."""
    if goal.monotone and goal.task == "multiclass":
        raise GoalError(
            "A prediction of several labels neither rises nor falls", remedy="Leave out the directions of columns."
        )
    return tuple(
        finding for name, way in goal.monotone.items() for finding in _checked(table, schema, target, goal, name, way)
    )


def signs_of(monotone: Mapping[str, str], fields: Sequence[Mapping[str, Any]], *, flipped: bool) -> dict[str, int]:
    """By internal column, +1 or -1; `flipped` when the label that counts as yes is the first."""
    turn = -1 if flipped else 1
    return {field["id"]: turn * SIGNS[monotone[field["name"]]] for field in fields if field["name"] in monotone}


def directions(encode: Any, signs: Mapping[str, int]) -> list[int]:
    """+1, 0 or -1 for each column of a fitted encoder. `UserError` when it bends a column that has a direction."""
    found = []
    for name in encode.get_feature_names_out():
        own = name.split("__", 1)[1]
        match = ID.match(name)
        origin = (match.group(1) or match.group(2)) if match else None
        if own not in signs and origin in signs and not own.endswith("_missing"):
            raise UserError("It bends a column that predictions must follow in one direction")
        found.append(signs.get(own, 0))
    return found


def keeps(values: Callable[[pd.DataFrame], Floats], frame: pd.DataFrame, signs: Mapping[str, int]) -> bool:
    """Whether predictions go the asked way along each column, looked at in some rows, over the range of the column."""
    rows = frame.iloc[:: max(1, len(frame) // LOOKED_AT)]
    return all(_follows(values, rows, frame[name], sign) for name, sign in signs.items())


def _follows(values: Callable[[pd.DataFrame], Floats], rows: pd.DataFrame, column: pd.Series, sign: int) -> bool:
    known = column.dropna().to_numpy(dtype=np.float64)
    if not len(known):
        return True
    steps = np.unique(np.quantile(known, np.linspace(0, 1, STEPS)).astype(np.float32)).astype(np.float64)
    asked = rows.loc[rows.index.repeat(len(steps))].copy()
    asked[column.name] = np.tile(steps, len(rows))
    if f"{column.name}_missing" in asked:
        asked[f"{column.name}_missing"] = 0.0
    said = values(asked).reshape(len(rows), len(steps))
    return bool((np.diff(said, axis=1) * sign >= -TOLERANCE * max(1.0, float(np.abs(said).max()))).all())


def _checked(
    table: pd.DataFrame, schema: Schema, target: Target, goal: Goal, name: str, way: str
) -> tuple[Finding, ...]:
    where = f"column {name!r}"
    if name not in schema:
        raise ColumnError(name, schema.names)
    if way not in SIGNS:
        raise GoalError(f"{way!r} is no direction", where=where, remedy="Say 'up' or 'down'.")
    if name in (goal.target, goal.group, goal.weight, goal.split) or name in goal.exclude:
        raise GoalError(
            "A column that is not learned from cannot have a direction", where=where, remedy="Leave its direction out."
        )
    if kind_of(schema[name]) != "number":
        raise GoalError(
            f"Predictions cannot rise or fall with {_kind(schema[name].kind)}",
            where=where,
            remedy="Leave its direction out, or make a number of it.",
        )
    correlation = _correlation(table[name].iloc[target.rows], target, goal)
    against = -SIGNS[way] * correlation
    if against < DOUBTED:
        return ()
    shown = f"{name!r} goes with {goal.target!r} the other way: their rank correlation is {correlation:+.2f}"
    if against >= AGAINST and name not in goal.keep:
        raise GoalError(
            f"The prediction is to {'rise' if way == 'up' else 'fall'} with {name!r}, but {shown}",
            remedy="Turn the direction around or leave it out. To insist, keep the column (--keep).",
        )
    return (_doubt(name, shown),)


def _kind(kind: str) -> str:
    return {"text": "texts", "datetime": "dates", "identifier": "identifiers"}.get(kind, "categories")


def _correlation(values: pd.Series, target: Target, goal: Goal) -> float:
    """Spearman's, with the number predicted or with being a yes; 0 when there is none."""
    truth = target.truth
    if target.labels:
        truth = (truth == target.labels.index(goal.positive)).astype(np.float64)
    numbers = scoring.numbers(values)[0]
    known = np.isfinite(numbers)
    if known.sum() < 2:
        return 0.0
    ranks = [pd.Series(part[known]).rank().to_numpy() for part in (numbers, truth)]
    if min(part.std() for part in ranks) == 0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _doubt(name: str, shown: str) -> Finding:
    return Finding(
        code="direction_doubtful",
        level="watch",
        title="A direction goes against the data",
        what=f"{shown}.",
        why="Other columns may explain that; if not, the constraint makes every model worse.",
        remedy="Compare with a run without this direction.",
        columns=(name,),
    )
