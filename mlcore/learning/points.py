"""The table of points of a scorecard, read from the stored model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from mlcore.data.amounts import compact
from mlcore.evaluation.predictions import Floats
from mlcore.learning import cutting
from mlcore.learning.encode import origins
from mlcore.learning.scoring import MISSING

MOST = 1_000  # points


@dataclass(frozen=True, kw_only=True)
class Points:
    """What a scorecard gives for a value of the encoded column `column`: from `low` up to, but not with, `high`.

    None is no bound.
    """

    column: int
    low: float | None
    high: float | None
    points: int


def points_of(model: Any) -> tuple[Points, ...]:
    """The table of a stored scorecard, column by column."""
    blocks = cutting.blocks_of(model.named_steps["cut"])
    given = _whole(model.named_steps["points"].coef_[0])
    found: list[Points] = []
    for column, edges in blocks:
        inner = [None, *(float(edge) for edge in edges[1:-1]), None]
        for low, high in pairwise(inner):
            found.append(Points(column=column, low=low, high=high, points=given[len(found)]))
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the table of points in a person's words: of a column, for which values, how many points."""

    column: str
    values: str
    points: int


def lines_of(pipeline: Any, fields: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    """The table of points of a stored scorecard in the user's columns; none when the pipeline is no scorecard."""
    model = pipeline.named_steps["model"]
    if set(getattr(model, "named_steps", ())) != {"cut", "points"}:
        return ()
    names = list(pipeline.named_steps["encode"].get_feature_names_out())
    places = origins(pipeline, fields)
    titles = {str(field["id"]): str(field["name"]) for field in fields}
    found = []
    for part in points_of(model):
        field = fields[places[part.column]]
        said, answered = _worded(str(names[part.column]), field, titles)
        values = ("no" if part.low is None else "yes") if answered else _ranged(part)
        found.append(Line(column=said, values=values, points=part.points))
    return tuple(found)


def _worded(encoded: str, field: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, bool]:
    """What an encoded column holds, and whether it is a question of yes or no; `titles` are columns by internal id."""
    step, _, rest = encoded.partition("__")
    name, detail = str(field["name"]), rest.partition("_")[2]
    if step == "gone":
        return f"{name} is missing", True
    if step == "hot":
        level = {"infrequent_sklearn": "rare", MISSING: "missing"}.get(detail, detail)
        return f"{name} is {level}", True
    if step == "rate":
        return f"{name}, as the share that its value had in training", False
    if step == "share":
        return f"{name}, as the share of rows that had its value in training", False
    if step == "code":
        return f"{name}, as the place of its value in order", False
    if field["kind"] == "time":
        earlier = titles.get(detail.removeprefix("since"))
        return (f"{name} ({detail})" if earlier is None else f"days from {earlier} to {name}"), False
    return (name, False) if field["kind"] == "number" else (f"{name}, as its words", False)


def _ranged(part: Points) -> str:
    if part.low is None:
        return "any" if part.high is None else f"below {compact(part.high, 6)}"
    return (
        f"{compact(part.low, 6)} or more"
        if part.high is None
        else f"{compact(part.low, 6)} to below {compact(part.high, 6)}"
    )


def _whole(weights: Floats) -> list[int]:
    """The weights as the smallest whole numbers that stand in the same proportions."""
    largest = float(np.abs(weights).max()) or 1.0
    for top in range(1, MOST + 1):
        scaled = weights / largest * top
        if np.abs(scaled - np.round(scaled)).max() < 1e-6:
            break
    return [int(point) for point in np.round(scaled)]
