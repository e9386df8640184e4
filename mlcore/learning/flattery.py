"""Whether dealing rows at random would promise more than later rows keep, measured before anything is planned.

The rows that a split forward in time would lock away are not looked at. Of the others the newest fifth is predicted
twice by the same quick model: by one that learned from the rows before, and by others that learned from as many rows,
a fifth of them exchanged for newest ones (never those predicted). The rows predicted are the same, and so are most rows
learned from, so the difference is what knowing the rows' neighbours in time is worth: what random folds give a model,
and later rows will not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mlcore.data.schema import Schema
from mlcore.errors import UserError
from mlcore.evaluation.intervals import quantile_t
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Integers, Predictions
from mlcore.learning import quick
from mlcore.learning.fold import Material
from mlcore.learning.goal import Goal
from mlcore.learning.target import Target, moments_of

LEAST_ROWS = 500
LEAST_MOMENTS = 20
MOST_OF_A_MOMENT = 0.1
MOST_UNDATED = 0.1
DEALS = 5
MOST_LABELS = 20
LUCK = 1.5  # on tables without time the difference varies 1.3 times as much as its draws: models have luck, too
TRIVIAL = 0.02  # of the gain over saying the same for every row


@dataclass(frozen=True, kw_only=True)
class Flattery:
    """What was measured on the newest of the rows looked at, by the goal's metric.

    `forward`: learned from the rows before. `dealt`: learned from as many rows, some of them as new as those predicted.
    `low` and `high` bound the 95 % interval of what the latter gains. `told` is the ROC AUC of telling the newest rows
    from those before without their dates; None when there is nothing but dates. `flatters`: beyond chance and trifles.
    """

    column: str
    rows: int
    forward: float
    dealt: float
    low: float
    high: float
    told: float | None
    flatters: bool


def dates(table: pd.DataFrame, schema: Schema, target: Target) -> str | None:
    """The column by which the rows can be ordered: the most complete of the dates that differ often enough."""
    found: list[tuple[float, str]] = []
    for column in schema.features:
        if column.kind == "datetime":
            moments = moments_of(table[column.name].iloc[target.rows])
            known, counts = np.unique(moments[np.isfinite(moments)], return_counts=True)
            gone = 1 - counts.sum() / max(1, len(moments))
            crowded = counts.max(initial=0) > MOST_OF_A_MOMENT * len(moments)
            if len(known) >= LEAST_MOMENTS and gone <= MOST_UNDATED and not crowded:
                found.append((gone, column.name))
    return min(found, key=lambda one: one[0])[1] if found else None


def flattery(
    table: pd.DataFrame, schema: Schema, goal: Goal, target: Target, *, seconds: float, seed: int
) -> Flattery | None:
    """Measure it within a small part of `seconds`; None when there are too few rows or dates to tell.

    Texts are left aside, and of many columns every so manieth is taken: it is a measurement, no model to keep.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    if len(target.rows) < LEAST_ROWS or len(target.labels) > MOST_LABELS:
        return None
    if (column := dates(table, schema, target)) is None:
        return None
    used = quick.columns_of(schema, column)
    moments = moments_of(table[column].iloc[target.rows])
    chosen = quick.older_rows(moments, quick.most_rows(len(used), len(target.labels), seconds), seed)
    texts = [column.name for column in schema.features if column.kind == "text"]
    chosen = _single(table[[*(one.name for one in used), *texts]].iloc[target.rows[chosen]], chosen)
    later = moments[chosen] >= np.sort(moments[chosen])[round((1 - quick.LATER) * len(chosen))]
    if later.sum() < quick.LATER / 2 * len(chosen) or len(chosen) < LEAST_ROWS / 2:
        return None
    material = quick.material_of(table, Schema(columns=used), goal, target, chosen)
    try:
        with threadpool_limits(limits=1):  # waiting for each other, threads cost more than they give on few rows
            return _measured(material, goal, target, column, later, seed)
    except UserError:  # the metric is not defined for these rows, for example as they all have one label
        return None


def _single(features: pd.DataFrame, chosen: Integers) -> Integers:
    """Without copies, which random folds keep on one side: seeing them would be another flattery than this one."""
    return chosen[~pd.util.hash_pandas_object(features, index=False).duplicated().to_numpy()]


def _measured(material: Material, goal: Goal, target: Target, column: str, later: np.ndarray, seed: int) -> Flattery:
    metric, random = METRICS[goal.metric], np.random.default_rng(seed)
    before, newest = np.flatnonzero(~later), np.flatnonzero(later)
    forward = quick.said(material, before, newest, seed)
    dealt = np.empty_like(forward)
    for part in np.array_split(random.permutation(len(newest)), DEALS):
        others = np.delete(newest, part)
        train = np.sort(np.concatenate([others, random.choice(before, len(before) - len(others), replace=False)]))
        dealt[part] = quick.said(material, train, newest[part], seed)
    predictions = quick.beside(material, goal, target, newest, forward)
    same = np.broadcast_to(quick.constant(material, goal), forward.shape)
    scores = [metric.weighted(replace(predictions, values=values)) for values in (forward, dealt, same)]
    once = np.ones((1, len(newest)))
    low_score, high_score, nothing = (float(score(once)[0]) for score in scores)
    gained, known = metric.gain(high_score, low_score), metric.gain(high_score, nothing)
    reach = LUCK * quantile_t(len(newest) - 1) * quick.unsure(predictions, metric, scores[1], scores[0], seed)
    return Flattery(
        column=column,
        rows=len(later),
        forward=low_score,
        dealt=high_score,
        low=gained - reach,
        high=gained + reach,
        told=_told(material, later, seed),
        flatters=gained - reach > 0 and known > 0 and gained > TRIVIAL * known,
    )


def _told(material: Material, later: np.ndarray, seed: int) -> float | None:
    fields = [field for field in material.fields if field["kind"] != "time"]
    if not fields:
        return None
    truth = later.astype(np.int64)
    asked = replace(material, task="binary", truth=truth, fields=fields, labels=2)
    halves = np.random.default_rng(seed).permutation(len(later))
    train, test = np.sort(halves[::2]), np.sort(halves[1::2])
    values = quick.said(asked, train, test, seed)
    predictions = Predictions(
        task="binary", values=values, rows=test, labels=("before", "later"), positive="later", truth=truth[test]
    )
    return METRICS["roc_auc"].score(predictions)
