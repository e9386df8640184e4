"""A run that goes on where another ended has its trials and its clock, and leaves it as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcore import files, records
from mlcore.learning.run import Run, Trial
from mlcore.workspace import places
from mlcore.workspace.continuing import take_over


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    forest = Trial(key="forest", model="forest", title="f", state="done", score=0.8, ended=3.0)
    blend = Trial(key="blend", model="blend", title="b", state="done", score=0.9, ended=9.0, weights=(("forest", 1.0),))
    for name in ("plan.json", "features.parquet", "leaderboard.json", "evaluations/forest.json", "holdout/blend.json"):
        files.write_text(folder / name, name)
    for trial in (forest, blend):
        records.write(folder / "trials" / trial.key / "trial.json", trial)
    run = Run(id="old", plan="p", state="done", trials=(forest, blend), best="blend", seconds=60.0)
    records.write(folder / "run.json", run)
    return folder


def test_trials_and_clock_are_taken_over_and_what_was_measured_is_not(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    take_over(old, new)
    found = {str(path.relative_to(new)) for path in new.rglob("*") if path.is_file()}
    assert found == {"plan.json", "features.parquet", "run.json", "trials/forest/trial.json"}
    run = records.read(Run, new / "run.json")
    assert (run.id, run.seconds, run.best, [trial.key for trial in run.trials]) == ("new", 60.0, None, ["forest"])


def test_a_model_may_be_called_as_a_measurement_is(old: Path, tmp_path: Path) -> None:
    plugged = Trial(key="holdout", model="holdout", title="h", state="done", score=0.7, ended=4.0)
    records.write(old / "trials" / "holdout" / "trial.json", plugged)
    take_over(old, tmp_path / "new")
    assert (tmp_path / "new" / "trials" / "holdout" / "trial.json").is_file()
    assert not (tmp_path / "new" / "holdout").exists()


def test_what_was_looked_at_stays_with_models_and_not_with_ensembles(old: Path, tmp_path: Path) -> None:
    for folder in ("closer", "cases", "growth"):
        files.write_text(old / folder / "forest" / "found.json", "f")
        files.write_text(old / folder / "blend" / "found.json", "b")
    files.write_text(old / "beside" / "0a1b" / "beside.json", "both")
    take_over(old, tmp_path / "new")
    found = {str(path.relative_to(tmp_path / "new")) for path in (tmp_path / "new").rglob("found.json")}
    assert found == {f"{folder}/forest/found.json" for folder in ("closer", "cases", "growth")}
    assert not (tmp_path / "new" / "beside").exists()


def test_the_old_run_stays_as_it_was(old: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    take_over(old, tmp_path / "new")
    files.write_text(tmp_path / "new" / "trials" / "forest" / "trial.json", "changed")
    (tmp_path / "new" / "plan.json").unlink()
    assert {path: path.read_bytes() for path in old.rglob("*") if path.is_file()} == before


def test_a_folder_that_is_there_is_left_alone(old: Path, tmp_path: Path) -> None:
    files.write_text(tmp_path / "new" / "plan.json", "further on")
    take_over(old, tmp_path / "new")
    assert (tmp_path / "new" / "plan.json").read_text() == "further on"
    assert not (tmp_path / "new" / "run.json").exists()


def test_a_run_that_is_gone_is_begun_anew(tmp_path: Path) -> None:
    take_over(tmp_path / "nowhere", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_model_found_by_the_search_has_a_place(tmp_path: Path) -> None:
    assert places.model_folder(tmp_path, "0123456789ab", "lightgbm~3").parts[-2] == "lightgbm~3"
