"""A direction that is asked for is kept by every model that is, and by their blend; others say why they are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Schema
from mlcore.evaluation.predictions import Task
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.models import MODELS
from mlcore.learning.planning import make_plan
from mlcore.learning.train import blend, fit

Described = Callable[..., Schema]
Laid = Callable[..., Path]
BOUND = tuple(key for key in MODELS.keys if MODELS[key].monotone)
ROWS = 180


def wavy(task: Task) -> pd.DataFrame:
    """The outcome rises and falls with `x`, has gaps in it, and goes up and down with two other columns."""
    random = np.random.default_rng(3)
    x, z = random.uniform(-3, 3, ROWS), random.normal(size=ROWS)
    town = random.choice(list("abc"), ROWS)
    signal = np.sin(2 * x) + 0.25 * x + z + (town == "a") + random.normal(scale=0.3, size=ROWS)
    made = pd.DataFrame({"x": np.where(random.random(ROWS) < 0.1, np.nan, x), "z": z, "town": town})
    return made.assign(y=signal if task == "regression" else np.where(signal > 0.4, "no", "yes"))


def slopes(folder: Path, key: str, way: int) -> np.ndarray:
    """Steps of the prediction of yes (of the number) along `x`, in the way asked for, for rows of every kind."""
    rows = wavy("regression").drop(columns="y").iloc[::6]
    steps = np.linspace(-4, 4, 33)
    asked = rows.loc[rows.index.repeat(len(steps))].reset_index(drop=True)
    asked["x"] = np.tile(steps, len(rows))
    made = Model.load(folder / "trials" / key / "model").predict(asked)
    said = made.values if made.task == "regression" else made.score
    return way * np.diff(said.reshape(len(rows), len(steps)), axis=1)


@pytest.mark.parametrize(
    ("task", "way"), [pytest.param("regression", "up", marks=pytest.mark.slow), ("binary", "down")]
)
def test_every_model_that_is_kept_and_their_blend_follow_the_direction(task: Task, way: str, laid_out: Laid) -> None:
    goal = Goal(target="y", task=task, metric="", keep=("x",), monotone={"x": "up" if way == "up" else "down"})
    folder = laid_out(wavy(task), replace(goal, positive="yes"), only=BOUND, folds=2)
    done = [trial for key in BOUND if (trial := fit(folder, key)).state == "done"]
    failed = {trial.key: trial.reason for trial in RunFolder(folder).trials() if trial.state == "failed"}
    assert {trial.key for trial in done} >= set(BOUND) - {"linear"}, failed
    assert failed.keys() <= {"linear"}
    blended = blend(folder)
    assert blended is not None
    for trial in (*done, blended):
        steps = slopes(folder, trial.key, 1 if way == "up" else -1)
        assert steps.min() >= -1e-6, trial.key
    assert slopes(folder, "lightgbm", 1 if way == "up" else -1).max() > 0.01


def test_a_constant_follows_the_direction_of_any_column(laid_out: Laid) -> None:
    goal = Goal(target="y", task="regression", metric="", monotone={"z": "up"})
    folder = laid_out(wavy("regression"), goal, only=("baseline",), folds=2)
    trial = fit(folder, "baseline")
    assert (trial.state, trial.reason) == ("done", "")


def test_without_a_direction_the_same_models_go_up_and_down(laid_out: Laid) -> None:
    folder = laid_out(wavy("regression"), Goal(target="y", task="regression", metric=""), only=("lightgbm",), folds=2)
    assert fit(folder, "lightgbm").state == "done"
    assert slopes(folder, "lightgbm", 1).min() < -0.01


def test_a_weighted_sum_that_goes_the_other_way_is_left_out_with_the_reason(laid_out: Laid) -> None:
    frame = wavy("regression")
    frame["y"] -= frame["x"].fillna(0)
    goal = Goal(target="y", task="regression", metric="", monotone={"x": "up"}, keep=("x",))
    trial = fit(laid_out(frame, goal, folds=2), "linear")
    assert (trial.state, trial.reason) == (
        "failed",
        "Its predictions do not follow the directions that the goal asks for.",
    )


def test_kinds_that_promise_nothing_are_not_tried_and_say_so(schema_of: Described) -> None:
    frame = wavy("regression")
    goal = Goal(target="y", task="regression", metric="mae", monotone={"x": "up"})
    plan, findings = make_plan(frame, schema_of(frame), "table", goal)
    assert {candidate.model for candidate in plan.candidates} <= set(BOUND)
    said = {finding.title: finding.what for finding in findings if finding.code == "model_skipped"}
    assert said["Nearest neighbours is not tried"].startswith("It cannot promise")
    assert not any(candidate.params.get("curves") or candidate.params.get("aim") for candidate in plan.candidates)
