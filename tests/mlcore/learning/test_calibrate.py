"""A calibrated version of a model: honest where it is scored, the same in every path, and left out of blends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS
from mlcore.explanation import explain
from mlcore.handoff.bundle import bundle
from mlcore.handoff.exporters import EXPORTERS
from mlcore.handoff.shipped import quick
from mlcore.learning.calibrate import calibrate
from mlcore.learning.calibrators import WAYS, Way, tried
from mlcore.learning.conclude import entries
from mlcore.learning.ensemble import pool
from mlcore.learning.folder import RunFolder, whole_npz
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.results import OutOfFold
from mlcore.learning.run import Run
from mlcore.learning.scoring import Scorer, calibrated, conform, raised
from mlcore.learning.train import fit
from mlcore.workspace import errands
from tests.mlcore.learning.conftest import Laid


def people(rows: int = 700) -> pd.DataFrame:
    random = np.random.default_rng(0)
    x, word = random.normal(size=rows), random.choice(["a", "b"], rows)
    yes = random.random(rows) < 1 / (1 + np.exp(-2 * x - (word == "a")))
    return pd.DataFrame({"x": x, "word": word, "y": np.where(yes, "yes", "no")})


def off(laid_out: Laid) -> RunFolder:
    """A run whose model said too much of what it had not seen."""
    run = RunFolder(laid_out(people(), Goal(target="y", task="binary", metric="log_loss", positive="no")))
    assert fit(run.path, "linear").state == "done"
    said = OutOfFold.read(run, "linear")
    store(run, "linear", replace(said, values=raised(said.values, 0.5, (0.0, 1.0))))
    return run


def store(run: RunFolder, key: str, said: OutOfFold) -> None:
    with whole_npz(run.trial_folder(key) / "oof.npz") as arrays:
        arrays.update(said.arrays())


def loss(said: OutOfFold, run: RunFolder) -> float:
    return METRICS["log_loss"].score(said.predictions(run))


def test_it_is_scored_by_calibrators_of_other_folds_and_stored_with_one_of_all(laid_out: Laid) -> None:
    run = off(laid_out)
    records.write(run.trial_folder("linear") / "model" / "policy.json", {"threshold": 0.9})
    made, before = calibrate(run.path, "linear"), OutOfFold.read(run, "linear")
    assert (made.key, made.of, made.title) == ("linear_calibrated", "linear", f"{run.trials()[0].title}, calibrated")
    assert "not fitted on" in made.notes[0]
    after, truth = OutOfFold.read(run, made.key), run.truth[before.chosen].astype(np.int64)
    way: Way = "platt" if "Platt" in made.notes[0] else "isotonic"
    for fold in np.unique(before.fold):
        here = before.fold == fold
        learned = WAYS[way](before.values[~here], truth[~here])
        assert np.allclose(after.values[here], calibrated(before.values[here], learned))
    assert made.score == loss(after, run) < loss(before, run)
    stored = Scorer.load(run.trial_folder(made.key) / "model")
    whole = Scorer.load(run.trial_folder("linear") / "model")
    rows = people(40)
    calibration = WAYS[way](before.values, truth)
    assert np.allclose(stored.values(rows), calibrated(whole.values(rows), calibration))
    assert stored.threshold == 0.5  # a saved threshold belongs to the other probabilities
    assert len(stored.values(rows.iloc[:0])) == 0


@pytest.mark.slow
@pytest.mark.parametrize("way", ["platt", "isotonic"])
def test_it_is_explained_so_that_values_add_up(laid_out: Laid, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    run = off(laid_out)
    monkeypatch.setattr("mlcore.learning.calibrate.WAYS", {"platt": WAYS[way], "isotonic": WAYS[way]})
    model = Model.load(run.trial_folder(calibrate(run.path, "linear").key) / "model")
    made = explain(model, people(30), rows=20, seconds=3.0)
    assert made.additivity_error < 1e-6
    assert np.allclose(made.base + made.values.sum(axis=1), made.output, atol=1e-6)
    assert ("through" in made.methods[0]) is (way == "platt")


def test_it_stands_on_the_leaderboard_and_never_in_a_blend(laid_out: Laid) -> None:
    run = off(laid_out)
    records.write(run.path / "run.json", Run(id="r", plan="p", state="done", trials=run.trials()))
    assert errands.calibrate(str(run.path), "linear") == "linear_calibrated"
    stored = records.read(Run, run.path / "run.json")
    assert stored.trials[-1].key == stored.best == "linear_calibrated"
    simple = {entry.key: entry.simplicity for entry in entries(run.path)}
    assert simple["linear_calibrated"] > simple["linear"]
    assert "linear_calibrated" not in [trial.key for trial in pool(run, METRICS["log_loss"])]
    assert errands.calibrate(str(run.path), "linear") == "linear_calibrated"  # asked again, it is made anew
    again = tried(run, "linear_calibrated")
    assert again.applied
    assert "part of this model" in again.why_not


def test_probabilities_that_are_right_are_left_alone(laid_out: Laid) -> None:
    run = RunFolder(laid_out(people(), Goal(target="y", task="binary", metric="log_loss", positive="yes")))
    assert fit(run.path, "linear").state == "done"
    with pytest.raises(UserError, match="beyond chance"):
        calibrate(run.path, "linear")
    assert not (run.path / "trials" / "linear_calibrated").exists()


@pytest.mark.slow
@pytest.mark.parametrize("way", ["platt", "isotonic"])
def test_its_bundle_is_proven_to_say_the_same(
    laid_out: Laid, tmp_path: Path, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = off(laid_out)
    monkeypatch.setattr("mlcore.learning.calibrate.WAYS", {"platt": WAYS[way], "isotonic": WAYS[way]})
    key, out = calibrate(run.path, "linear").key, tmp_path / "bundle"
    bundle(run.path, key, out)
    rows = people(50)
    handed, own = Scorer.load(out), Scorer.load(run.trial_folder(key) / "model")
    assert np.array_equal(handed.values(rows), own.values(rows))
    assert not np.allclose(own.values(rows), Scorer.load(run.trial_folder("linear") / "model").values(rows))
    EXPORTERS["script"].write(out, tmp_path / "script")
    assert "answer = scoring.calibrated(answer, " in (tmp_path / "script" / "train.py").read_text(encoding="utf-8")
    fast = quick.load(out)
    assert fast is not None
    frame = conform(rows, own.fields)
    assert np.abs(fast.values(quick.parts_of(frame)) - own.values_of(frame)).max() <= fast.tolerance
