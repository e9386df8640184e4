from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.errors import RowError, UserError
from mlcore.evaluation.intervals import interval
from mlcore.evaluation.metrics import METRICS
from mlcore.learning.ensemble import POOL, pool
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.plan import Candidate
from mlcore.learning.run import Trial
from mlcore.learning.train import blend, conclude, entries, fit, holdout, out_of_fold, trials

Laid = Callable[..., Path]
BINARY = Goal(target="diagnosis", task="binary", metric="")


def random_table(seed: int, rows: int = 300) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    table = pd.DataFrame(random.normal(size=(rows, 6)), columns=list("abcdef"))
    return table.assign(k=random.choice(list("xyz"), rows), y=random.choice(["yes", "no"], rows))


@pytest.fixture(scope="module")
def few(cancer: pd.DataFrame) -> pd.DataFrame:
    """Four columns of it, where it is asked what a run does."""
    return cancer[["mean radius", "mean texture", "worst concavity", "worst smoothness", "diagnosis"]]


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4))])
def test_a_random_target_is_scored_at_chance(laid_out: Laid, seed: int) -> None:
    folder = laid_out(
        random_table(seed), Goal(target="y", task="binary", metric="roc_auc"), only=("lightgbm", "linear")
    )
    for key in ("baseline", "linear", "lightgbm"):
        fit(folder, key)
    best = conclude(folder).best
    assert best is not None
    found = interval(out_of_fold(folder, best), METRICS["roc_auc"], seed=0)
    assert found.low <= 0.5 <= found.high


def test_scores_of_random_targets_scatter_around_chance(laid_out: Laid) -> None:
    scores = []
    for seed in range(5):
        folder = laid_out(random_table(seed), Goal(target="y", task="binary", metric="roc_auc"))
        scores.append(fit(folder, "linear").score or 0.0)
    assert abs(np.mean(scores) - 0.5) < 0.04


def test_a_real_table_is_learned_judged_blended_and_concluded(laid_out: Laid, cancer: pd.DataFrame) -> None:
    folder = laid_out(cancer, BINARY, only=("linear", "lightgbm", "neighbours"))
    for candidate in RunFolder(folder).plan.candidates:
        assert fit(folder, candidate.key).state == "done"
    best = max(trial.score or 0 for trial in trials(folder))
    assert best > 0.98
    mixed = blend(folder)
    if mixed is not None:
        assert mixed.score is not None
        assert mixed.score > best
        assert sum(weight for _, weight in mixed.weights) == pytest.approx(1)
        model = Model.load(folder / "trials" / "blend" / "model")
        parts = sum(
            weight * Model.load(folder / "trials" / key / "model").predict(cancer).values
            for key, weight in mixed.weights
        )
        np.testing.assert_allclose(model.predict(cancer).values, parts, atol=1e-12)
    run = conclude(folder)
    assert run.state == "done"
    assert run.best in {entry.key for entry in entries(folder)}
    locked = holdout(folder, run.best or "")
    assert METRICS["roc_auc"].score(locked) > 0.95
    assert locked.measured == "hold-out"
    assert not set(locked.rows) & set(out_of_fold(folder, run.best or "").rows)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_a_blend_is_never_worse_than_its_best_member(
    laid_out: Laid, iris: pd.DataFrame, diabetes: pd.DataFrame, task: str
) -> None:
    table, target = (iris, "species") if task == "multiclass" else (diabetes, "target")
    folder = laid_out(table, Goal(target=target, task=task, metric=""), only=("linear", "rule", "neighbours"))  # type: ignore[arg-type]
    metric = METRICS[RunFolder(folder).plan.goal.metric]
    for candidate in RunFolder(folder).plan.candidates:
        assert fit(folder, candidate.key).state == "done"
    mixed = blend(folder)
    best = max(metric.gain(trial.score or 0.0, 0.0) for trial in trials(folder) if not trial.weights)
    assert mixed is None or metric.gain(mixed.score or 0.0, 0.0) >= best


def test_intervals_of_numbers_hold_about_nine_in_ten(laid_out: Laid, diabetes: pd.DataFrame) -> None:
    folder = laid_out(diabetes, Goal(target="target", task="regression", metric=""))
    fit(folder, "linear")
    for said in (out_of_fold(folder, "linear"), holdout(folder, "linear")):
        assert said.low is not None
        assert said.high is not None
        assert said.truth is not None
        assert 0.8 <= np.mean((said.low <= said.truth) & (said.truth <= said.high)) <= 0.98


def test_any_column_name_works_from_plan_to_prediction(laid_out: Laid, cancer: pd.DataFrame) -> None:
    names = [
        "0",
        "c0",
        "c1",
        'a "quoted" name',
        "[json]{}",
        "emoji 🐍",
        "comma, colon: semi;",
        "' or 1=1 --",
        "日付",
        "x" * 300,
    ]
    table = cancer.iloc[:, :10].set_axis(names, axis=1).assign(**{"target\n": cancer["diagnosis"]})
    folder = laid_out(table, Goal(target="target\n", task="binary", metric=""), only=("lightgbm", "linear"))
    for key in ("lightgbm", "linear"):
        assert fit(folder, key).state == "done"
        model = Model.load(folder / "trials" / key / "model")
        assert model.columns == tuple(names)
        frame = model.scorer.frame(table.sample(frac=1.0, axis=1, random_state=0).head(7))
        assert list(frame.columns) == ["prediction", "probability_benign", "probability_malignant", "flags"]


def test_a_candidate_that_raises_is_a_row_with_a_reason(laid_out: Laid, iris: pd.DataFrame) -> None:
    folder = laid_out(iris.iloc[:70].assign(species=["a", "b"] * 35), Goal(target="species", task="binary", metric=""))
    plan = RunFolder(folder).plan
    bad = Candidate(key="bad", model="neighbours", title="Too many", params={"neighbours": 400})
    records.write(folder / "plan.json", replace(plan, candidates=(*plan.candidates, bad)))
    trial = fit(folder, "bad")
    assert trial.state == "failed"
    assert "400" in trial.reason
    assert conclude(folder).best is None
    fit(folder, "linear")
    assert conclude(folder).best == "linear"


def test_a_candidate_without_time_fails_and_says_so(laid_out: Laid, few: pd.DataFrame) -> None:
    folder = laid_out(few, BINARY, only=("forest",))
    trial = fit(folder, "forest", deadline_seconds=0.05)
    assert trial.state == "failed"
    assert trial.reason.startswith("ran out of time")


def test_the_baseline_takes_the_time_it_takes(laid_out: Laid, few: pd.DataFrame) -> None:
    assert fit(laid_out(few, BINARY, only=("baseline",)), "baseline", deadline_seconds=0.001).state == "done"


def test_more_rounds_of_folds_are_done_only_within_a_fair_share_of_the_time(laid_out: Laid, iris: pd.DataFrame) -> None:
    folder = laid_out(iris, Goal(target="species", task="multiclass", metric="log_loss"), only=("rule",), folds=None)
    plan = RunFolder(folder).plan
    assert plan.validation.repeats == 5
    all_rounds, one_round = (fit(folder, "rule", fair_seconds=share) for share in (600.0, 0.0))
    assert "5 rounds of folds" in " ".join(all_rounds.notes)
    assert "rounds of folds" not in " ".join(one_round.notes)
    assert len(out_of_fold(folder, "rule")) == len(RunFolder(folder).split.training)


def test_a_score_is_that_of_single_models_not_of_the_mean_over_rounds(laid_out: Laid, diabetes: pd.DataFrame) -> None:
    folder = laid_out(
        diabetes.head(290), Goal(target="target", task="regression", metric="rmse"), only=("rule",), folds=None
    )
    trial = fit(folder, "rule")
    assert trial.score is not None
    said = out_of_fold(folder, trial.key)
    rounds = [said.take(np.flatnonzero(part)) for part in np.arange(len(said)) // 290 == np.arange(5)[:, None]]
    assert [len(np.unique(part.rows)) for part in rounds] == [290] * 5
    assert trial.score == pytest.approx(np.sqrt(np.mean([METRICS["rmse"].score(part) ** 2 for part in rounds])))
    mean = replace(rounds[0], values=np.mean([part.values for part in rounds], axis=0))
    assert METRICS["rmse"].score(mean) < 0.99 * trial.score
    assert METRICS["coverage"].score(said) == pytest.approx(0.9, abs=0.03)


def test_boosting_stops_growing_when_its_time_is_up(laid_out: Laid) -> None:
    folder = laid_out(
        random_table(1, 400).assign(y=lambda t: t["a"] * t["b"]), Goal(target="y", task="regression", metric="rmse")
    )
    plan = RunFolder(folder).plan
    slow = Candidate(key="slow", model="lightgbm", title="Slow", params={"rate": 0.001, "leaves": 4})
    records.write(folder / "plan.json", replace(plan, candidates=(slow,)))
    hurried = fit(folder, "slow", deadline_seconds=1.0)
    assert hurried.seconds < 3
    assert hurried.state == "done" or hurried.reason.startswith("ran out of time")


@pytest.mark.slow
def test_a_label_of_two_rows_is_judged_by_models_that_saw_the_other(laid_out: Laid) -> None:
    table = random_table(5, 280).assign(y=["rare"] * 2 + ["x", "y"] * 139)
    keys = ("linear", "lightgbm", "extra", "neighbours", "histogram")
    folder = laid_out(table, Goal(target="y", task="multiclass", metric="log_loss"), only=keys)
    for key in keys:
        assert fit(folder, key).state == "done"
        said = out_of_fold(folder, key)
        assert len(said) == 280
    run = RunFolder(folder)
    assert all((run.truth[train] == run.labels.index("rare")).any() for train, _ in run.split.pairs())


@pytest.mark.slow
@pytest.mark.parametrize("key", ["lightgbm", "histogram"])
def test_a_gap_where_training_had_none_is_not_taken_for_an_extreme(laid_out: Laid, key: str) -> None:
    table = pd.DataFrame({"a": np.linspace(50, 100, 400), "b": np.tile([0.0, 1.0], 200)}).assign(y=lambda t: t["a"])
    folder = laid_out(table, Goal(target="y", task="regression", metric="rmse", keep=("a",)), only=(key,))
    assert fit(folder, key).state == "done"
    rows = pd.DataFrame({"a": [None, 75.0], "b": [0.0, 0.0]})
    gap, middle = Model.load(folder / "trials" / key / "model").predict(rows).values
    assert gap == pytest.approx(middle, abs=3)


def test_text_is_learned_from_by_linear_models_and_trees(laid_out: Laid) -> None:
    random = np.random.default_rng(0)
    words = np.array([f"word{number}" for number in range(120)])
    rows = [random.choice(words, 12) for _ in range(400)]
    truth = np.array(["word7" in row or "word8" in row or "word9" in row for row in rows])
    table = pd.DataFrame(
        {"note": [" ".join(row) for row in rows], "a": random.normal(size=400), "y": np.where(truth, "yes", "no")}
    )
    from mlcore.data.schema import Column, Schema
    from mlcore.learning.planning import make_plan
    from mlcore.learning.train import prepare

    schema = Schema(
        columns=(
            Column(name="note", kind="text", storage="text"),
            Column(name="a", kind="numeric", storage="float"),
            Column(name="y", kind="boolean", storage="text"),
        )
    )
    folder = laid_out(table, Goal(target="y", task="binary", metric=""))
    plan, _ = make_plan(table, schema, "table", Goal(target="y", task="binary", metric=""), models=("linear", "rule"))
    quick = replace(plan, validation=replace(plan.validation, method="folds", folds=2, repeats=1))
    prepare(RunFolder(folder).table_path, quick, folder / "text")
    assert RunFolder(folder / "text").spec["fields"][0]["kind"] == "text"
    assert (fit(folder / "text", "linear").score or 0) > 0.7
    with zipfile.ZipFile(folder / "text" / "trials" / "linear" / "model" / "model.skops") as stored:
        assert len(stored.namelist()) < 60, "not a file for every word"
    assert fit(folder / "text", "rule").state == "done"


def test_copies_of_rows_do_not_help(laid_out: Laid) -> None:
    table = pd.concat([random_table(3, 150)] * 2, ignore_index=True)
    folder = laid_out(table, Goal(target="y", task="binary", metric="roc_auc"), only=("neighbours",))
    assert any(finding.code == "equal_rows" for finding in RunFolder(folder).findings)
    assert (fit(folder, "neighbours").score or 1.0) < 0.65


def test_a_time_column_is_validated_forward_and_gives_parts(laid_out: Laid) -> None:
    table = random_table(2, 400).assign(day=pd.date_range("2023-01-01", periods=400))
    folder = laid_out(table, Goal(target="y", task="binary", metric="", time="day"))
    run = RunFolder(folder)
    assert run.plan.validation.method == "forward in time"
    assert {"c7_days", "c7_month", "c7_weekday"} <= set(run.features_of(np.arange(3)).columns)
    assert fit(folder, "linear").state == "done"
    assert out_of_fold(folder, "linear").rows.min() > 0
    assert holdout(folder, "linear").rows.min() > out_of_fold(folder, "linear").rows.max()


def test_groups_stay_together_and_travel_with_the_predictions(laid_out: Laid) -> None:
    table = random_table(4, 320).assign(person=np.arange(320) // 4)
    folder = laid_out(table, Goal(target="y", task="binary", metric="", group="person"))
    fit(folder, "linear")
    seen, locked = out_of_fold(folder, "linear"), holdout(folder, "linear")
    assert seen.groups is not None
    assert locked.groups is not None
    assert not set(seen.groups) & set(locked.groups)
    assert "person" not in Model.load(folder / "trials" / "linear" / "model").columns


def test_rows_without_a_target_are_left_out_and_positions_are_the_tables(laid_out: Laid, few: pd.DataFrame) -> None:
    table = few.assign(diagnosis=few["diagnosis"].where(np.arange(len(few)) % 5 > 0, None))
    folder = laid_out(table, BINARY)
    fit(folder, "linear")
    said = out_of_fold(folder, "linear")
    assert (said.rows % 5 > 0).all()
    truth = [said.labels[code] for code in np.asarray(said.truth, dtype=int)]
    assert truth == table["diagnosis"].iloc[said.rows].tolist()


def test_a_model_names_what_it_lacks_and_judges_rows_whose_target_is_known(laid_out: Laid, few: pd.DataFrame) -> None:
    folder = laid_out(few, BINARY)
    fit(folder, "linear")
    model = Model.load(folder / "trials" / "linear" / "model")
    with pytest.raises(RowError, match="mean radius"):
        model.predict(few.drop(columns="mean radius"))
    known = few.head(20).assign(diagnosis=lambda t: t["diagnosis"].where(np.arange(20) > 4, None))
    assert model.judge(known).rows.tolist() == list(range(5, 20))
    with pytest.raises(RowError, match="'other'"):
        model.judge(few.head(3).assign(diagnosis="other"))
    assert len(model.background) == 200


def test_a_run_without_locked_rows_says_why(laid_out: Laid, iris: pd.DataFrame) -> None:
    folder = laid_out(iris, Goal(target="species", task="multiclass", metric=""))
    fit(folder, "linear")
    with pytest.raises(UserError, match="locked away"):
        holdout(folder, "linear")


def test_a_candidate_limited_in_rows_is_judged_on_the_same_rows_as_the_others(
    laid_out: Laid, few: pd.DataFrame
) -> None:
    folder = laid_out(few, BINARY, only=("linear",))
    plan = RunFolder(folder).plan
    linear = next(one for one in plan.candidates if one.key == "linear")
    limited = replace(linear, key="linear-few", rows=60)
    records.write(folder / "plan.json", replace(plan, candidates=(linear, limited)))
    whole, part = fit(folder, "linear"), fit(folder, "linear-few")
    assert part.state == "done", part.reason
    assert np.array_equal(out_of_fold(folder, "linear").rows, out_of_fold(folder, "linear-few").rows)
    assert any("Learned from 60 of" in note for note in part.notes)
    assert part.score != whole.score


def test_a_variation_that_is_behind_in_the_first_folds_is_given_up(laid_out: Laid, few: pd.DataFrame) -> None:
    folder = laid_out(few, BINARY, only=("linear",))
    run = RunFolder(folder)
    fit(folder, "linear")
    run.add(Candidate(key="baseline~1", model="baseline", title="No better", parent="linear"))
    given_up = fit(folder, "baseline~1")
    assert given_up.state == "skipped"
    assert "worse" in given_up.reason
    assert run.candidate("baseline~1").parent == "linear"


def test_the_best_of_every_kind_may_join_the_blend(laid_out: Laid, few: pd.DataFrame) -> None:
    run = RunFolder(laid_out(few, BINARY, only=("linear",)))
    for place in range(POOL + 4):
        key = f"linear~{place}"
        run.write_trial(Trial(key=key, model="linear", title=key, state="done", score=0.99 - place / 1000))
    run.write_trial(Trial(key="rule", model="rule", title="Rule", state="done", score=0.7))
    chosen = [trial.key for trial in pool(run, METRICS["roc_auc"])]
    assert chosen[0] == "linear~0"
    assert chosen[-1] == "rule"
    assert len(chosen) == POOL + 1
