"""A quick model on some of the rows, for what is measured about a table before anything is planned."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.schema import Column, Schema
from mlcore.evaluation.draws import unit_weights, units_of
from mlcore.evaluation.metrics.metric import Metric, Weighted
from mlcore.evaluation.predictions import Floats, Integers, Predictions
from mlcore.learning import scoring
from mlcore.learning.fields import fields_of
from mlcore.learning.fold import Making, Material, fitted
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS
from mlcore.learning.models.kind import MIDDLE
from mlcore.learning.split import Rows
from mlcore.learning.target import Target

MOST_ROWS = 20_000
MOST_COLUMNS = 40
LATER = 0.2  # this share is locked away by a forward split at most
MOST_TREES = 200  # of one fit: with many labels there are fewer rounds
CELLS_A_SECOND = 50_000  # rows × columns that all fits together manage on one core, for one output
MOST_SECONDS = 5.0
OF_BUDGET = 0.05
ROUNDS = 25
DRAWS = 300
SETTINGS = {"leaves": 15, "rate": 0.2}


def columns_of(schema: Schema, time: str) -> tuple[Column, ...]:
    """The time column and, without texts, every so manieth of many others."""
    plain = [column for column in schema.features if column.kind != "text" and column.name != time]
    return (schema[time], *plain[:: -(-len(plain) // MOST_COLUMNS) or 1])


def most_rows(columns: int, labels: int, seconds: float) -> int:
    """How many rows can be looked at within `OF_BUDGET` of `seconds`."""
    outputs = (1 + labels) / 2 if labels > 2 else 1  # half of the work is encoding
    cells = CELLS_A_SECOND * min(MOST_SECONDS, OF_BUDGET * seconds)
    return int(min(MOST_ROWS, cells / (columns * outputs)))


def older_rows(moments: Floats, most: int, seed: int) -> Integers:
    """Positions of dated rows that a forward split leaves to learn from, at most `most` of them."""
    edge = np.sort(moments)[len(moments) - round(LATER * len(moments))]
    older = np.flatnonzero(np.isfinite(moments) & (moments < edge))
    if len(older) <= most:
        return older
    return np.sort(np.random.default_rng(seed).choice(older, most, replace=False))


def material_of(table: pd.DataFrame, schema: Schema, goal: Goal, target: Target, chosen: Integers) -> Material:
    """The chosen rows (of those with a usable target), in the columns of the schema."""
    frame = table[[*schema.names]].iloc[target.rows[chosen]].reset_index(drop=True)
    fields = fields_of(schema, frame)
    return Material(
        task=goal.task,
        features=scoring.conform(frame, fields),
        truth=target.truth[chosen],
        rows=Rows(strata=np.zeros(len(chosen), dtype=np.int64), blocks=np.arange(len(chosen), dtype=np.int64)),
        fields=fields,
        labels=len(target.labels),
    )


def said(material: Material, train: Integers, test: Integers, seed: int) -> Floats:
    """What a quick model that learned from some rows says of others."""
    kind = MODELS["histogram"]
    making = Making(kind=kind, settings=kind.settings(SETTINGS), seed=seed, threads=1)
    model = fitted(material, making, train, rounds=min(ROUNDS, MOST_TREES // max(1, material.labels)), until=None)
    return model.values(material.features.iloc[test], material.labels)


def constant(material: Material, goal: Goal) -> Floats | float:
    """What is said of every row by who knows only how the outcomes are spread."""
    if goal.task == "regression":
        return float(np.median(material.truth) if goal.metric in MIDDLE else np.mean(material.truth))
    return np.bincount(material.truth.astype(np.int64), minlength=material.labels) / len(material.truth)


def beside(material: Material, goal: Goal, target: Target, places: Integers, values: Floats) -> Predictions:
    """What was said of the rows at these places of the material, beside their truth."""
    return Predictions(
        task=goal.task,
        values=values,
        rows=places,
        labels=target.labels,
        positive=goal.positive,
        truth=material.truth[places],
        costs=goal.costs,
    )


def unsure(like: Predictions, metric: Metric, better: Weighted, worse: Weighted, seed: int) -> float:
    """The standard error of the difference between two scores of the same rows, by drawing the rows again."""
    weights = unit_weights(units_of(like), within_labels=metric.within_labels, seed=seed, draws=DRAWS)
    drawn = np.concatenate([better(weight) - worse(weight) for weight in weights])
    return float(np.nanstd(drawn, ddof=1))
