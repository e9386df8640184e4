"""A model learns from growing parts of the rows, each fold for itself; groups stay whole; nothing else is looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.errors import UserError
from mlcore.evaluation.growing import Growth
from mlcore.learning import growth
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.run import Trial
from mlcore.learning.trial import fit
from tests.mlcore.learning.conftest import Laid

NUMBER = Goal(target="y", task="regression", metric="rmse")


def table(rows: int = 420, columns: int = 12) -> pd.DataFrame:
    random = np.random.default_rng(0)
    made = pd.DataFrame(random.normal(size=(rows, columns)), columns=[f"c{at}" for at in range(columns)])
    made["y"] = made.sum(axis=1) + random.normal(size=rows)
    return made


def trained(folder: Path) -> Path:
    for key in ("baseline", "linear"):
        assert fit(folder, key).state == "done"
    return folder


def test_parts_grow_and_the_curve_ends_where_the_run_did(laid_out: Laid) -> None:
    folder = trained(laid_out(table(), NUMBER))
    for fold in growth.folds(folder)[:2]:
        sizes = growth.grow(folder, "linear", fold, seconds=30)
        assert list(sizes) == sorted(sizes)
        assert len(sizes) == 5
    made = growth.write_growth(folder, "linear")
    assert records.read(Growth, growth.place_of(folder, "linear") / growth.FILE) == made
    assert made.points[0].score > made.points[-1].score  # fewer rows, larger error
    run = RunFolder(folder)
    assert made.rows == len(run.split.training)
    assert made.floor == next(trial.score for trial in run.trials() if trial.key == "baseline")
    judged = sum(len(test) for _, test in list(run.split.pairs())[:2])
    assert made.judged == judged


def test_an_ensemble_is_measured_on_the_member_that_counts_most_and_says_so(laid_out: Laid) -> None:
    folder = trained(laid_out(table(), NUMBER))
    run = RunFolder(folder)
    weights = (("baseline", 0.2), ("linear", 0.8))
    run.write_trial(Trial(key="blend", model="blend", title="Blend of 2 models", state="done", weights=weights))
    growth.grow(folder, "blend", 0, seconds=30)
    made = growth.write_growth(folder, "blend")
    assert "Blend of 2 models" in made.note
    assert made.title == run.trials()[1].title


def test_groups_stay_whole(laid_out: Laid) -> None:
    grouped = table().assign(g=np.arange(420) // 6)
    folder = laid_out(grouped, Goal(target="y", task="regression", metric="rmse", group="g"))
    run = RunFolder(folder)
    train, _ = next(iter(run.split.pairs()))
    parts = growth._nested(run.rows, train, np.array([0.2, 0.6]), np.random.default_rng(0))
    for rows in parts:
        groups = run.groups[rows]
        assert all((groups == group).sum() == (run.groups[train] == group).sum() for group in np.unique(groups))
    assert set(parts[0]) < set(parts[1]) < set(train)


def test_forward_in_time_only_the_fold_with_the_longest_history_is_learned_from(laid_out: Laid) -> None:
    days = pd.date_range("2024-01-01", periods=420, freq="D")
    folder = laid_out(table().assign(day=days), Goal(target="y", task="regression", metric="rmse", time="day"))
    assert growth.folds(folder) == (2,)


def test_too_few_rows_are_a_sentence(laid_out: Laid) -> None:
    folder = trained(laid_out(table(90, 2), NUMBER))
    with pytest.raises(UserError, match="too few to learn from parts"):
        growth.grow(folder, "linear", 0, seconds=30)


def test_without_a_fold_there_is_no_curve(laid_out: Laid) -> None:
    folder = trained(laid_out(table(), NUMBER))
    with pytest.raises(UserError, match="No fold"):
        growth.write_growth(folder, "linear")
