from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from mlcore import records
from mlcore.errors import UserError
from mlcore.evaluation.binning import tenths, wilson
from mlcore.evaluation.evaluate import evaluate, suggested_threshold
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.predictions import Predictions


def binary(n: int = 500, seed: int = 0) -> Predictions:
    random = np.random.default_rng(seed)
    truth = (random.random(n) < 0.3).astype(np.int64)
    score = 1 / (1 + np.exp(-(random.normal(size=n) + 1.5 * truth - 1)))
    return Predictions(
        task="binary",
        values=np.column_stack([1 - score, score]),
        rows=np.arange(n),
        labels=("no", "yes"),
        positive="yes",
        truth=truth,
        measured="cross-validation",
    )


def multiclass(n: int = 300) -> Predictions:
    random = np.random.default_rng(1)
    truth = random.choice(3, n)
    raw = np.exp(random.normal(size=(n, 3)) + 2 * np.eye(3)[truth])
    values = raw / raw.sum(axis=1, keepdims=True)
    return Predictions(task="multiclass", values=values, rows=np.arange(n), labels=("a", "b", "c"), truth=truth)


def regression(n: int = 3000) -> Predictions:
    random = np.random.default_rng(2)
    truth = 100 + 20 * random.normal(size=n)
    values = truth + 5 * random.normal(size=n)
    return Predictions(
        task="regression", values=values, rows=np.arange(n), truth=truth, low=values - 8.2, high=values + 8.2
    )


def numbers_in(data: Any) -> list[float]:
    if isinstance(data, dict):
        return [number for item in data.values() for number in numbers_in(item)]
    if isinstance(data, list):
        return [number for item in data for number in numbers_in(item)]
    return [data] if isinstance(data, (int, float)) else []


@pytest.mark.parametrize("make", [binary, multiclass, regression])
def test_an_evaluation_survives_json_and_holds_finite_numbers_only(make: Any) -> None:
    made = evaluate(make(), draws=50)
    data = records.to_json(made)
    assert records.from_json(Evaluation, json.loads(json.dumps(data))) == made
    assert all(math.isfinite(number) for number in numbers_in(data))
    assert len(json.dumps(data)) < 400_000


def test_the_roc_curve_encloses_the_stated_area() -> None:
    made = evaluate(binary(5000), draws=20)
    assert np.trapezoid(made.binary.roc.y, made.binary.roc.x) == pytest.approx(made["roc_auc"].value, abs=2e-4)
    assert len(made.binary.roc.x) <= 300
    assert (made.binary.roc.x[0], made.binary.roc.y[0]) == (0, 0)
    assert (made.binary.roc.x[-1], made.binary.roc.y[-1]) == (1, 1)


def test_counts_at_a_threshold_equal_scikit_learns() -> None:
    predictions = binary()
    detail = evaluate(predictions, draws=20).binary
    assert len(detail.thresholds) >= 101
    for cut in (0.0, 0.2, 0.5, 0.77, 1.0):
        counts = detail.at(cut)
        assert counts.threshold == cut
        tn, fp, fn, tp = sk.confusion_matrix(predictions.truth, predictions.score >= cut).ravel()
        assert (counts.tp, counts.fp, counts.tn, counts.fn) == (tp, fp, tn, fn)
        assert counts.precision == sk.precision_score(predictions.truth, predictions.score >= cut, zero_division=0)
        assert counts.f1 == pytest.approx(sk.f1_score(predictions.truth, predictions.score >= cut))
        assert counts.flagged == pytest.approx((predictions.score >= cut).mean())


def test_measures_follow_the_threshold() -> None:
    low, high = (evaluate(binary(), threshold=cut, draws=20) for cut in (0.1, 0.8))
    assert low["recall"].value > high["recall"].value
    assert low["roc_auc"] == high["roc_auc"]
    assert low.binary.at(0.1).recall == low["recall"].value


def test_the_gain_curve_and_the_lift_agree() -> None:
    made = evaluate(binary(1000), draws=20)
    assert made.binary.gain.y[10] / 0.1 == pytest.approx(made["lift_at_10"].value)
    assert (made.binary.gain.y[0], made.binary.gain.y[-1]) == (0, 1)


def test_calibration_bins_hold_all_rows_and_their_interval_holds_the_share() -> None:
    made = evaluate(binary(1000), draws=20)
    assert sum(part.n for part in made.binary.calibration) == 1000
    assert len(made.binary.calibration) == 10
    for part in made.binary.calibration:
        assert part.low <= part.observed <= part.high


def test_histograms_hold_every_row() -> None:
    made = evaluate(binary(), draws=20)
    assert sum(map(sum, made.binary.scores.counts)) == 500
    assert made.binary.scores.labels == ("no", "yes")
    residuals = evaluate(regression(), draws=20).regression.residuals
    assert sum(residuals.counts[0]) == 3000


def test_rows_predicted_several_times_count_once() -> None:
    once = binary()
    thrice = once.take(np.tile(np.arange(500), 3))
    made = evaluate(thrice, draws=20)
    assert (made.n, made.repeats) == (500, 3)
    counts = made.binary.at(0.5)
    assert counts.tp + counts.fp + counts.tn + counts.fn == pytest.approx(500)
    assert len({miss.row for miss in made.worst}) == len(made.worst)


def test_one_label_only_leaves_out_the_curves_and_says_why() -> None:
    predictions = binary()
    made = evaluate(predictions.take(np.flatnonzero(predictions.truth == 0)), draws=20)
    assert made.binary.roc is made.binary.pr is made.binary.gain is None
    assert "roc_auc" not in made
    assert "accuracy" in made
    assert any("ROC AUC needs rows of both labels" in note for note in made.notes)


def test_equal_scores_give_a_diagonal_and_a_note() -> None:
    predictions = replace(binary(), values=np.tile([0.7, 0.3], (500, 1)))
    made = evaluate(predictions, draws=20)
    assert made.binary.roc.x == (0, 1)
    assert len(made.binary.calibration) == 1
    assert any("same answer" in note for note in made.notes)


@pytest.mark.parametrize("make", [binary, multiclass, regression])
def test_a_single_row_is_measured_as_far_as_it_goes(make: Any) -> None:
    made = evaluate(make().take(np.array([0])))
    assert made.n == 1
    assert made.measures
    assert made.notes


def test_the_worst_rows_come_first() -> None:
    predictions = regression()
    made = evaluate(predictions, draws=20)
    residual = np.abs(predictions.truth - predictions.values)
    assert [miss.row for miss in made.worst[:3]] == np.argsort(-residual)[:3].tolist()
    wrong = evaluate(multiclass(), draws=20).worst
    assert all(miss.truth != miss.said for miss in wrong)
    assert [miss.error for miss in wrong] == sorted((miss.error for miss in wrong), reverse=True)


def test_the_confusion_matrix_equals_scikit_learns() -> None:
    predictions = multiclass()
    detail = evaluate(predictions, draws=20).multiclass
    expected = sk.confusion_matrix(predictions.truth, predictions.values.argmax(axis=1))
    assert np.array_equal(np.array(detail.confusion), expected)
    recalls = sk.recall_score(predictions.truth, predictions.values.argmax(axis=1), average=None)
    assert [label.recall for label in detail.by_label] == pytest.approx(recalls.tolist())


def test_a_label_that_never_occurs_has_no_roc_auc() -> None:
    predictions = multiclass()
    made = evaluate(predictions.take(np.flatnonzero(predictions.truth != 2)), draws=20)
    assert made.multiclass.by_label[2].roc_auc is None
    assert made.multiclass.by_label[2].n == 0


def test_regression_details_describe_the_errors() -> None:
    predictions = regression()
    made = evaluate(predictions, draws=20)
    detail = made.regression
    assert len(detail.points.rows) == 2000
    assert dict(detail.error_quantiles)[0.5] == pytest.approx(made["median_error"].value)
    assert sum(band.n for band in detail.bands) == 3000
    assert made["coverage"].value == pytest.approx(0.9, abs=0.02)
    mean, low, high = detail.bias
    residual = predictions.truth - predictions.values
    assert mean == pytest.approx(residual.mean())
    assert (high - low) / 2 == pytest.approx(1.96 * residual.std() / math.sqrt(3000), rel=0.01)
    assert low < mean < high


def test_the_suggested_threshold_is_where_f1_is_highest() -> None:
    detail = evaluate(binary(), draws=20).binary
    best = suggested_threshold(detail)
    assert detail.at(best).f1 == max(counts.f1 for counts in detail.thresholds)


def test_nothing_to_measure_is_a_sentence() -> None:
    with pytest.raises(UserError, match="no rows"):
        evaluate(binary().take(np.array([], dtype=np.int64)))
    with pytest.raises(UserError, match="not known"):
        evaluate(replace(binary(), truth=None))
    with pytest.raises(UserError, match="not finite"):
        evaluate(replace(regression(5), values=np.full(5, np.nan)))


def test_wilsons_interval_has_width_at_the_ends() -> None:
    assert wilson(0.0, 10)[0] == 0
    assert wilson(0.0, 10)[1] == pytest.approx(0.2775, abs=1e-3)
    assert wilson(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-3)


def test_tenths_keep_equal_values_together() -> None:
    parts = tenths(np.array([0.0] * 50 + [1.0] * 50))
    assert [len(part) for part in parts] == [50, 50]


def test_metrics_that_nobody_misses_are_left_out_without_a_word() -> None:
    few, signed = evaluate(multiclass(), draws=20), evaluate(replace(regression(), low=None, high=None), draws=20)
    assert "top_3_accuracy" not in few
    assert not {"coverage", "pinball"} & {measure.key for measure in signed.measures}
    below = replace(regression(), truth=regression().truth - 100)
    assert "rmsle" not in evaluate(below, draws=20)
    assert (few.notes, signed.notes, evaluate(below, draws=20).notes) == ((), (), ())
