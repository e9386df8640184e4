"""Scorecards: learn one, and read its table of points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning import cutting
from mlcore.learning.encode import origins
from mlcore.learning.scoring import MISSING

MOST = 1_000  # points


class Scorecard(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Learns as a scikit-learn estimator on dense columns and labels 0 and 1.

    `stock` is the fitted scorecard made of scikit-learn's own types: columns cut into `parts`, then a logistic
    regression whose weights are whole points times one number.
    """

    def __init__(self, *, parts: int = 5, strength: float = 3.0, most: int = 20, seed: int = 0) -> None:
        self.parts = parts
        self.strength = strength
        self.most = most
        self.seed = seed

    def fit(self, X: Any, y: Integers, sample_weight: Floats | None = None) -> Scorecard:
        """Cut, weigh, round, and find anew what a point is worth."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import Pipeline

        X = np.asarray(X, dtype=np.float64)
        cutter = cutting.cutter(X, self.parts, self.seed)
        cut = cutting.applied(cutter, X)
        model = LogisticRegression(C=1 / self.strength, max_iter=500, random_state=self.seed)
        model.fit(cut, y, sample_weight=sample_weight)
        blocks = cutting.blocks_of(cutter)
        points = _points(model.coef_[0], blocks, self.most)
        worth = LogisticRegression(C=1e6, max_iter=500, random_state=self.seed)
        worth.fit((cut @ points)[:, None], y, sample_weight=sample_weight)
        model.coef_ = worth.coef_ * points
        model.intercept_ = worth.intercept_
        self.stock = Pipeline([("cut", cutter), ("points", model)])
        return self


def _points(weights: Floats, blocks: list[tuple[int, Floats]], most: int) -> Floats:
    """Whole points: the lowest part of a column has none, the weightiest part of all has `most`."""
    ends = np.cumsum([len(edges) - 1 for _, edges in blocks])[:-1]
    raised = np.concatenate([part - part.min() for part in np.split(weights, ends)])
    points: Floats = np.round(raised * most / max(float(raised.max()), 1e-12))
    return points


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
        return "any" if part.high is None else f"below {part.high:.6g}"
    return f"{part.low:.6g} or more" if part.high is None else f"{part.low:.6g} to below {part.high:.6g}"


def _whole(weights: Floats) -> list[int]:
    """The weights as the smallest whole numbers that stand in the same proportions."""
    largest = float(np.abs(weights).max()) or 1.0
    for top in range(1, MOST + 1):
        scaled = weights / largest * top
        if np.abs(scaled - np.round(scaled)).max() < 1e-6:
            break
    return [int(point) for point in np.round(scaled)]
