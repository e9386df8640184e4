"""Nothing that is judged was looked at: rows outside a training part can be anything, and nothing learned changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.data.load import read_table, store_frame
from mlcore.data.prepare_table import prepared
from mlcore.data.recipe import EMPTY
from mlcore.evaluation.predictions import Floats, Integers, Task
from mlcore.learning.audit import Origin
from mlcore.learning.folder import RunFolder, wide
from mlcore.learning.goal import Goal
from mlcore.learning.plan import Plan
from mlcore.learning.planning import make_plan
from mlcore.learning.scoring import Scorer
from mlcore.learning.suspects import suspects
from mlcore.learning.train import blend, fit, out_of_fold, prepare
from tests.quick import QUICK

ROWS = 400
LEARNS = (
    EMPTY.added("cap", {"columns": ["size"], "by": "share", "share": 5})
    .added("fill", {"columns": ["size"], "how": "median"})
    .added("fill", {"columns": ["town"], "how": "most_frequent"})
    .added("merge_rare", {"columns": ["street"], "by": "share", "share": 3})
)
"""Every step that learns: caps at quantiles, fills with the median and the most frequent level, merges rare levels."""

MODELS = ("linear", "histogram")

Unspoiled = tuple[Task, RunFolder, dict[str, Floats]]


def table(task: Task) -> pd.DataFrame:
    random = np.random.default_rng(3)
    size = np.where(random.random(ROWS) < 0.2, np.nan, random.normal(100, 10, ROWS))
    town = pd.Series(random.choice(["a", "b", "c", None], ROWS, p=[0.4, 0.3, 0.2, 0.1]), dtype="str")
    street = pd.Series([f"s{number}" for number in random.zipf(1.6, ROWS) % 40], dtype="str")
    weight = random.normal(0, 1, ROWS)
    signal = np.nan_to_num(size - 100) / 10 + weight + (town == "a") + random.normal(0, 1, ROWS)
    truth = signal if task == "regression" else np.where(signal > 0.5, "yes", "no")
    return pd.DataFrame({"size": size, "town": town, "street": street, "weight": weight, "y": truth})


def spoiled(frame: pd.DataFrame, rows: Integers) -> pd.DataFrame:
    """The same table with other features in these rows: far away, never seen, and the gaps elsewhere."""
    other = frame.copy()
    other.loc[rows, "size"] = np.where(rows % 3 == 0, np.nan, 1e5 + rows)
    other.loc[rows, "town"] = "c"
    other.loc[rows, "street"] = "never seen"
    other.loc[rows, "weight"] = -50.0 - rows
    return other


def laid(folder: Path, frame: pd.DataFrame, task: Task, plan: Plan | None = None) -> RunFolder:
    folder.mkdir()
    raw = store_frame(frame, folder / "raw.parquet")
    card = prepared(raw, LEARNS, folder / "prepared" / "table.parquet", {})
    if plan is None:
        goal = Goal(target="y", task=task, metric="rmse" if task == "regression" else "roc_auc")
        origin = Origin(recipe=LEARNS, inputs=raw.schema)
        plan, _ = make_plan(read_table(card), card.schema, "table", goal, models=MODELS, origin=origin)
        plan = quick(plan)
    prepare(Path(card.path), plan, folder / "run", Path(raw.path))
    return RunFolder(folder / "run")


def quick(plan: Plan) -> Plan:
    """One round of three folds, and the first configuration of each model, of few rounds."""
    first = {
        candidate.model: replace(candidate, params={**candidate.params, **QUICK.get(candidate.model, {})})
        for candidate in reversed(plan.candidates)
    }
    validation = replace(plan.validation, method="folds", folds=3, repeats=1)
    return replace(plan, candidates=tuple(first.values()), validation=validation)


def learned(run: RunFolder) -> dict[str, Floats]:
    """What each candidate, and the blend of them, says of the rows it was not trained on and of three new rows."""
    done = [fit(run.path, candidate.key) for candidate in run.plan.candidates]
    assert {trial.state for trial in done} == {"done"}, [trial.reason for trial in done]
    blended = blend(run.path)
    found = {}
    new = table("binary").drop(columns="y").iloc[:3]
    for trial in (*done, *([] if blended is None else [blended])):
        found[trial.key] = out_of_fold(run.path, trial.key).values
        found[f"{trial.key}, new rows"] = Scorer.load(run.trial_folder(trial.key) / "model").values(new)
        found[f"{trial.key}, score"] = np.array([trial.score])
        found[f"{trial.key}, doubts"] = np.array([one.doubt for one in suspects(run.path, trial.key).listed])
    return found


def same(one: dict[str, Floats], other: dict[str, Floats]) -> None:
    assert list(one) == list(other)
    for key in one:
        np.testing.assert_array_equal(one[key], other[key], err_msg=key)


def with_truth_turned(run: RunFolder, rows: Integers) -> None:
    """Answer these rows of a laid-out run otherwise, where the truth is read from."""
    stored = pd.read_parquet(run.path / "split.parquet")
    truth = stored["truth"].to_numpy().copy()
    truth[rows] = 1 - truth[rows] if run.labels else truth[rows] + 1000
    stored.assign(truth=truth).to_parquet(run.path / "split.parquet")


@pytest.fixture(scope="module", params=["binary", pytest.param("regression", marks=pytest.mark.slow)])
def unspoiled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Unspoiled:
    """The run of the table as it is, learned once for all that is done to it."""
    task: Task = request.param
    run = laid(tmp_path_factory.mktemp("unspoiled") / "before", table(task), task)
    return task, run, learned(run)


def test_rows_that_are_locked_away_can_be_anything(tmp_path: Path, unspoiled: Unspoiled) -> None:
    task, before, said = unspoiled
    frame = table(task)
    locked = np.flatnonzero(before.split.holdout)
    assert len(locked) >= 60
    after = laid(tmp_path / "after", spoiled(frame, locked), task, before.plan)
    assert np.array_equal(after.split.holdout, before.split.holdout)
    with_truth_turned(after, locked)
    assert after.spec == before.spec
    assert records.to_json(after.plan) == records.to_json(before.plan)
    same(learned(after), said)


def test_the_rows_that_a_fold_is_judged_on_can_be_anything(tmp_path: Path, unspoiled: Unspoiled) -> None:
    task, before, one = unspoiled
    after = laid(tmp_path / "after", table(task), task)
    tested = next(iter(before.split.pairs()))[1]
    turned, left = tested[::2], tested[1::2]
    features = wide(after.features_of(np.arange(len(after.truth))))
    others = np.random.default_rng(0).permutation(before.split.training)[: len(turned)]
    features.iloc[turned] = features.iloc[others].to_numpy()
    features.loc[turned, "c0"] = 1e5
    features.to_parquet(after.path / "features.parquet")
    with_truth_turned(after, turned)
    other = learned(after)
    rows = out_of_fold(before.path, before.plan.candidates[0].key).rows
    unturned = np.flatnonzero(np.isin(rows, before.positions[left]))
    elsewhere = np.flatnonzero(~np.isin(rows, before.positions[tested]))
    for key in (candidate.key for candidate in before.plan.candidates):
        np.testing.assert_array_equal(one[key][unturned], other[key][unturned], err_msg=key)
        if key != "baseline":
            assert not np.array_equal(one[key][elsewhere], other[key][elsewhere]), key
