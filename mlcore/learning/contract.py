"""What every kind of model keeps, built in or plugged in: the same checks for both, each a sentence when it fails."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.schema import Column, Kind, Schema, Storage
from mlcore.errors import ContractError
from mlcore.evaluation.predictions import Task
from mlcore.learning import encode, train
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.models.kind import ModelKind
from mlcore.learning.plan import Candidate
from mlcore.learning.planning import make_plan
from mlcore.learning.run import Trial
from mlcore.learning.scoring import Scorer, conform
from mlcore.params import Value

TARGETS: Mapping[Task, str] = {"binary": "answer", "multiclass": "colour", "regression": "amount"}
SECONDS = 120.0
"""How long a candidate may take on the table of 170 rows."""

_KINDS: Mapping[str, Kind] = {
    "size": "numeric", "age": "integer", "grade": "categorical", "town": "categorical", "day": "datetime",
    "answer": "boolean", "colour": "categorical", "amount": "numeric",
}  # fmt: skip
_STORAGE: Mapping[str, Storage] = {"numeric": "float", "integer": "integer", "datetime": "datetime"}


def mixed(rows: int = 170) -> pd.DataFrame:
    """Numbers with gaps, few and many categories, dates; three targets that go with them."""
    random = np.random.default_rng(7)
    size, grade = random.normal(size=rows), random.choice(list("abc"), rows)
    signal = size + (grade == "a") + random.normal(scale=0.5, size=rows)
    return pd.DataFrame(
        {
            "size": np.where(random.random(rows) < 0.1, np.nan, size),
            "age": random.integers(18, 90, rows),
            "grade": pd.Series(grade).where(random.random(rows) > 0.05, None),
            "town": [f"town {number}" for number in random.integers(0, 30, rows)],
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 700, rows), unit="D"),
            "answer": np.where(signal > 0.4, "yes", "no"),
            "colour": pd.cut(signal, [-np.inf, -0.3, 0.9, np.inf], labels=["red", "green", "blue"]).astype(str),
            "amount": 100 + 20 * signal,
        }
    )


@dataclass(frozen=True, kw_only=True)
class Case:
    """One kind of model on one task; `params` are those it is tried with."""

    kind: ModelKind
    task: Task
    params: Mapping[str, Value]


class Workbench:
    """Prepared runs in a folder, one for each task, each candidate fitted once. `cases` are all that will be asked."""

    def __init__(self, home: Path, cases: Sequence[Case]) -> None:
        self.home = home
        self.cases = cases
        self.table = mixed()
        self._done: dict[tuple[str, Task], Trial] = {}
        self._read: dict[tuple[str, Task], Model] = {}

    @cached_property
    def again(self) -> Workbench:
        """The same once more, from the table on."""
        return Workbench(self.home / "again", self.cases)

    def run(self, case: Case) -> RunFolder:
        """The run that the case is tried in."""
        folder = self.home / case.task
        if not (folder / "plan.json").exists():
            self._lay_out(folder, case.task)
        return RunFolder(folder)

    def _lay_out(self, folder: Path, task: Task) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        path = self.home / "table.parquet"
        self.table.to_parquet(path)
        others = tuple(column for other, column in TARGETS.items() if other != task)
        goal = Goal(target=TARGETS[task], task=task, metric="", exclude=others)
        plan, _ = make_plan(self.table, _schema(), "table", goal, models=("baseline",))
        candidates = tuple(
            Candidate(key=case.kind.key, model=case.kind.key, title=case.kind.title, params=case.params)
            for case in self.cases
            if case.task == task
        )
        validation = replace(plan.validation, method="folds", folds=2, repeats=1)
        train.prepare(path, replace(plan, candidates=candidates, validation=validation), folder)

    def trial(self, case: Case) -> Trial:
        """The candidate, judged and fitted; the reason is told when it failed."""
        if (case.kind.key, case.task) not in self._done:
            done = train.fit(self.run(case).path, case.kind.key, deadline_seconds=SECONDS)
            self._done[case.kind.key, case.task] = done
        trial = self._done[case.kind.key, case.task]
        _insist(trial.state == "done", case, f"fails: {trial.reason}")
        return trial

    def model(self, case: Case) -> Model:
        """The stored model of the case, read once."""
        self.trial(case)
        key = (case.kind.key, case.task)
        if key not in self._read:
            self._read[key] = Model.load(self.run(case).trial_folder(case.kind.key) / "model")
        return self._read[key]


def judged_on_every_row(bench: Workbench, case: Case) -> None:
    """A finite prediction for every training row, from a model that had not seen it; score, size and speed."""
    trial, run = bench.trial(case), bench.run(case)
    said = train.out_of_fold(run.path, case.kind.key)
    _insist(len(said) == len(run.split.training), case, "does not predict every row")
    _insist(bool(np.isfinite(said.values).all()), case, "predicts something that is not a number")
    _insist(trial.score is not None and bool(np.isfinite(trial.score)), case, "has no score")
    _insist(trial.megabytes is not None and trial.ms_per_1000 is not None, case, "has no size or speed")


def rightly_shaped(bench: Workbench, case: Case) -> None:
    """One number a row inside its interval, or probabilities of all labels that add up to 1."""
    said = bench.model(case).predict(bench.table)
    rows = len(bench.table)
    _insist(bool(np.isfinite(said.values).all()), case, "predicts something that is not a number")
    if case.task == "regression":
        _insist(said.values.shape == (rows,), case, f"predicts an array of shape {said.values.shape}")
        low, high = said.low, said.high
        within = low is not None and high is not None and bool(((low <= said.values) & (said.values <= high)).all())
        _insist(within, case, "predicts numbers outside of their intervals")
        return
    width = 2 if case.task == "binary" else 3
    _insist(said.values.shape == (rows, width), case, f"predicts an array of shape {said.values.shape}")
    whole = bool(np.allclose(said.values.sum(axis=1), 1, rtol=0, atol=1e-12))
    _insist(whole, case, "gives probabilities that do not add up to 1")


def takes_strange_rows(bench: Workbench, case: Case) -> None:
    """Unknown categories, empty cells, enormous numbers, wrong kinds of cells, no rows at all."""
    model, one = bench.model(case), bench.table.head(1)
    strange = {
        "an ordinary row": one,
        "categories it never saw": one.assign(grade="never seen", town="Atlantis"),
        "empty cells": one.assign(size=np.nan, age=np.nan, grade=None, town=None, day=None),
        "enormous numbers": one.assign(size=1e300, age=-(10**9)),
        "cells of a wrong kind": one.assign(size="not a number", day="not a day"),
        "numbers and days as text": one.assign(age="42", day="2025-03-01"),
    }
    for name, rows in strange.items():
        said = model.predict(rows).values
        _insist(bool(np.isfinite(said).all()), case, f"predicts something that is not a number for {name}")
    _insist(len(model.predict(bench.table.head(0))) == 0, case, "predicts something for no rows")


def says_the_same_when_read_again(bench: Workbench, case: Case) -> None:
    """What was stored and read predicts the same; a row alone as among others."""
    model = bench.model(case)
    said, again = model.predict(bench.table).values, Scorer.load(model.folder).values(bench.table)
    _insist(bool(np.allclose(said, again, rtol=0, atol=1e-12)), case, "predicts otherwise after it was stored and read")
    alone = np.concatenate([model.scorer.values(bench.table.iloc[[row]]) for row in range(3)])
    near = bool(np.allclose(alone, again[:3], rtol=1e-7, atol=1e-9))
    _insist(near, case, "predicts otherwise for a row alone than among others")


def follows_the_seed(bench: Workbench, case: Case) -> None:
    """The same table and seed give the same score and the same predictions."""
    first, second = bench.trial(case), bench.again.trial(case)
    _insist(abs((first.score or 0) - (second.score or 0)) <= 1e-12, case, "scores otherwise with the same seed")
    said, again = (one.model(case).predict(bench.table).values for one in (bench, bench.again))
    _insist(bool(np.allclose(said, again, rtol=0, atol=1e-12)), case, "predicts otherwise with the same seed")


def every_column_is_traced(bench: Workbench, case: Case) -> None:
    """Each column that the model sees comes from one of the table's, so that it can be explained in them."""
    scorer = bench.model(case).scorer
    pipeline = scorer.members[0][1]
    encoded = pipeline[:-1].transform(conform(bench.table.head(5), scorer.fields))
    found = encode.origins(pipeline, scorer.fields)
    traced = len(found) == encoded.shape[1] and set(found) <= set(range(len(scorer.fields)))
    _insist(traced, case, "sees columns that come from none of the table's")


def described(kind: ModelKind) -> None:
    """A title, a sentence about it, and a portfolio whose configurations fit its params; no tree is scaled."""
    from mlcore.learning.plugins.opening import fault_of

    fault = fault_of(kind)
    if fault:
        raise ContractError(f"{kind.key}: it {fault}")
    if not kind.about.endswith("."):
        raise ContractError(f"{kind.key}: `about` is not a sentence", remedy="End it with a full stop.")
    for config in kind.portfolio:
        if kind.settings(config.params).keys() != {param.key for param in kind.params}:
            raise ContractError(f"{kind.key}: a configuration of its portfolio does not fit its params")
    if kind.wants_scaling and kind.family in ("trees", "boosting", "baseline"):
        raise ContractError(f"{kind.key}: trees are never scaled", remedy='Use the intake "filled" or "gaps".')


Check = Callable[[Workbench, Case], None]
CHECKS: tuple[Check, ...] = (
    judged_on_every_row,
    rightly_shaped,
    takes_strange_rows,
    says_the_same_when_read_again,
    follows_the_seed,
    every_column_is_traced,
)


def check_model(kind: ModelKind) -> tuple[str, ...]:
    """Hold a kind of model, of the catalogue, to all checks on all its tasks; `ContractError` says the first it fails.

    Returns what was checked, a line each.
    """
    described(kind)
    passed = ["it is described, and its portfolio fits its params"]
    with tempfile.TemporaryDirectory(prefix="tablesmith-contract-") as folder:
        cases = [Case(kind=kind, task=task, params=kind.portfolio[0].params) for task in kind.tasks]
        bench = Workbench(Path(folder), cases)
        for case in cases:
            for check in CHECKS:
                check(bench, case)
                passed.append(f"{case.task}: {check.__name__.replace('_', ' ')}")
    return tuple(passed)


def _insist(kept: Any, case: Case, fault: str) -> None:
    if not kept:
        raise ContractError(f"{case.kind.key} on a {case.task} task {fault}")


def _schema() -> Schema:
    columns = (Column(name=name, kind=kind, storage=_STORAGE.get(kind, "text")) for name, kind in _KINDS.items())
    return Schema(columns=tuple(columns))
