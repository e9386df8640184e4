"""Models side by side: paired differences that cover the truth, and the rows on which they differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlcore.errors import UserError
from mlcore.evaluation.beside import LISTED, beside
from mlcore.evaluation.compare import Entry, leaderboard
from mlcore.evaluation.intervals import interval
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Predictions
from mlcore.evaluation.ranks import rank_correlation
from mlcore.evaluation.resampled import over_folds


def binary(n: int = 300, strength: float = 1.5, seed: int = 0, truth_seed: int = 0) -> Predictions:
    truth = (np.random.default_rng(truth_seed).random(n) < 0.4).astype(np.int64)
    score = 1 / (1 + np.exp(-(strength * (truth - 0.5) + np.random.default_rng(100 + seed).normal(size=n))))
    return Predictions(
        task="binary", values=np.column_stack([1 - score, score]), rows=np.arange(n), labels=("no", "yes"),
        positive="yes", truth=truth, measured="cross-validation",
    )  # fmt: skip


def numbers(n: int = 200, error: float = 1.0, seed: int = 0) -> Predictions:
    truth = 10 * np.random.default_rng(0).normal(size=n)
    values = truth + error * np.random.default_rng(100 + seed).normal(size=n)
    return Predictions(task="regression", values=values, rows=np.arange(n), truth=truth)


def test_every_metric_of_every_model_has_the_interval_that_it_has_alone() -> None:
    made = beside({"a": binary(), "b": binary(seed=1)}, draws=400)
    assert {line.metric for line in made.lines} >= {"roc_auc", "log_loss", "brier", "average_precision", "accuracy"}
    for key in ("roc_auc", "log_loss"):
        alone = interval(binary(), METRICS[key], draws=400)
        one = made[key].scores[0]
        assert one.value == pytest.approx(alone.value)
        assert one.high - one.low == pytest.approx(alone.high - alone.low, rel=0.2)


def test_the_intervals_are_those_of_the_leaderboard() -> None:
    pair = {"a": binary(), "b": binary(seed=1)}
    board = leaderboard([Entry(key=key, title=key, predictions=one) for key, one in pair.items()], METRICS["roc_auc"])
    line = beside(pair, metrics=(METRICS["roc_auc"],))["roc_auc"]
    for key, score in zip("ab", line.scores, strict=True):
        assert (board[key].low, board[key].high) == (score.low, score.high)


def test_a_model_beside_itself_differs_in_nothing() -> None:
    made = beside({"a": binary(), "b": binary()})
    assert all(score.tied and score.difference == 0 for line in made.lines for score in line.scores)
    assert made.alike == 1
    assert made.distance == 0
    assert made.apart == ()
    assert made.together == pytest.approx(1)


def test_a_difference_is_that_of_pairs_and_surer_than_that_of_two_intervals() -> None:
    first = binary(1000)
    auc = (METRICS["roc_auc"],)
    shifted = first.score - 0.08 * (first.truth == 1) * (np.arange(1000) % 2)
    other = replace(first, values=np.column_stack([1 - shifted, shifted]))
    alone, score = beside({"a": first, "b": other}, metrics=auc)["roc_auc"].scores
    assert not score.tied
    assert score.high > alone.low
    assert score.difference_high < 0
    assert score.difference_high - score.difference_low < 0.5 * (score.high - score.low)


def covered(key: str, sets: int) -> float:
    """How often the interval of the difference of two models, equal by construction, holds 0."""
    hits = 0
    for seed in range(sets):
        pair = {"a": binary(200, 1.5, 2 * seed, seed), "b": binary(200, 1.5, 2 * seed + 1, seed)}
        score = beside(pair, metrics=(METRICS[key],), seed=seed, draws=120)[key].scores[1]
        hits += score.difference_low <= 0 <= score.difference_high
    return hits / sets


def test_intervals_of_a_difference_cover_the_truth() -> None:
    assert covered("roc_auc", 60) >= 0.88


@pytest.mark.slow
@pytest.mark.parametrize("key", ["roc_auc", "log_loss", "brier"])
def test_intervals_of_a_difference_cover_the_truth_on_300_data_sets(key: str) -> None:
    assert 0.92 <= covered(key, 300) <= 0.98


def test_the_rows_that_differ_most_come_first_with_what_each_model_said() -> None:
    first, other = binary(), binary()
    values = other.values.copy()
    values[7], values[3] = (0.999, 0.001), (0.5, 0.5)
    first.values[7], first.values[3] = (0.01, 0.99), (0.3, 0.7)
    made = beside({"a": first, "b": replace(other, values=values)})
    assert [one.row for one in made.apart] == [7, 3]
    assert made.apart[0].said == ("yes", "no")
    assert made.apart[0].values == pytest.approx((0.99, 0.999))
    assert made.apart[0].distance == pytest.approx(0.989)


def test_how_often_each_is_right_is_told_for_rows_on_which_answers_differ() -> None:
    truth = np.array([1, 1, 0, 0, 1, 0] * 20)

    def said(yes: np.ndarray) -> Predictions:
        score = np.where(yes, 0.9, 0.1)
        return replace(binary(120), values=np.column_stack([1 - score, score]), truth=truth)

    perfect, always = said(truth == 1), said(np.ones(120, dtype=bool))
    made = beside({"a": perfect, "b": always})
    assert made.alike == pytest.approx(0.5)
    assert made.right == (1.0, 0.0)


def test_rows_that_only_some_models_predicted_are_left_out() -> None:
    made = beside({"a": binary(), "b": binary(seed=1).take(np.arange(40, 300))})
    assert made.n == 260
    assert min(one.row for one in made.apart) >= 40


def test_a_row_that_was_predicted_in_several_rounds_counts_once() -> None:
    one = binary()
    twice = Predictions(
        task="binary", values=np.concatenate([one.values, one.values[:, ::-1]]), rows=np.tile(one.rows, 2),
        labels=one.labels, positive="yes", truth=np.tile(one.truth, 2),
    )  # fmt: skip
    assert twice.averaged().values == pytest.approx(np.full((300, 2), 0.5))
    assert beside({"a": twice, "b": one}).n == 300


def test_groups_are_drawn_together_so_that_copies_make_nothing_surer() -> None:
    first, other = binary(120), binary(120, seed=1)
    copies = np.repeat(np.arange(120), 6)

    def grouped(one: Predictions) -> Predictions:
        return replace(one.take(copies), rows=np.arange(720), groups=copies)

    alone = beside({"a": first, "b": other}, metrics=(METRICS["log_loss"],), draws=400)["log_loss"].scores[1]
    copied = beside({"a": grouped(first), "b": grouped(other)}, metrics=(METRICS["log_loss"],), draws=400)[
        "log_loss"
    ].scores[1]
    width = alone.difference_high - alone.difference_low
    assert copied.difference_high - copied.difference_low == pytest.approx(width, rel=0.2)


def test_numbers_and_several_labels_are_compared_too() -> None:
    made = beside({"a": numbers(), "b": numbers(seed=1), "c": numbers(error=8.0, seed=2)})
    assert not made["rmse"].scores[2].tied
    assert made["rmse"].scores[2].difference_low > 0
    assert made.alike is None
    assert len(made.apart) == LISTED
    assert made.together > 0.5
    labels = np.arange(150) % 3
    raw = np.exp(np.random.default_rng(0).normal(size=(150, 3)) + 2 * np.eye(3)[labels])
    several = Predictions(
        task="multiclass", values=raw / raw.sum(axis=1, keepdims=True), rows=np.arange(150), labels=("u", "v", "w"),
        truth=labels,
    )  # fmt: skip
    turned = replace(several, values=np.roll(several.values, 1, axis=1))
    pair = beside({"a": several, "b": turned})
    assert pair.alike == 0
    assert pair["accuracy"].scores[1].difference < 0


def test_one_label_only_leaves_out_what_is_not_defined_and_says_so() -> None:
    one = replace(binary(), truth=np.zeros(300, dtype=np.int64))
    made = beside({"a": one, "b": replace(binary(seed=1), truth=one.truth)})
    assert "roc_auc" not in [line.metric for line in made.lines]
    assert any("ROC AUC" in note for note in made.notes)


def test_a_model_that_says_the_same_of_every_row_has_no_rank_correlation() -> None:
    flat = replace(binary(), values=np.full((300, 2), 0.5))
    assert beside({"a": binary(), "b": flat}).together is None
    assert rank_correlation(np.arange(5.0), np.arange(5.0) ** 3) == pytest.approx(1)


@pytest.mark.parametrize("many", [1, 5])
def test_two_to_four_models_can_be_laid_side_by_side(many: int) -> None:
    with pytest.raises(UserError, match="side by side"):
        beside({str(at): binary(seed=at) for at in range(many)})


def test_models_without_a_row_in_common_are_a_sentence() -> None:
    with pytest.raises(UserError, match="different rows"):
        beside({"a": binary().take(np.arange(100)), "b": binary().take(np.arange(100, 200))})


def test_the_corrected_resampled_t_interval_equals_the_textbook() -> None:
    made = over_folds([0.80, 0.82, 0.78, 0.81, 0.79], [0.83, 0.84, 0.80, 0.85, 0.80], tested=1 / 4)
    differences = np.array([0.03, 0.02, 0.02, 0.04, 0.01])
    reach = 2.776 * np.sqrt((1 / 5 + 1 / 4) * differences.var(ddof=1))
    assert (made.folds, made.mean) == (5, pytest.approx(0.024))
    assert (made.low, made.high) == (pytest.approx(0.024 - reach), pytest.approx(0.024 + reach))


def test_folds_without_a_score_are_left_out_and_one_fold_tells_nothing() -> None:
    assert over_folds([0.8, float("nan"), 0.7], [0.9, 0.9, 0.8], tested=0.5).folds == 2
    assert over_folds([0.8], [0.9], tested=0.25) is None
