from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlcore import records
from mlcore.evaluation.compare import Entry, Leaderboard, holm, leaderboard
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Floats, Predictions

AUC = METRICS["roc_auc"]


def _truth(n: int, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).random(n) < 0.3).astype(np.int64)


def _scored(truth: np.ndarray, score: Floats) -> Predictions:
    return Predictions(
        task="binary",
        values=np.column_stack([1 - score, score]),
        rows=np.arange(len(truth)),
        labels=("no", "yes"),
        truth=truth,
        measured="cross-validation",
    )


def _model(truth: np.ndarray, strength: float, seed: int) -> Predictions:
    noise = np.random.default_rng(seed).normal(size=len(truth))
    return _scored(truth, 1 / (1 + np.exp(-(strength * truth + noise))))


def _board(truth: np.ndarray, **strengths: tuple[float, int]) -> Leaderboard:
    entries = [Entry(key="baseline", title="Always the same", predictions=_scored(truth, np.full(len(truth), 0.3)))]
    for place, (key, (strength, seed)) in enumerate(strengths.items(), start=1):
        entries.append(Entry(key=key, title=key, predictions=_model(truth, strength, seed), simplicity=place))
    return leaderboard(entries, AUC, seed=1)


def test_the_best_comes_first_and_failed_models_last() -> None:
    truth = _truth(800)
    board = leaderboard(
        [
            Entry(key="broken", title="Broken", predictions=None, error="It ran out of memory."),
            Entry(key="weak", title="Weak", predictions=_model(truth, 0.5, 1)),
            Entry(key="strong", title="Strong", predictions=_model(truth, 3.0, 2), simplicity=1),
        ],
        AUC,
    )
    assert [row.key for row in board.rows] == ["strong", "weak", "broken"]
    assert board.best == board.recommended == "strong"
    assert board["broken"].error == "It ran out of memory."
    assert board["broken"].score is None
    assert not board["weak"].tied
    assert [row.key for row in board.scored] == ["strong", "weak"]


def test_gains_are_counted_from_the_baseline() -> None:
    board = _board(_truth(600), linear=(2.0, 1))
    assert board["baseline"].gain == 0
    assert board["linear"].gain == pytest.approx(board["linear"].score - 0.5)


def test_a_smaller_error_is_a_gain() -> None:
    truth = np.random.default_rng(0).normal(size=300)
    made = {"baseline": 1.0, "good": 0.3}
    entries = [
        Entry(
            key=key,
            title=key,
            predictions=Predictions(
                task="regression", values=truth + error * np.sin(np.arange(300)), rows=np.arange(300), truth=truth
            ),
        )
        for key, error in made.items()
    ]
    board = leaderboard(entries, METRICS["rmse"])
    assert board.best == "good"
    assert board["good"].gain == pytest.approx(board["baseline"].score - board["good"].score)
    assert board["good"].gain > 0


def tied_of(trials: int) -> int:
    """In how many trials two models that are equal by construction are tied."""
    tied = 0
    for trial in range(trials):
        truth = _truth(300, seed=trial)
        entries = [
            Entry(key=k, title=k, predictions=_model(truth, 1.5, 1000 + 2 * trial + i)) for i, k in enumerate("ab")
        ]
        tied += all(row.tied for row in leaderboard(entries, AUC, seed=trial, draws=100).rows)
    return tied


def test_two_equal_models_are_tied_in_nine_of_ten_trials() -> None:
    assert tied_of(60) >= 54


@pytest.mark.slow
def test_two_equal_models_are_tied_in_nine_of_ten_of_300_trials() -> None:
    assert tied_of(300) >= 270


def test_a_clear_difference_is_no_tie_although_the_intervals_overlap() -> None:
    truth = _truth(2000)
    noise = np.random.default_rng(1).normal(size=2000)
    close = [_scored(truth, 1 / (1 + np.exp(-(strength * truth + noise)))) for strength in (1.0, 1.12)]
    board = leaderboard([Entry(key=k, title=k, predictions=p) for k, p in zip("ab", close, strict=True)], AUC)
    assert board["a"].high > board["b"].low
    assert not board["a"].tied  # paired: both see the same noise


def test_the_simplest_of_the_tied_is_recommended() -> None:
    truth = _truth(300)
    board = _board(truth, simple=(2.0, 1), complex=(2.0, 3))
    assert board["simple"].tied
    assert board["complex"].tied
    assert board.recommended == "simple"
    assert [row.key for row in board.rows if row.recommended] == ["simple"]


def test_a_tied_model_that_gives_much_away_is_not_recommended() -> None:
    truth = _truth(60)
    board = _board(truth, simple=(1.5, 1), complex=(2.6, 3))
    assert board["simple"].tied  # so few rows cannot tell them apart
    assert not board["simple"].as_good
    assert board.recommended == board.best == "complex"


def test_losing_more_than_half_of_the_training_gain_is_over_fit() -> None:
    truth = _truth(500)
    entries = [
        Entry(key="baseline", title="b", predictions=_scored(truth, np.full(500, 0.3)), train_score=0.5),
        Entry(key="sound", title="s", predictions=_model(truth, 2.0, 1), train_score=0.95),
        Entry(key="fooled", title="f", predictions=_model(truth, 0.4, 2), train_score=0.99),
        Entry(key="weak", title="w", predictions=_model(truth, 0.3, 3), train_score=0.9),  # behind, but not by heart
        Entry(key="broken", title="x", predictions=None, error="It crashed."),
    ]
    board = leaderboard(entries, AUC)
    assert (board["sound"].overfit, board["fooled"].overfit, board["baseline"].overfit) == (False, True, False)
    assert not board["weak"].overfit
    assert board["fooled"].lost == pytest.approx(1 - (board["fooled"].score - 0.5) / 0.49)


def test_different_numbers_of_repeats_can_be_compared() -> None:
    truth = _truth(200)
    once, other = _model(truth, 2.0, 1), _model(truth, 2.0, 2)
    thrice = other.take(np.tile(np.arange(200), 3))
    board = leaderboard(
        [Entry(key="once", title="", predictions=once), Entry(key="thrice", title="", predictions=thrice)], AUC
    )
    assert board.n == 200
    assert all(row.tied for row in board.rows)
    assert board["thrice"].score == pytest.approx(AUC.score(other))


def test_one_label_only_is_a_reason_on_every_row() -> None:
    truth = np.zeros(50, dtype=np.int64)
    board = leaderboard([Entry(key="a", title="A", predictions=_model(truth, 1.0, 1))], AUC)
    assert board.best is None
    assert "both labels" in board["a"].error


def test_no_entries_make_an_empty_leaderboard() -> None:
    assert leaderboard([], AUC).rows == ()


def test_the_same_seed_gives_the_same_leaderboard_and_it_survives_json() -> None:
    board = _board(_truth(300), a=(1.0, 1), b=(2.0, 2))
    assert board == _board(_truth(300), a=(1.0, 1), b=(2.0, 2))
    assert records.from_json(Leaderboard, records.to_json(board)) == board
    assert replace(board, best="a") != board


def test_holms_correction_equals_the_textbook() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert holm([]) == ()
    assert holm([0.9, 0.8]) == pytest.approx((1.0, 1.0))


def test_of_equally_good_models_the_simplest_is_the_best() -> None:
    truth = _truth(200)
    same = _model(truth, 2.0, 1)
    entries = [Entry(key=key, title=key, predictions=same, simplicity=place) for key, place in (("b", 5), ("a", 2))]
    board = leaderboard(entries, AUC)
    assert board.best == board.recommended == "a"
    assert all(row.as_good for row in board.rows)


def test_a_baseline_that_nothing_beats_is_no_recommendation() -> None:
    truth = _truth(400)
    alone, useless = _board(truth), _board(truth, noise=(-1.0, 3))
    assert "was finished: it learns nothing from the columns" in alone.unbeaten
    assert "No model is shown to be better than the baseline, “Always the same”" in useless.unbeaten
    assert _board(truth, good=(3.0, 3)).unbeaten == ""
