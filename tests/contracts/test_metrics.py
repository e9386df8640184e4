"""What every metric of the catalogue promises, against scikit-learn on random data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS, Metric, default_metric, metrics_for
from mlcore.evaluation.predictions import Predictions

THRESHOLD = 0.35


def binary(n: int = 400, seed: int = 0, ties: bool = False, share: float = 0.3) -> Predictions:
    random = np.random.default_rng(seed)
    truth = (random.random(n) < share).astype(np.int64)
    score = 1 / (1 + np.exp(-(random.normal(size=n) + 1.5 * truth - 1)))
    score = np.round(score, 1) if ties else score
    return Predictions(
        task="binary",
        values=np.column_stack([1 - score, score]),
        rows=np.arange(n),
        labels=("no", "yes"),
        positive="yes",
        truth=truth,
    )


def multiclass(n: int = 400, seed: int = 0) -> Predictions:
    random = np.random.default_rng(seed)
    truth = random.choice(4, n, p=[0.5, 0.3, 0.15, 0.05])
    raw = np.exp(random.normal(size=(n, 4)) + 1.5 * np.eye(4)[truth])
    return Predictions(
        task="multiclass",
        values=raw / raw.sum(axis=1, keepdims=True),
        rows=np.arange(n),
        labels=("a", "b", "c", "d"),
        truth=truth,
    )


def regression(n: int = 401, seed: int = 0) -> Predictions:
    random = np.random.default_rng(seed)
    truth = 50 + 10 * random.normal(size=n)
    values = truth + 3 * random.normal(size=n)
    return Predictions(
        task="regression", values=values, rows=np.arange(n), truth=truth, low=values - 5, high=values + 5
    )


MADE: dict[str, Callable[[], Predictions]] = {"binary": binary, "multiclass": multiclass, "regression": regression}

Reference = Callable[[Any, Any], float]


def at(function: Callable[..., float]) -> Reference:
    return lambda y, s: function(y, s >= THRESHOLD)


BINARY: dict[str, Reference] = {
    "roc_auc": sk.roc_auc_score,
    "average_precision": sk.average_precision_score,
    "log_loss": sk.log_loss,
    "brier": sk.brier_score_loss,
    "precision": at(sk.precision_score),
    "recall": at(sk.recall_score),
    "f1": at(sk.f1_score),
    "balanced_accuracy": at(sk.balanced_accuracy_score),
    "accuracy": at(sk.accuracy_score),
}
MULTICLASS: dict[str, Reference] = {
    "roc_auc": lambda y, p: sk.roc_auc_score(y, p, multi_class="ovr"),
    "log_loss": sk.log_loss,
    "balanced_accuracy": lambda y, p: sk.balanced_accuracy_score(y, p.argmax(axis=1)),
    "accuracy": lambda y, p: sk.accuracy_score(y, p.argmax(axis=1)),
    "macro_f1": lambda y, p: sk.f1_score(y, p.argmax(axis=1), average="macro"),
}
REGRESSION: dict[str, Reference] = {
    "rmse": sk.root_mean_squared_error,
    "mae": sk.mean_absolute_error,
    "median_error": sk.median_absolute_error,
    "r2": sk.r2_score,
    "mape": sk.mean_absolute_percentage_error,
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("key", BINARY)
def test_a_binary_metric_equals_scikit_learns(key: str, ties: bool, seed: int) -> None:
    predictions = binary(seed=seed, ties=ties)
    expected = BINARY[key](predictions.truth, predictions.score)
    assert METRICS[key].score(predictions, THRESHOLD) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("key", MULTICLASS)
def test_a_multiclass_metric_equals_scikit_learns(key: str, seed: int) -> None:
    predictions = multiclass(seed=seed)
    expected = MULTICLASS[key](predictions.truth, predictions.values)
    assert METRICS[key].score(predictions) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n", [400, 401])
@pytest.mark.parametrize("key", REGRESSION)
def test_a_regression_metric_equals_scikit_learns(key: str, n: int) -> None:
    predictions = regression(n)
    expected = REGRESSION[key](predictions.truth, predictions.values)
    assert METRICS[key].score(predictions) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_weights_count_rows_as_often_as_repeating_them_does(metric: Metric) -> None:
    predictions = MADE[metric.tasks[0]]()
    times = np.random.default_rng(1).integers(0, 4, len(predictions))
    repeated = predictions.take(np.repeat(np.arange(len(predictions)), times))
    weighted = metric.weighted(predictions, THRESHOLD)(times[None, :].astype(np.float64))[0]
    assert weighted == pytest.approx(metric.score(repeated, THRESHOLD), abs=1e-10)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_a_metric_stays_inside_its_bounds_and_says_what_it_is(metric: Metric) -> None:
    for task in metric.tasks:
        score = metric.score(MADE[task]())
        assert metric.low is None or score >= metric.low
        assert metric.high is None or score <= metric.high
    assert metric.title
    assert metric.term
    assert metric.help.endswith(".")


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_a_metric_must_fit_the_task(metric: Metric) -> None:
    for task, make in MADE.items():
        if task not in metric.tasks:
            with pytest.raises(UserError, match="cannot score"):
                metric.score(make())


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_rows_without_truth_or_without_any_row_end_in_a_sentence(metric: Metric) -> None:
    made = MADE[metric.tasks[0]]()
    from dataclasses import replace

    with pytest.raises(UserError, match="true values are not known"):
        metric.score(replace(made, truth=None))
    with pytest.raises(UserError, match="no rows"):
        metric.score(made.take(np.array([], dtype=np.int64)))


@pytest.mark.parametrize("key", ["roc_auc", "average_precision", "recall", "f1", "balanced_accuracy", "lift_at_10"])
def test_a_metric_that_needs_both_labels_says_so(key: str) -> None:
    made = binary()
    only = made.take(np.flatnonzero(made.truth == 0))
    with pytest.raises(UserError, match="every row is 'no'"):
        METRICS[key].score(only)


@pytest.mark.parametrize("key", ["log_loss", "brier", "accuracy", "precision"])
def test_a_metric_that_needs_one_label_only_is_a_number(key: str) -> None:
    made = binary()
    assert np.isfinite(METRICS[key].score(made.take(np.flatnonzero(made.truth == 0))))


def test_equal_scores_are_chance() -> None:
    made = binary()
    flat = Predictions(
        task="binary",
        values=np.full((400, 2), 0.5),
        rows=made.rows,
        labels=made.labels,
        positive="yes",
        truth=made.truth,
    )
    assert METRICS["roc_auc"].score(flat) == 0.5
    assert METRICS["average_precision"].score(flat) == pytest.approx(made.truth.mean())
    assert METRICS["lift_at_10"].score(flat) == pytest.approx(1.0)


def test_lift_counts_the_border_in_part() -> None:
    truth = np.array([1, 1, 0, 1] + [0] * 11)
    score = np.linspace(1, 0, 15)
    made = Predictions(
        task="binary", values=np.column_stack([1 - score, score]), rows=np.arange(15), labels=("0", "1"), truth=truth
    )
    assert METRICS["lift_at_10"].score(made) == pytest.approx((1.5 / 3) / 0.1)


def test_the_positive_label_may_be_the_first() -> None:
    made = binary()
    turned = Predictions(
        task="binary",
        values=made.values[:, ::-1],
        rows=made.rows,
        labels=("yes", "no"),
        positive="yes",
        truth=1 - np.asarray(made.truth),
    )
    for metric in metrics_for("binary"):
        assert metric.score(turned, THRESHOLD) == pytest.approx(metric.score(made, THRESHOLD), abs=1e-12)


def test_per_cent_errors_refuse_zeros() -> None:
    made = regression()
    zero = np.array(made.truth)
    zero[3] = 0
    with pytest.raises(UserError, match="1 rows"):
        METRICS["mape"].score(Predictions(task="regression", values=made.values, rows=made.rows, truth=zero))


def test_r2_of_a_constant_truth_is_refused() -> None:
    with pytest.raises(UserError, match="all are the same"):
        METRICS["r2"].score(
            Predictions(task="regression", values=np.arange(5.0), rows=np.arange(5), truth=np.full(5, 2.0))
        )


def test_an_unknown_label_is_named_as_such() -> None:
    made = binary()
    wrong = Predictions(
        task="binary", values=made.values, rows=made.rows, labels=made.labels, truth=np.full(400, 2, dtype=np.int64)
    )
    with pytest.raises(UserError, match="does not know"):
        METRICS["accuracy"].score(wrong)


@pytest.mark.parametrize(
    ("task", "truth", "positive", "key"),
    [
        ("binary", ["a", "b"] * 10, "b", "roc_auc"),
        ("binary", ["a"] * 95 + ["b"] * 5, "b", "average_precision"),
        ("binary", ["a"] * 95 + ["b"] * 5, "a", "roc_auc"),
        ("binary", [0] * 95 + [1] * 5, None, "average_precision"),
        ("multiclass", ["a", "b", "c"], None, "log_loss"),
        ("regression", np.arange(50), None, "rmse"),
        ("regression", np.exp(np.arange(30) / 2), None, "mae"),
        ("regression", [3.0, 3.0], None, "rmse"),
    ],
)
def test_the_default_metric_follows_the_target(task: Any, truth: Any, positive: str | None, key: str) -> None:
    assert default_metric(task, truth, positive) == key


def test_values_are_shown_as_people_read_them() -> None:
    assert METRICS["precision"].shown(0.8734) == "87.3 %"
    assert METRICS["roc_auc"].shown(0.8734) == "0.873"
    assert METRICS["lift_at_10"].shown(3.456) == "3.46×"
    assert METRICS["rmse"].shown(12345.678) == "12,346"
    assert METRICS["rmse"].shown(0.012343) == "0.01234"
    assert METRICS["rmse"].shown(None) == "–"
