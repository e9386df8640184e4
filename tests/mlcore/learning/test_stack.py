from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Floats
from mlcore.explanation.explain import explain
from mlcore.learning.conclude import entries
from mlcore.learning.ensemble import blend
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.results import OutOfFold, out_of_fold
from mlcore.learning.run import Trial
from mlcore.learning.scoring import Scorer
from mlcore.learning.stack import crossed, learned, stack
from mlcore.learning.store import Member
from mlcore.learning.trial import fit, save_model, save_out_of_fold, scored
from tests.mlcore.learning.conftest import Laid


def _run(laid_out: Laid, goal: Goal, target: Floats, rows: int = 300) -> RunFolder:
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(rows, 2)), columns=["a", "b"])
    table["day"] = pd.date_range("2024-01-01", periods=rows)
    table["y"] = target
    folder = laid_out(table if goal.time else table.drop(columns="day"), goal)
    assert fit(folder, "linear").state == "done"
    return RunFolder(folder)


def _say(run: RunFolder, key: str, values: Floats) -> None:
    """A trial that said this of rows it did not see; what is stored is the linear model."""
    said = OutOfFold.read(run, "linear")
    made = save_out_of_fold(run, key, OutOfFold(values=values, chosen=said.chosen, fold=said.fold, round=said.round))
    member = Member(key=key, model="linear", title=key, weight=1.0)
    save_model(run, key, made, [member], [Scorer.load(run.trial_folder("linear") / "model").members[0][1]])
    run.write_trial(scored(run, Trial(key=key, model="linear", title=key, state="done"), made))


def _numbers(laid_out: Laid, *, time: str | None = None) -> RunFolder:
    truth = np.random.default_rng(1).normal(size=300)
    run = _run(laid_out, Goal(target="y", task="regression", metric="rmse", time=time), truth)
    said = run.truth[OutOfFold.read(run, "linear").chosen]
    random = np.random.default_rng(2)
    for key in ("one", "two"):  # both say too little of what there is, which no average mends
        _say(run, key, 0.4 * said + 0.1 * random.normal(size=len(said)))
    return run


def test_a_stack_says_more_than_its_members_where_all_of_them_say_too_little(laid_out: Laid) -> None:
    run = _numbers(laid_out)
    mixed = blend(run.path)
    made = stack(run.path)
    assert made.state == "done", made.reason
    best = min(trial.score or 9.0 for trial in run.trials() if trial.key != "stack")
    assert mixed is None or (mixed.score or 9.0) >= best
    assert made.score is not None
    assert made.score < 0.5 * best
    assert sum(weight for _, weight in made.weights) == pytest.approx(1)
    spec = Scorer.load(run.trial_folder("stack") / "model").spec
    assert sum(member["weight"] for member in spec["members"]) > 1.5
    said = out_of_fold(run.path, "stack")
    assert METRICS["rmse"].score(said) == made.score
    (entry,) = (one for one in entries(run.path) if one.key == "stack")
    assert entry.cross_fitted


def test_a_stacked_number_is_explained_member_by_member_and_adds_up(laid_out: Laid) -> None:
    run = _numbers(laid_out)
    stack(run.path)
    model = Model.load(run.trial_folder("stack") / "model")
    told = explain(model, model.background.head(20))
    np.testing.assert_allclose(told.base + told.values.sum(axis=1), told.output, rtol=1e-6)
    np.testing.assert_allclose(told.output[:, 0], model.predict(model.background.head(20)).values, rtol=1e-9)
    assert "weight" in told.methods[0]


@pytest.mark.slow
def test_stacked_labels_have_probabilities_and_add_up_as_one_function(laid_out: Laid) -> None:
    codes = np.random.default_rng(3).integers(0, 3, 300)
    target = np.array(["a", "b", "c"], dtype=object)[codes]
    run = _run(laid_out, Goal(target="y", task="multiclass", metric="log_loss"), target)
    truth = run.truth[OutOfFold.read(run, "linear").chosen].astype(np.int64)
    random = np.random.default_rng(4)
    for key in ("one", "two"):  # each knows something, both are far less sure than they could be
        margins = 0.8 * np.eye(3)[truth] + 0.2 * random.normal(size=(len(truth), 3))
        shares = np.exp(margins)
        _say(run, key, shares / shares.sum(axis=1, keepdims=True))
    made = stack(run.path)
    assert made.state == "done", made.reason
    model = Model.load(run.trial_folder("stack") / "model")
    rows = model.background.head(6)
    values = model.predict(rows).values
    np.testing.assert_allclose(values.sum(axis=1), 1)
    told = explain(model, rows)
    np.testing.assert_allclose(told.base + told.values.sum(axis=1), values, atol=1e-6)


@pytest.mark.slow
def test_later_blocks_never_inform_what_is_said_of_earlier_ones(laid_out: Laid) -> None:
    run = _numbers(laid_out, time="day")
    left = [OutOfFold.read(run, key) for key in ("one", "two")]
    truth = np.asarray(run.truth[left[0].chosen])
    before = crossed(run, left, truth)
    last = left[0].fold == left[0].fold.max()
    after = crossed(run, left, np.where(last, -50.0 * truth, truth))
    assert before is not None
    assert after is not None
    np.testing.assert_array_equal(before, after)  # nobody learns from the last block
    first = left[0].fold == 0
    other = crossed(run, left, np.where(first, -50.0 * truth, truth))
    assert other is not None
    np.testing.assert_array_equal(before[first], other[first])
    assert not np.allclose(before[last], other[last])


def test_folds_are_told_by_layers_that_did_not_learn_from_them(laid_out: Laid) -> None:
    run = _numbers(laid_out)
    left = [OutOfFold.read(run, key) for key in ("one", "two")]
    truth = np.asarray(run.truth[left[0].chosen])
    before = crossed(run, left, truth)
    assert before is not None
    rows = left[0].chosen[left[0].fold == 1]
    spoiled = np.where(np.isin(left[0].chosen, rows), -50.0 * truth, truth)
    after = crossed(run, left, spoiled)
    assert after is not None
    np.testing.assert_array_equal(before[left[0].fold == 1], after[left[0].fold == 1])
    assert not np.allclose(before, after)


def test_a_stack_that_does_not_pay_is_skipped_with_the_reason(laid_out: Laid) -> None:
    truth = np.random.default_rng(1).normal(size=300)
    run = _run(laid_out, Goal(target="y", task="regression", metric="rmse"), truth)
    said = run.truth[OutOfFold.read(run, "linear").chosen]
    _say(run, "good", said + 0.01 * np.random.default_rng(2).normal(size=len(said)))
    made = stack(run.path)
    assert made.state == "skipped"
    assert "was reached without it" in made.reason
    assert records.read(Trial, run.trial_folder("stack") / "trial.json") == made
    assert "no time left" in stack(run.path, deadline_seconds=0.0).reason


def test_a_metric_that_a_layer_does_not_learn_by_has_no_stack(laid_out: Laid) -> None:
    truth = np.random.default_rng(1).normal(size=300)
    run = _run(laid_out, Goal(target="y", task="regression", metric="mae"), truth)
    assert "by MAE blends" in stack(run.path).reason


def test_the_weakest_members_are_left_out_and_no_weight_is_negative() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=2_000)
    parts = [truth + spread * random.normal(size=2_000) for spread in np.linspace(0.5, 3.0, 12)]
    layer = learned([*parts, -truth + random.normal(size=2_000)], truth)
    assert (layer.weights >= 0).all()
    assert 1 < np.count_nonzero(layer.weights) <= 6
    assert layer.weights[0] == layer.weights.max()
    assert layer.weights[-1] == 0


@pytest.mark.slow
def test_what_is_kept_of_blend_and_stack_is_never_worse_than_the_best_model(laid_out: Laid) -> None:
    truth = np.random.default_rng(1).normal(size=300)
    run = _run(laid_out, Goal(target="y", task="regression", metric="rmse"), truth)
    said, kept = run.truth[OutOfFold.read(run, "linear").chosen], []
    for seed in (0, 1, 2):
        random = np.random.default_rng(seed)
        for key in ("one", "two"):
            scale, noise = random.uniform(0.2, 1.2), random.uniform(0.05, 1.5)
            _say(run, key, scale * said + noise * random.normal(size=len(said)))
        for old in ("blend", "stack"):
            shutil.rmtree(run.trial_folder(old), ignore_errors=True)
        mixed, made = blend(run.path), stack(run.path)
        best = min(trial.score or 9.0 for trial in run.trials() if not trial.weights and trial.state == "done")
        if mixed is not None:
            assert (mixed.score or 9.0) <= best
        if made.state == "done":
            assert made.score is not None
            assert made.score < min(best, 9.0 if mixed is None else mixed.score or 9.0)
        kept.append((mixed is not None, made.state))
    assert {state for _, state in kept} == {"done", "skipped"}  # so that either promise was put to the test
    assert {there for there, _ in kept} >= {True}
