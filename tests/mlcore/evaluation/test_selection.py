from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from mlcore import records
from mlcore.evaluation.compare import Entry, Leaderboard, leaderboard
from mlcore.evaluation.intervals import interval
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Floats, Predictions
from mlcore.evaluation.selection import Selection, expected

AUC = METRICS["roc_auc"]


def _said(truth: np.ndarray, score: Floats, groups: np.ndarray | None = None) -> Predictions:
    return Predictions(
        task="binary",
        values=np.column_stack([1 - score, score]),
        rows=np.arange(len(truth)),
        labels=("no", "yes"),
        positive="yes",
        truth=truth,
        groups=groups,
        measured="cross-validation",
    )


def _guesses(truth: np.ndarray, count: int, seed: int) -> list[Floats]:
    return list(np.random.default_rng([seed, 1]).random((count, len(truth))))


def _chosen_from(truth: np.ndarray, scores: Sequence[Floats], *, blend: bool = False) -> Leaderboard:
    entries = [Entry(key="baseline", title="Always the same", predictions=_said(truth, np.full(len(truth), 0.4)))]
    entries += [
        Entry(key=f"m{number}", title="A guess", predictions=_said(truth, score), simplicity=2)
        for number, score in enumerate(scores)
    ]
    if blend:
        best = sorted(range(len(scores)), key=lambda number: -AUC.score(_said(truth, scores[number])))[:6]
        mean = np.mean([scores[number] for number in best], axis=0)
        members = tuple(f"m{number}" for number in best)
        entries.append(Entry(key="blend", title="Blend", predictions=_said(truth, mean), simplicity=9, members=members))
    return leaderboard(entries, AUC, draws=100)


def _selection(board: Leaderboard) -> Selection:
    told = board.expected_of(board.best)
    assert told is not None
    return told


def test_the_best_of_many_guesses_is_expected_at_chance() -> None:
    owns, expectations, covered = [], [], []
    for seed in range(8):
        truth = (np.random.default_rng(seed).random(200) < 0.4).astype(np.int64)
        made = _selection(_chosen_from(truth, _guesses(truth, 30, seed)))
        owns.append(made.own)
        expectations.append(made.score)
        covered.append(made.low is not None and made.high is not None and made.low < 0.5 < made.high)
    assert np.mean(owns) > 0.56
    assert np.mean(expectations) == pytest.approx(0.5, abs=0.025)
    assert all(covered)


def test_a_blend_of_guesses_that_were_picked_for_it_loses_most_of_what_it_gained() -> None:
    truth = (np.random.default_rng(0).random(300) < 0.4).astype(np.int64)
    made = _selection(_chosen_from(truth, _guesses(truth, 20, 0), blend=True))
    assert made.chosen == "blend"
    assert made.own > 0.57
    assert made.flattered_by > 0.6 * (made.own - 0.5)


def test_a_model_that_is_clearly_better_is_hardly_corrected() -> None:
    truth = (np.random.default_rng(0).random(600) < 0.4).astype(np.int64)
    strong = 1 / (1 + np.exp(-(2.0 * truth + np.random.default_rng(1).normal(size=600))))
    made = _selection(_chosen_from(truth, [strong, *_guesses(truth, 10, 0)]))
    assert made.chosen == "m0"
    assert made.flattered_by == 0
    assert made.score == made.own
    assert "hardly flatters" in expected(made, AUC)


def test_an_error_is_corrected_upwards() -> None:
    truth = np.random.default_rng(0).normal(size=200)
    guesses = np.random.default_rng(1).normal(size=(20, 200))
    entries = [
        Entry(
            key=str(number),
            title="A guess",
            predictions=Predictions(task="regression", values=guess, rows=np.arange(200), truth=truth),
        )
        for number, guess in enumerate(guesses)
    ]
    made = _selection(leaderboard(entries, METRICS["rmse"]))
    assert made.score > made.own
    assert made.flattered_by == pytest.approx(made.score - made.own)
    assert f"is flattered by {METRICS['rmse'].shown(made.flattered_by)}." in expected(made, METRICS["rmse"])


def test_rows_of_one_group_are_left_out_together() -> None:
    groups = np.repeat(np.arange(20), 15)
    truth = (np.random.default_rng(0).random(20) < 0.5).astype(np.int64)[groups]
    lucky = np.random.default_rng(3).random((15, 20))[:, groups]  # one guess for a whole group
    board = leaderboard(
        [Entry(key=str(n), title="A guess", predictions=_said(truth, one, groups)) for n, one in enumerate(lucky)], AUC
    )
    made = _selection(board)
    assert made.own > 0.6
    assert made.flattered_by > 0.05


def test_a_sample_of_many_rows_gives_the_intervals_of_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    truth = (random.random(6_000) < 0.04).astype(np.int64)
    said = _said(truth, 1 / (1 + np.exp(-(1.2 * truth + random.normal(size=6_000) - 3))))
    for key in ("roc_auc", "log_loss", "average_precision"):
        monkeypatch.setattr("mlcore.evaluation.intervals.MOST_UNITS", 2_000)
        few = interval(said, METRICS[key], draws=150)
        monkeypatch.setattr("mlcore.evaluation.intervals.MOST_UNITS", 20_000)
        every = interval(said, METRICS[key], draws=150)
        assert few.value == pytest.approx(every.value, rel=1e-12)
        assert few.high - few.low == pytest.approx(every.high - every.low, rel=0.3)


def test_the_leaderboard_of_a_sample_keeps_the_scores_of_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    truth = (random.random(6_000) < 0.3).astype(np.int64)
    scores = [1 / (1 + np.exp(-(strength * truth + random.normal(size=6_000)))) for strength in (1.0, 1.3)]
    monkeypatch.setattr("mlcore.evaluation.compare.MOST_UNITS", 1_000)
    board = _chosen_from(truth, scores)
    assert board.n == 6_000
    for number, score in enumerate(scores):
        row = board[f"m{number}"]
        assert row.score == pytest.approx(AUC.score(_said(truth, score)), rel=1e-12)
        assert row.low is not None
        assert row.high is not None
        assert row.high - row.low == pytest.approx(4 * 0.0075, rel=0.5)
    assert not board["m0"].tied


def test_a_stored_leaderboard_from_before_still_reads() -> None:
    truth = (np.arange(60) % 2).astype(np.int64)
    board = _chosen_from(truth, _guesses(truth, 2, 0))
    stored = records.to_json(board)
    assert records.from_json(Leaderboard, stored) == board
    del stored["selection"], stored["recommendation"]
    assert records.from_json(Leaderboard, stored) == replace(board, selection=None, recommendation=None)
