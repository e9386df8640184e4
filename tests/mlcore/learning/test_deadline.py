"""Forests and histogram boosting end with what they have when their time is up, and are the same when it is not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcore.evaluation.predictions import Task
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS
from mlcore.learning.models.forest import BUNCH
from mlcore.learning.models.kind import Boosting
from mlcore.learning.rounds import Clock
from mlcore.learning.scoring import Scorer
from mlcore.learning.trial import fit
from tests.mlcore.learning.conftest import Laid

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


def rows(task: Task, count: int = 400) -> tuple[Any, Any, Any]:
    """Numbers, an answer that rises with the first, and weights."""
    chance = np.random.default_rng(3)
    X = chance.normal(size=(count, 4))
    y = X[:, 0] + X[:, 1] ** 2 + chance.normal(0, 0.3, count)
    codes = {"regression": y, "binary": (y > 0.5).astype(int), "multiclass": np.digitize(y, [0, 1])}
    return X, codes[task], chance.uniform(0.2, 3, count)


def unfitted(key: str, task: Task, **settings: float) -> Any:
    kind = MODELS[key]
    model = kind.build(task, kind.settings(settings), 5, 1)
    if task != "multiclass":
        assert kind.monotone is not None
        kind.monotone(model, [1, 0, 0, 0])
    return model


def said(model: Any, X: Any) -> Any:
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("key", ["forest", "extra"])
def test_a_forest_planted_in_bunches_is_the_one_fitted_at_once(
    key: str, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y, weight = rows(task)
    bunches, once = (unfitted(key, task, trees=35) for _ in range(2))
    once.fit(X, y, sample_weight=weight)
    seconds = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(seconds)))  # a second a bunch, and time for four
    plant = MODELS[key].plant
    assert plant is not None
    assert plant(bunches, X, y, weight, 4.0) == 35
    assert next(seconds) > 3
    assert np.array_equal(said(bunches, X), said(once, X))
    assert bunches.get_params() == once.get_params()


@pytest.mark.parametrize("key", ["forest", "extra"])
def test_a_forest_without_time_has_a_few_trees(key: str) -> None:
    X, y, weight = rows("binary")
    model, plant = unfitted(key, "binary", trees=60), MODELS[key].plant
    assert plant is not None
    assert plant(model, X, y, weight, time.monotonic()) == BUNCH == len(model.estimators_)
    assert np.corrcoef(model.predict_proba(X)[:, 1], y)[0, 1] > 0.5


def test_a_forest_of_balanced_labels_is_fitted_at_once() -> None:
    X, y, weight = rows("binary")
    model = unfitted("forest", "binary", trees=60, balanced=True)
    plant = MODELS["forest"].plant
    assert plant is not None
    assert plant(model, X, y, weight, time.monotonic()) == 60 == len(model.estimators_)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("key", ["histogram", "additive"])
def test_histogram_boosting_with_time_is_what_the_library_grows(key: str, task: Task) -> None:
    (X, y, weight), grow = rows(task), MODELS[key].grow
    aside, held = X[300:], (y[300:], weight[300:])
    clocked, alone = (unfitted(key, task) for _ in range(2))
    assert grow is not None
    boosting = Boosting(X=aside, y=held[0], until=time.monotonic() + 600, weight=weight[:300], held_weight=held[1])
    best = grow(clocked, X[:300], y[:300], boosting)
    assert best + max(20, 0.25 * best) <= clocked.n_iter_ + 1 < alone.max_iter
    alone.set_params(max_iter=clocked.n_iter_).fit(X[:300], y[:300], sample_weight=weight[:300])
    assert np.array_equal(said(clocked, X), said(alone, X))
    assert "_should_stop" not in vars(clocked)


def test_histogram_boosting_ends_when_its_time_is_up() -> None:
    (X, y, weight), grow = rows("binary"), MODELS["histogram"].grow
    model = unfitted("histogram", "binary", rate=0.5)
    assert grow is not None
    boosting = Boosting(X=X[300:], y=y[300:], until=time.monotonic(), weight=weight[:300])
    assert grow(model, X[:300], y[:300], boosting) == 1
    assert model.n_iter_ == 1
    assert np.corrcoef(model.predict_proba(X)[:, 1], y)[0, 1] > 0.5


@pytest.mark.parametrize("key", ["forest", "extra"])
def test_folds_and_the_final_model_have_as_few_trees_as_the_first_had_time_for(
    laid_out: Laid, cancer: pd.DataFrame, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = laid_out(cancer, Goal(target="diagnosis", task="binary", metric=""), only=(key,))
    ends: list[bool] = []

    def until(_clock: Clock, fit: int, _fits: int, *, steady: bool = False) -> float:
        ends.append(steady)
        return time.monotonic() + (0 if fit == 0 else 600)

    monkeypatch.setattr(Clock, "until", until)
    trial = fit(folder, key)
    assert ends == [True] * 3
    assert (trial.state, trial.rounds) == ("done", BUNCH)
    assert trial.notes[0] == f"{BUNCH} of {_asked(folder, key)} trees, as many as its time allowed."
    assert trial.score is not None
    assert trial.score > 0.95
    ((_, model),) = Scorer.load(folder / "trials" / key / "model").members
    assert len(model.named_steps["model"].estimators_) == BUNCH


def _asked(folder: Path, key: str) -> int:
    kind, candidate = MODELS[key], RunFolder(folder).candidate(key)
    return int(kind.build("binary", kind.settings(candidate.params), 0, 1).n_estimators)


def test_a_boosted_model_whose_time_was_up_says_so(
    laid_out: Laid, cancer: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = laid_out(cancer, Goal(target="diagnosis", task="binary", metric=""), only=("histogram",))
    monkeypatch.setattr("mlcore.learning.fold.REFITTED", 0)
    late = "It stopped growing because its time was up."
    assert late not in fit(folder, "histogram").notes
    monkeypatch.setattr(Clock, "until", lambda *_, **__: time.monotonic())
    assert late in fit(folder, "histogram").notes


def test_a_boosted_model_of_too_few_rounds_fails_where_there_is_another_model(
    laid_out: Laid, cancer: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = laid_out(cancer, Goal(target="diagnosis", task="binary", metric=""), only=("histogram", "linear"))
    monkeypatch.setattr(Clock, "until", lambda *_, **__: time.monotonic())
    monkeypatch.setattr("mlcore.learning.fold.REFITTED", 0)
    assert fit(folder, "histogram").state == "done"
    assert fit(folder, "linear").state == "done"
    trial = fit(folder, "histogram", deadline_seconds=9)
    assert (trial.state, trial.score) == ("failed", None)
    assert trial.reason.startswith("ran out of time: it would need about")
    assert trial.round_seconds is not None


def test_only_a_learning_rate_says_how_many_rounds_are_enough() -> None:
    assert MODELS["lightgbm"].enough({"rate": 0.02}) == 100
    assert MODELS["additive"].enough({}) == 20
    assert [MODELS[key].enough({}) for key in ("net", "forest", "linear")] == [0, 0, 0]
