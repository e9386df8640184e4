"""Ways to learn compared on later rows, by a quick model, before anything is planned.

The rows that a split forward in time would lock away are not looked at. Of the others, three later parts are predicted
from the rows before each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mlcore.data.schema import Schema
from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Floats, Integers, Predictions
from mlcore.learning import quick
from mlcore.learning.fold import Material
from mlcore.learning.goal import Goal
from mlcore.learning.target import Target, moments_of

LEAST_ROWS = 500
LEAST_MOMENTS = 20
MOST_LABELS = 20
EDGES = (0.4, 0.6, 0.8, 1.0)
LUCK = 3.0  # models have luck, too: on tables without drift gains reach two and a half standard errors of drawn rows
TRIVIAL = 0.01  # of the gain over saying the same for every row


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The `scores` of each way on `rows` later rows by the goal's metric, and which of all but the first is `best`.

    `better` says for each part that can be scored whether this one is better there than the first way; `beyond_chance`
    whether it is on all rows, by more than chance and trifles.
    """

    rows: int
    scores: tuple[float, ...]
    best: int
    better: tuple[bool, ...]
    beyond_chance: bool


def material_of(
    table: pd.DataFrame, schema: Schema, goal: Goal, target: Target, *, fits: int, seconds: float, seed: int
) -> Material | None:
    """Older rows in their order, so many that `fits` ways are compared within a small part of `seconds`.

    None when there are too few rows or moments to tell.
    """
    if goal.time is None or len(target.rows) < LEAST_ROWS or len(target.labels) > MOST_LABELS:
        return None
    used = quick.columns_of(schema, goal.time)
    moments = moments_of(table[goal.time].iloc[target.rows])
    chosen = quick.older_rows(moments, quick.most_rows(fits * len(used), len(target.labels), seconds), seed)
    if len(chosen) < LEAST_ROWS / 2 or len(np.unique(moments[chosen])) < LEAST_MOMENTS:
        return None
    chosen = chosen[np.argsort(moments[chosen], kind="stable")]
    material = quick.material_of(table, Schema(columns=used), goal, target, chosen)
    return replace(material, rows=replace(material.rows, moments=moments[chosen]))


def compared(ways: Sequence[Material], goal: Goal, target: Target, seed: int) -> Compared | None:
    """How the same rows, taken in in several ways, do against the first; None when that cannot be scored."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    assert ways[0].rows.moments is not None
    pairs = _pairs(ways[0].rows.moments, goal.gap)
    if len(pairs) < 2 or sum(len(test) for _, test in pairs) < LEAST_ROWS / 4:
        return None
    try:
        with threadpool_limits(limits=1):
            said = [np.concatenate([quick.said(way, train, test, seed) for train, test in pairs]) for way in ways]
            return _judged(ways[0], said, [test for _, test in pairs], goal, target, seed)
    except UserError:  # the metric is not defined for these rows, for example as they all have one label
        return None


def _pairs(moments: Floats, gap: float) -> list[tuple[Integers, Integers]]:
    """Rows before each later part, and the part; rows of one moment stay together."""
    edges = [moments[min(round(edge * len(moments)), len(moments) - 1)] for edge in EDGES]
    found = []
    for first, last in zip(edges, [*edges[1:-1], np.inf], strict=False):
        test = np.flatnonzero((moments >= first) & (moments < last))
        train = np.flatnonzero(moments <= first - gap) if gap else np.flatnonzero(moments < first)
        if len(test) and len(train) >= LEAST_ROWS / 10:
            found.append((train, test))
    return found


def _judged(
    material: Material, said: list[Floats], tests: list[Integers], goal: Goal, target: Target, seed: int
) -> Compared:
    metric = METRICS[goal.metric]
    like = quick.beside(material, goal, target, np.concatenate(tests), said[0])
    same = np.broadcast_to(np.asarray(quick.constant(material, goal)), said[0].shape)
    measures = [metric.weighted(replace(like, values=values)) for values in (*said, same)]
    *scores, nothing = (float(measure(np.ones((1, len(like))))[0]) for measure in measures)
    best = max(range(1, len(said)), key=lambda way: metric.gain(scores[way], scores[0]))
    gained, known = metric.gain(scores[best], scores[0]), metric.gain(scores[0], nothing)
    error = LUCK * quick.unsure(like, metric, measures[best], measures[0], seed)
    return Compared(
        rows=len(like),
        scores=tuple(scores),
        best=best,
        better=_better(like, said[0], said[best], [len(test) for test in tests], goal),
        beyond_chance=gained > error and gained > TRIVIAL * abs(known),
    )


def _better(like: Predictions, first: Floats, other: Floats, sizes: list[int], goal: Goal) -> tuple[bool, ...]:
    """Whether the other is better, in each of the parts in which both can be scored."""
    metric, better = METRICS[goal.metric], []
    for end, size in zip(np.cumsum(sizes), sizes, strict=True):
        part = np.arange(end - size, end)
        try:
            scores = [metric.score(replace(like, values=values).take(part)) for values in (first, other)]
        except UserError:
            continue
        better.append(metric.gain(scores[1], scores[0]) > 0)
    return tuple(better)
