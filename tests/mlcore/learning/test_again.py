"""A model that learned again from all rows: only once the locked ones judged it, and out of the contest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.errors import UserError
from mlcore.learning import rounds
from mlcore.learning.again import LEARNED, SPENT, again, check_time, everyone, member, members
from mlcore.learning.calibrate import calibrate
from mlcore.learning.compact import compact
from mlcore.learning.conclude import entries
from mlcore.learning.costs import OVERHEAD, SLOWER, learning_again
from mlcore.learning.fold import rounds_for
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.results import OutOfFold, holdout
from mlcore.learning.run import Run
from mlcore.learning.scoring import Scorer
from mlcore.learning.train import blend, fit
from mlcore.workspace import errands
from tests.mlcore.learning.conftest import Laid


def towns(task: str, rows: int = 360) -> pd.DataFrame:
    """What happens in Rome is in the locked rows only."""
    random = np.random.default_rng(0)
    locked = np.arange(rows) % 6 == 0
    x, town = random.normal(size=rows), np.where(locked, "Rome", random.choice(["Bonn", "Kiel"], rows))
    number = x + np.abs(x) + 8.0 * locked + 0.5 * random.normal(size=rows)
    truth = number if task == "regression" else np.where(number + random.normal(size=rows) > 0.8, "yes", "no")
    part = np.where(locked, "test", "train")
    return pd.DataFrame({"x": x, "town": town, "size": random.integers(1, 4, rows), "part": part, "y": truth})


def run_of(laid_out: Laid, task: str, only: tuple[str, ...] = ("linear",)) -> RunFolder:
    metric = "rmse" if task == "regression" else "log_loss"
    goal = Goal(target="y", task=task, metric=metric, split="part", weight="size")  # type: ignore[arg-type]
    run = RunFolder(laid_out(towns(task), goal, only=only))
    for candidate in run.plan.candidates:
        assert fit(run.path, candidate.key).state == "done"
    return run


def said(run: RunFolder, key: str, rows: pd.DataFrame) -> np.ndarray:
    return Scorer.load(run.trial_folder(key) / "model").values(rows)


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_it_knows_what_only_the_locked_rows_tell_and_keeps_all_else(laid_out: Laid, task: str) -> None:
    run = run_of(laid_out, task)
    model = run.trial_folder("linear") / "model"
    records.write(model / "policy.json", {"threshold": 0.9})
    errands.open_holdout(str(run.path), "linear")
    judged, made = run.trials()[-1], again(run.path, "linear")
    assert (made.key, made.of, made.all_rows) == ("linear-all", "linear", 360)
    assert made.title == f"{judged.title}, learned from all rows"
    assert "all 360 rows" in made.notes[0]
    assert f"learned from {len(run.split.training)} rows" in made.notes[0]
    assert (made.score, made.fold_scores, made.train_score) == (judged.score, judged.fold_scores, judged.train_score)
    for name, array in OutOfFold.read(run, "linear").arrays().items():
        assert np.array_equal(array, getattr(OutOfFold.read(run, made.key), name))
    rome = towns(task).query("town == 'Rome'")
    before, after = said(run, "linear", rome), said(run, made.key, rome)
    if task == "regression":
        assert np.abs(after - rome["y"]).mean() < 0.2 * np.abs(before - rome["y"]).mean()
    else:
        assert after[:, run.labels.index("yes")].mean() > before[:, run.labels.index("yes")].mean() + 0.2
    specs = [json.loads((run.trial_folder(key) / "model" / "scoring.json").read_text()) for key in ("linear", made.key)]
    for spec in specs:
        del spec["card"]
    assert specs[0] == specs[1]
    assert (run.trial_folder(made.key) / "model" / "policy.json").read_bytes() == (model / "policy.json").read_bytes()


def test_each_member_of_a_blend_learns_again_with_the_weights_and_in_as_many_rounds_as_all_rows_bear(
    laid_out: Laid,
) -> None:
    run = run_of(laid_out, "regression", ("linear", "histogram"))
    whole = blend(run.path)
    assert whole is not None
    errands.open_holdout(str(run.path), "blend")
    made = again(run.path, "blend")
    assert made.weights == whole.weights
    old, new = (Scorer.load(run.trial_folder(key) / "model") for key in ("blend", made.key))
    assert new.spec["members"] == old.spec["members"]
    for (share, one), (other, two), entry in zip(old.members, new.members, old.spec["members"], strict=True):
        assert share == other
        if entry["model"] == "histogram":
            before, now = (pipe.named_steps["model"].n_iter_ for pipe in (one, two))
            assert now == rounds_for(len(run.truth), before, of=len(run.split.training)) >= before
    rome = towns("regression").query("town == 'Rome'")
    assert np.abs(new.values(rome) - rome["y"]).mean() < 0.5 * np.abs(old.values(rome) - rome["y"]).mean()


def test_members_fitted_beforehand_make_the_same_model(laid_out: Laid) -> None:
    run = run_of(laid_out, "regression", ("linear", "histogram"))
    assert blend(run.path) is not None
    names = members(run.path, "blend", seconds=100, lanes=2)
    assert sorted(names) == ["histogram", "linear"]
    seconds = {trial.key: trial.round_seconds or 0.0 for trial in run.trials()}
    assert seconds[names[0]] >= seconds[names[1]], "the longest goes first, so that lanes end together"
    for name in names:
        member(run.path, name)
    with pytest.raises(UserError, match="locked rows were not opened"):
        again(run.path, "blend")
    errands.open_holdout(str(run.path), "blend")
    records.write(run.path / LEARNED / "linear" / SPENT, 1000.0)
    assert again(run.path, "blend").seconds > 1000, "what was spent on members counts"
    assert not (run.path / LEARNED).exists()
    beside = said(run, "blend-all", towns("regression"))
    again(run.path, "blend")
    assert np.array_equal(beside, said(run, "blend-all", towns("regression")))


def test_several_lanes_need_less_time_but_never_less_than_the_longest_member() -> None:
    assert learning_again([2.0, 2.0, 2.0, 2.0], lanes=1) == pytest.approx(OVERHEAD + 8 * SLOWER)
    assert learning_again([2.0, 2.0, 2.0, 2.0], lanes=2) == pytest.approx(OVERHEAD + 4 * SLOWER)
    assert learning_again([8.0, 1.0], lanes=2) == pytest.approx(OVERHEAD + 8 * SLOWER)


def test_it_is_never_compared_judged_calibrated_or_made_faster(laid_out: Laid) -> None:
    run = run_of(laid_out, "regression", ("linear", "histogram"))
    assert blend(run.path) is not None
    judged = errands.judge(str(run.path))
    records.write(
        run.path / "run.json", Run(id="r", plan="p", state="done", trials=run.trials(), best=judged["recommended"])
    )
    errands.open_holdout(str(run.path), "blend")
    board = [entry.key for entry in entries(run.path)]
    assert errands.again(str(run.path), "blend") == "blend-all"
    stored = records.read(Run, run.path / "run.json")
    assert (stored.trials[-1].key, stored.best) == ("blend-all", judged["recommended"])
    assert [entry.key for entry in entries(run.path)] == board
    with pytest.raises(UserError, match="cannot judge what has learned from them"):
        holdout(run.path, "blend-all")
    with pytest.raises(UserError, match="no rows are left that could say"):
        calibrate(run.path, "blend-all")
    with pytest.raises(UserError, match="no ensemble"):
        compact(run.path, key="blend-all")
    with pytest.raises(UserError, match="learned from all rows already"):
        again(run.path, "blend-all")
    errands._listed(run.path, stored["blend"])  # made anew: what learned again from the old one goes
    assert not (run.path / "trials" / "blend-all").exists()
    assert "blend-all" not in [trial.key for trial in records.read(Run, run.path / "run.json").trials]


def test_what_cannot_learn_again_is_refused_in_a_sentence(laid_out: Laid, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(laid_out, "regression", ("linear", "histogram"))
    with pytest.raises(UserError, match=r"locked rows were not opened .* Evaluate page"):
        again(run.path, "linear")
    errands.open_holdout(str(run.path), "linear")
    with pytest.raises(UserError, match=r"about \d+ s, and 0 s of the budget"):
        check_time(run.path, "linear", 0.0)
    trial = next(one for one in run.trials() if one.key == "histogram")
    run.write_trial(replace(trial, rounds=None))
    errands.open_holdout(str(run.path), "histogram")
    with pytest.raises(UserError, match="earlier version"):
        again(run.path, "histogram")
    monkeypatch.setattr(rounds, "CELLS_KEPT", 100)
    monkeypatch.setattr("mlcore.learning.rounds.part_kept", lambda *_: True)
    with pytest.raises(UserError, match="kept as they were judged"):
        again(run.path, "linear")
    assert not (run.path / "trials" / "linear-all").exists()


def test_a_run_without_locked_rows_has_learned_from_all_already(laid_out: Laid) -> None:
    run = RunFolder(laid_out(towns("regression").iloc[:120], Goal(target="y", task="regression", metric="rmse")))
    assert fit(run.path, "linear").state == "done"
    with pytest.raises(UserError, match="No rows were locked away"):
        again(run.path, "linear")


def test_a_candidate_limited_in_rows_learns_from_no_more_than_that(laid_out: Laid) -> None:
    run = run_of(laid_out, "regression")
    limited = replace(run.plan.candidates[0], rows=50)
    assert len(everyone(run, limited)) == 50
    assert run.split.holdout[everyone(run, limited)].any()
    assert len(everyone(run, replace(limited, rows=0))) == 360


def test_an_unknown_model_is_named(laid_out: Laid, tmp_path: Path) -> None:
    run = run_of(laid_out, "regression")
    with pytest.raises(UserError, match="nothing"):
        again(run.path, "nothing")
