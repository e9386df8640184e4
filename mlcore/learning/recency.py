"""Whether models do better on later rows when recent rows count more, measured before anything is planned.

The rows that a split forward in time would lock away are not looked at. Of the others, three later parts are predicted
from the rows before each, by the same quick model with all rows counting alike and with half-lives of several lengths.
"""

from __future__ import annotations

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
from mlcore.learning.weights import Weighing

LEAST_ROWS = 500
LEAST_MOMENTS = 20
MOST_LABELS = 20
EDGES = (0.4, 0.6, 0.8, 1.0)
PARTS_OF_SPAN = (2.0, 5.0, 12.0)
LUCK = 3.0  # models have luck, too: on tables without drift gains reach two and a half standard errors of drawn rows
TRIVIAL = 0.01  # of the gain over saying the same for every row


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
    table: pd.DataFrame, schema: Schema, goal: Goal, target: Target, *, seconds: float, seed: int
) -> Recency | None:
    """Measure it within a small part of `seconds`; None when there are too few rows or moments to tell."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    if goal.time is None or len(target.rows) < LEAST_ROWS or len(target.labels) > MOST_LABELS:
        return None
    used = quick.columns_of(schema, goal.time)
    moments = moments_of(table[goal.time].iloc[target.rows])
    fits = len(PARTS_OF_SPAN) + 1
    chosen = quick.older_rows(moments, quick.most_rows(fits * len(used), len(target.labels), seconds), seed)
    if len(chosen) < LEAST_ROWS / 2 or len(np.unique(moments[chosen])) < LEAST_MOMENTS:
        return None
    chosen = chosen[np.argsort(moments[chosen], kind="stable")]
    material = quick.material_of(table, Schema(columns=used), goal, target, chosen)
    material = replace(material, rows=replace(material.rows, moments=moments[chosen]))
    try:
        with threadpool_limits(limits=1):
            return _measured(material, goal, target, seed)
    except UserError:  # the metric is not defined for these rows, for example as they all have one label
        return None


def _measured(material: Material, goal: Goal, target: Target, seed: int) -> Recency:
    moments = material.rows.moments
    assert moments is not None
    pairs = _pairs(moments, goal.gap)
    lengths = [float(np.ptp(moments)) / part for part in PARTS_OF_SPAN]
    tested = np.concatenate([test for _, test in pairs]) if pairs else np.arange(0, dtype=np.int64)
    if len(pairs) < 2 or len(tested) < LEAST_ROWS / 4:
        raise UserError("Too many rows share one time")
    ways = [Weighing(), *(Weighing(half_life=length) for length in lengths)]
    said = [
        np.concatenate([quick.said(replace(material, weighing=way), train, test, seed) for train, test in pairs])
        for way in ways
    ]
    like = quick.beside(material, goal, target, tested, said[0])
    return _judged(
        like, said, lengths, [len(test) for _, test in pairs], np.asarray(quick.constant(material, goal)), goal, seed
    )


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
    like: Predictions, said: list[Floats], lengths: list[float], sizes: list[int], same: Floats, goal: Goal, seed: int
) -> Recency:
    metric = METRICS[goal.metric]
    once = np.ones((1, len(like)))
    scores = [metric.weighted(replace(like, values=values)) for values in (*said, np.broadcast_to(same, said[0].shape))]
    values = [float(score(once)[0]) for score in scores]
    best = max(range(1, len(said)), key=lambda way: metric.gain(values[way], values[0]))
    gained, known = metric.gain(values[best], values[0]), metric.gain(values[0], values[-1])
    error = LUCK * quick.unsure(like, metric, scores[best], scores[0], seed)
    return Recency(
        rows=len(like),
        half_life=lengths[best - 1],
        alike=values[0],
        weighted=values[best],
        helps=gained > error and gained > TRIVIAL * abs(known) and _mostly(like, said[0], said[best], sizes, goal),
    )


def _mostly(like: Predictions, alike: Floats, weighted: Floats, sizes: list[int], goal: Goal) -> bool:
    """Whether it helps in more than half of the parts in which both can be scored."""
    metric, better = METRICS[goal.metric], []
    for end, size in zip(np.cumsum(sizes), sizes, strict=True):
        part = np.arange(end - size, end)
        try:
            scores = [metric.score(replace(like, values=values).take(part)) for values in (alike, weighted)]
        except UserError:
            continue
        better.append(metric.gain(scores[1], scores[0]) > 0)
    return sum(better) > len(better) / 2
