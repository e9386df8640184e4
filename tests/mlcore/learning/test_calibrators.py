"""Calibrators: found where they help, not where nothing is wrong, each fitted on other folds."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.learning.calibrators import isotonic, platt, tried
from mlcore.learning.folder import RunFolder, whole_npz
from mlcore.learning.results import OutOfFold
from mlcore.learning.scoring import calibrated
from tests.mlcore.learning.conftest import Laid
from tests.mlcore.learning.test_sharpen import _run, _said


def stored(run: RunFolder, said: OutOfFold) -> str:
    folder = run.trial_folder("made")
    folder.mkdir(parents=True)
    with whole_npz(folder / "oof.npz") as arrays:
        arrays.update(said.arrays())
    return "made"


def test_a_shift_of_the_odds_is_put_right_by_a_line(laid_out: Laid) -> None:
    run = _run(laid_out)
    said = _said(run, 1.0)
    odds = said.values[:, 1] / said.values[:, 0] * np.e
    yes = odds / (1 + odds)
    found = tried(run, stored(run, OutOfFold(**{**said.arrays(), "values": np.column_stack([1 - yes, yes])})))
    line = next(one for one in found.tried if one.key == "platt")
    assert line.helps
    assert 0 < line.low < line.gain < line.high
    assert found.helpful is not None
    assert dict(found.curve)[0.5] < 0.45  # what it says is too much


def test_nothing_is_needed_where_probabilities_are_right(laid_out: Laid) -> None:
    run = _run(laid_out)
    found = tried(run, stored(run, _said(run, 1.0)))
    assert found.helpful is None
    assert len(found.tried) == 2
    assert found.curve == ()


@pytest.mark.parametrize(("rows", "time", "why"), [(300, None, "from 500 rows on"), (1_000, "t", "forward in time")])
def test_few_rows_and_times_are_left_alone_with_a_reason(laid_out: Laid, rows: int, time: str | None, why: str) -> None:
    run = _run(laid_out, rows, time=time)
    found = tried(run, stored(run, _said(run, 2.5)))
    assert why in found.why_not
    assert found.tried == ()


def test_both_ways_give_probabilities_that_rise_and_are_never_sure() -> None:
    score = np.linspace(0.01, 0.99, 400)
    happened = (np.random.default_rng(0).random(400) < score**2).astype(np.int64)
    shown = np.linspace(0, 1, 101)
    for way in (platt, isotonic):
        learned = way(np.column_stack([1 - score, score]), happened)
        made = calibrated(np.column_stack([1 - shown, shown]), learned)
        assert np.allclose(made.sum(axis=1), 1)
        assert (np.diff(made[:, 1]) >= -1e-12).all()
        assert 0 < made.min() < made.max() < 1
        assert abs(float(made[50, 1]) - 0.25) < 0.12
