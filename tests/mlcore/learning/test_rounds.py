"""How long a candidate may take for each of its fits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.learning import fold, rounds
from mlcore.learning import folder as folders
from mlcore.learning.fold import Making, rounds_for
from mlcore.learning.folder import ENCODED, RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS
from mlcore.learning.prepare import prepare
from mlcore.learning.rounds import Clock, Judging
from mlcore.learning.scoring import Scorer
from mlcore.learning.trial import fit

Laid = Callable[..., Path]
GOAL = Goal(target="diagnosis", task="binary", metric="")


def judging(folder: Path) -> Judging:
    run = RunFolder(folder)
    making = Making(kind=MODELS["linear"], settings={}, seed=0, threads=1)
    clock = Clock(time.monotonic(), 100.0, 100.0)
    return Judging(run=run, candidate=run.candidate("linear"), making=making, clock=clock)


def test_a_model_that_is_kept_may_grow_for_most_of_the_time() -> None:
    now = time.monotonic()
    clock = Clock(now, 100.0, 100.0)
    assert clock.until(0, 1) - now == pytest.approx(80, abs=1)
    assert clock.until(0, 4) - now == pytest.approx(12.5, abs=1)
    assert clock.until(3, 4) - now == pytest.approx(50, abs=1)


def test_getting_ready_is_not_expected_again_with_every_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr(rounds.time, "monotonic", lambda: now[0])
    clock = Clock(0.0, 20.0, 15.5)
    clock.check(0, 6)  # after 10 seconds, in which a process began and the table was read
    now[0] = 11.0
    clock.check(1, 6)
    now[0] = 12.0
    clock.check(2, 6)
    assert clock.allows(2, 5)
    assert not clock.allows(2, 6)
    now[0] = 18.0
    with pytest.raises(rounds.OutOfTime, match=r"need about 22\.0 s, 20\.0 s were left") as late:
        clock.check(4, 6)
    assert late.value.needed == pytest.approx(22)


def test_only_the_model_of_one_large_part_is_not_fitted_again(
    laid_out: Laid, cancer: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    folds = judging(laid_out(cancer, GOAL))
    assert (folds.once, folds.fits, folds.kept) == (3, 4, False)
    plan = folds.run.plan
    validation = replace(plan.validation, method="one split")
    one = replace(folds, run=RunFolder(folds.run.path))
    one.run.__dict__["plan"] = replace(plan, validation=validation)
    assert not one.kept
    monkeypatch.setattr(rounds, "PART_KEPT", 100)
    assert one.kept
    assert one.fits == one.once
    monkeypatch.setattr(rounds, "PART_KEPT", 50_000)
    columns = len(plan.schema.features)
    monkeypatch.setattr(rounds, "CELLS_KEPT", len(one.portion.final) * columns)
    assert not one.kept
    monkeypatch.setattr(rounds, "CELLS_KEPT", len(one.portion.final) * columns - 1)
    assert one.kept
    assert not folds.kept


def test_a_model_that_is_kept_says_from_how_many_rows_it_learned(
    laid_out: Laid, cancer: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder(laid_out(cancer, GOAL))
    validation = replace(run.plan.validation, method="one split", folds=1)
    folder = run.path.with_name("one")
    prepare(run.table_path, replace(run.plan, validation=validation), folder)
    monkeypatch.setattr(rounds, "PART_KEPT", 100)
    (told,) = [note for note in fit(folder, "linear").notes if note.startswith("Learned from")]
    parts = RunFolder(folder).split
    ((train, _),) = parts.pairs()
    assert told.startswith(f"Learned from {len(train):,} of {len(parts.training):,} rows. It was judged on others")


def test_a_part_of_a_large_table_is_kept_while_a_search_goes_on(
    laid_out: Laid, cancer: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "LARGE", 100)
    run = RunFolder(laid_out(cancer, GOAL))
    few, many = np.arange(0, 60, 3), np.arange(400)
    fresh = run.features_of(few)
    assert not (run.path / ENCODED).exists()
    (run.path / ENCODED).mkdir()
    for chosen in (few, many):
        run.features_of(chosen)
    (kept,) = (run.path / ENCODED).glob("rows-*.parquet")
    pd.testing.assert_frame_equal(run.features_of(few), fresh)
    kept.unlink()
    pd.testing.assert_frame_equal(run.features_of(many).iloc[few].reset_index(drop=True), fresh)


def test_what_looks_at_no_column_reads_one(laid_out: Laid, cancer: pd.DataFrame) -> None:
    usual = judging(laid_out(cancer, GOAL))
    blind = replace(usual, candidate=replace(usual.candidate, key="baseline", model="baseline"))
    assert blind.portion.material.features.shape == (len(usual.run.truth), 1)
    assert usual.portion.material.features.shape[1] > 20


def test_so_many_rows_bear_so_many_rounds() -> None:
    assert (rounds_for(160, 100, of=100), rounds_for(100, 100, of=100), rounds_for(1, 1, of=1_000)) == (126, 100, 1)


@pytest.mark.parametrize("model", ["histogram", "lightgbm"])
def test_what_is_fitted_on_more_rows_than_its_rounds_were_found_on_gets_more_of_them(
    laid_out: Laid, cancer: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    path = laid_out(cancer, GOAL, only=(model,))
    run, kind = RunFolder(path), MODELS[model]
    making = Making(kind=kind, settings=kind.settings(run.candidate(model).params), seed=0, threads=1)
    own = Judging(run=run, candidate=run.candidate(model), making=making, clock=Clock(time.monotonic(), 100.0, 100.0))
    train, _ = own.portion.pairs[0]
    again = fold.fitted(own.portion.material, making, train, rounds=None, until=None)
    monkeypatch.setattr(fold, "REFITTED", 0)
    grown = fold.fitted(own.portion.material, making, train, rounds=None, until=None)
    assert grown.rounds is not None
    assert again.rounds == rounds_for(len(train), grown.rounds, of=grown.rows) > grown.rounds
    assert (again.rows, again.part, grown.part) == (len(train), False, True)
    trial = fit(path, model)
    stored = Scorer.load(run.trial_folder(model) / "model").members[0][1].named_steps["model"]
    assert trial.rounds == stored.get_params()[kind.rounds]
    assert f"{trial.rounds} rounds, by rows held aside" in trial.notes[0]
