"""Small real models of every family, and the Shapley values of the whole model by the textbook."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from pathlib import Path

import numpy as np
import pandas as pd

from mlcore.data.schema import Column, Schema
from mlcore.learning import scoring
from mlcore.learning.fields import fields_of
from mlcore.learning.fold import Making, Material, fitted
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.models import MODELS
from mlcore.learning.split import Rows
from mlcore.learning.store import Member
from mlcore.learning.target import target_of

SMALL = {"forest": {"trees": 12}, "extra": {"trees": 12}, "net": {"width": 12}, "linear": {"curves": True}}
LABELS = {"binary": ("no", "yes"), "multiclass": ("low", "mid", "top"), "regression": ()}


def people(rows: int = 400, seed: int = 0, numbers: int = 0) -> pd.DataFrame:
    """Numbers with gaps, a one-hot category with gaps, a category of 30 levels, a date, and three targets."""
    random = np.random.default_rng(seed)
    age = random.normal(40, 12, rows).round(1)
    town = random.integers(0, 30, rows)
    job = random.choice(["clerk", "nurse", "pilot", "cook"], rows)
    since = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, rows), unit="D")
    signal = (age - 40) / 12 * (job == "nurse") + np.sin(town) + (job == "pilot") - (since.month > 6) * 0.7
    table = pd.DataFrame(
        {
            "Alter [Jahre]": np.where(random.random(rows) < 0.1, np.nan, age),
            "job": pd.Series(job).where(random.random(rows) > 0.08),
            "town": [f"town {number}" for number in town],
            "since": since.astype("datetime64[us]"),
        }
    )
    for extra in range(numbers):
        table[f"number {extra}"] = random.normal(size=rows).round(3)
        signal = signal + table[f"number {extra}"] * (age > 35) * 0.5
    noisy = np.asarray(signal + random.normal(0, 0.4, rows))
    table["binary"] = np.where(noisy > 0.3, "yes", "no")
    table["multiclass"] = np.array(["low", "mid", "top"])[np.digitize(noisy, [-0.3, 0.9])]
    table["regression"] = (noisy * 1000).round(2)
    return table


def schema_of(table: pd.DataFrame) -> Schema:
    kinds = {"job": "categorical", "town": "categorical", "since": "datetime"}
    stored = {"categorical": "text", "datetime": "datetime", "numeric": "float"}
    names = [name for name in table.columns if name not in LABELS]
    return Schema(
        columns=tuple(
            Column(name=name, kind=kinds.get(name, "numeric"), storage=stored[kinds.get(name, "numeric")])
            for name in names
        )
    )


def model_of(folder: Path, table: pd.DataFrame, task: str, kinds: dict[str, float], positive: str = "yes") -> Model:
    """Members of these kinds with these weights, each fitted on the whole table, as a run would store them."""
    schema, truth = schema_of(table), target_of(table[task], task)
    fields = fields_of(schema, table)
    positions = np.arange(len(table))
    material = Material(
        task=task,
        features=scoring.conform(table, fields),
        truth=truth.truth,
        rows=Rows(strata=positions * 0, blocks=positions),
        fields=fields,
        labels=len(truth.labels),
    )
    pipelines = []
    for key in kinds:
        kind = MODELS[key]
        making = Making(kind=kind, settings=kind.settings(SMALL.get(key, {})), seed=0, threads=1)
        rounds = 15 if kind.rounds else None
        pipelines.append(fitted(material, making, positions, rounds=rounds, until=None).pipeline)
    members = tuple(Member(key=key, model=key, title=MODELS[key].title, weight=weight) for key, weight in kinds.items())
    spec = {
        "task": task,
        "labels": list(truth.labels),
        "positive": positive,
        "fields": fields,
        "members": [{"weight": member.weight, "title": member.title} for member in members],
    }
    folder.mkdir(parents=True, exist_ok=True)
    table[list(schema.names)].iloc[:60].to_parquet(folder / "background.parquet")
    return Model(
        folder=folder,
        title="Test",
        goal=Goal(target=task, task=task, metric="", positive=positive if task == "binary" else None),
        schema=schema,
        scorer=scoring.Scorer(spec, pipelines),
        members=members,
    )


def said(model: Model, table: pd.DataFrame) -> np.ndarray:
    """What the model says, (n, k), as `Explanation.outputs` names it."""
    values = model.scorer.values(table)
    if model.task == "binary":
        return values[:, [model.labels.index(model.goal.positive)]]
    return values if model.labels else values[:, None]


def by_the_textbook(model: Model, table: pd.DataFrame, background: pd.DataFrame) -> np.ndarray:
    """Shapley values, (n, d, k), from raw tables in which the coalition's columns hold the explained row's cells."""
    names = list(model.columns)
    d, m = len(names), len(background)
    coalitions = [chosen for size in range(d + 1) for chosen in combinations(range(d), size)]
    both = pd.concat([table, background], ignore_index=True)
    held = np.array([[column in coalition for column in range(d)] for coalition in coalitions])
    explained = np.arange(len(table))[:, None, None, None]
    places = np.where(held[:, None, :], explained, len(table) + np.arange(m)[:, None]).reshape(-1, d)
    mixed = pd.DataFrame({name: both[name].take(places[:, column]).array for column, name in enumerate(names)})
    worths = said(model, mixed).reshape(len(table), len(coalitions), m, -1).mean(axis=2)
    values = np.zeros((len(table), d, worths.shape[-1]))
    place = {coalition: number for number, coalition in enumerate(coalitions)}
    for column in range(d):
        for coalition in coalitions:
            if column not in coalition:
                share = factorial(len(coalition)) * factorial(d - len(coalition) - 1) / factorial(d)
                joined = place[tuple(sorted((*coalition, column)))]
                values[:, column] += share * (worths[:, joined] - worths[:, place[coalition]])
    return values
