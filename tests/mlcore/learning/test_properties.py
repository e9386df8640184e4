"""What must hold for every table: chance stays chance, copies and the future do not help, a seed decides everything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.evaluation.intervals import interval
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Floats, Task
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.run import Trial
from mlcore.learning.train import blend, conclude, fit, out_of_fold, trials

Laid = Callable[..., Path]


def signal(rows: int = 240, seed: int = 0) -> pd.DataFrame:
    """Two numbers and a category that say something about `y`, about the number `z` a little less."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(random.normal(size=(rows, 4)).round(6), columns=list("abcd"))
    table["k"] = random.choice(list("uvw"), rows)
    margin = table["a"] + table["b"] * (table["k"] == "u") + random.normal(size=rows)
    return table.assign(y=np.where(margin > 0, "yes", "no"), z=margin)


def fitted(folder: Path) -> dict[str, Trial]:
    """Every candidate of a run, tried."""
    done = {candidate.key: fit(folder, candidate.key) for candidate in RunFolder(folder).plan.candidates}
    assert {trial.state for trial in done.values()} == {"done"}, [trial.reason for trial in done.values()]
    return done


@pytest.mark.parametrize(("task", "metric", "chance"), [("multiclass", "accuracy", 1 / 3), ("regression", "r2", 0.0)])
def test_a_shuffled_target_is_not_predicted_better_than_by_chance(
    laid_out: Laid, iris: pd.DataFrame, diabetes: pd.DataFrame, task: Task, metric: str, chance: float
) -> None:
    table, target = (iris, "species") if task == "multiclass" else (diabetes, "target")
    shuffled = table.assign(**{target: np.random.default_rng(5).permutation(table[target])})
    folder = laid_out(shuffled, Goal(target=target, task=task, metric=""), only=("linear", "neighbours", "rule"))
    fitted(folder)
    blend(folder)
    best = conclude(folder).best
    assert best is not None
    assert interval(out_of_fold(folder, best), METRICS[metric], seed=0).low <= chance


def test_copies_in_other_groups_do_not_help(laid_out: Laid) -> None:
    one = signal(160, seed=2).assign(y=np.random.default_rng(3).choice(["yes", "no"], 160)).drop(columns="z")
    groups = np.arange(160) // 4
    table = pd.concat([one.assign(person=groups), one.assign(person=1_000 + groups)], ignore_index=True)
    folder = laid_out(table, Goal(target="y", task="binary", metric="roc_auc", group="person"), only=("neighbours",))
    assert any(finding.code == "equal_rows" for finding in RunFolder(folder).findings)
    assert (fit(folder, "neighbours").score or 1.0) < 0.65
    for train, test in RunFolder(folder).split.pairs():
        assert not set(table.index[train] % 160) & set(table.index[test] % 160)


def test_copies_that_tie_all_groups_together_are_told(laid_out: Laid) -> None:
    one = signal(120, seed=2).drop(columns="z")
    chained = one.assign(person=(np.arange(120) + 1) // 2)  # shares a person with the row after it, a copy with itself
    table = pd.concat([one.assign(person=np.arange(120) // 2), chained], ignore_index=True)
    folder = laid_out(table, Goal(target="y", task="binary", metric="roc_auc", group="person"), only=("rule",))
    (found,) = (finding for finding in RunFolder(folder).findings if finding.code == "equal_rows_apart")
    assert "groups" in found.why
    assert fit(folder, "rule").state == "done"


@pytest.mark.slow
def test_no_later_row_informs_what_is_said_of_earlier_ones(laid_out: Laid) -> None:
    table = signal(300).drop(columns="z").assign(day=pd.date_range("2024-01-01", periods=300))
    goal = Goal(target="y", task="binary", metric="roc_auc", time="day")
    before, after = (laid_out(table, goal, only=("linear", "histogram")) for _ in range(2))
    pairs = list(RunFolder(before).split.pairs())
    assert len(pairs) > 1
    assert all(train.max() < test.min() for train, test in pairs)
    spoil(after, first := int(pairs[-1][1].min()))
    fitted(before)
    fitted(after)
    for key in ("linear", "histogram"):
        one, other = out_of_fold(before, key), out_of_fold(after, key)
        earlier = one.rows < first
        assert earlier.sum() >= 30
        np.testing.assert_array_equal(one.values[earlier], other.values[earlier], err_msg=key)
        assert not np.array_equal(one.values[~earlier], other.values[~earlier]), key


def spoil(folder: Path, first: int) -> None:
    """Make the rows from `first` on something else in a run that was laid out: features and truth."""
    features = pd.read_parquet(folder / "features.parquet")
    numbers = features.select_dtypes("number").columns
    features.loc[first:, numbers] = -3.0 * features.loc[first:, numbers] - 40
    features.to_parquet(folder / "features.parquet")
    stored = pd.read_parquet(folder / "split.parquet")
    truth = stored["truth"].to_numpy().copy()
    truth[first:] = 1 - truth[first:]
    stored.assign(truth=truth).to_parquet(folder / "split.parquet")


def said(folder: Path) -> dict[str, tuple[Floats, float | None]]:
    """What every model of a run, the ensemble too, says of the rows it did not learn from, and its score."""
    fitted(folder)
    blend(folder)
    return {trial.key: (out_of_fold(folder, trial.key).values, trial.score) for trial in trials(folder)}


@pytest.mark.parametrize(("target", "task"), [("y", "binary"), pytest.param("z", "regression", marks=pytest.mark.slow)])
def test_the_same_seed_gives_the_same_run(laid_out: Laid, target: str, task: Task) -> None:
    table = signal(160).drop(columns="z" if target == "y" else "y")
    goal = Goal(target=target, task=task, metric="")
    first, same = (said(laid_out(table, goal, only=("linear", "neighbours", "histogram"), seed=4)) for _ in range(2))
    assert list(first) == list(same)
    for key, (values, score) in first.items():
        np.testing.assert_array_equal(values, same[key][0], err_msg=key)
        assert score == same[key][1]


@pytest.mark.parametrize(
    ("target", "metric"),
    [
        ("y", "roc_auc"),
        *(pytest.param(*pair, marks=pytest.mark.slow) for pair in (("y", "log_loss"), ("y", "f1"), ("z", "r2"))),
        ("z", "mae"),
    ],
)
def test_the_ensemble_is_never_worse_than_its_best_member(laid_out: Laid, target: str, metric: str) -> None:
    table = signal(seed=len(metric)).drop(columns="z" if target == "y" else "y")
    task: Task = "binary" if target == "y" else "regression"
    folder = laid_out(table, Goal(target=target, task=task, metric=metric), only=("linear", "neighbours", "rule"))
    single = fitted(folder)
    mixed = blend(folder)
    if mixed is not None:
        gains = {trial.key: METRICS[metric].gain(trial.score or 0.0, 0.0) for trial in (*single.values(), mixed)}
        assert gains[mixed.key] >= max(gains.values())
        assert sum(weight for _, weight in mixed.weights) == pytest.approx(1)
