"""What every metric of the catalogue promises, against scikit-learn on random data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats  # type: ignore[import-untyped]
from sklearn import metrics as sk

from mlcore.errors import UserError
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.intervals import interval
from mlcore.evaluation.metrics import METRICS, Metric, default_metric, metrics_for
from mlcore.evaluation.predictions import Predictions

THRESHOLD = 0.35
COSTS = Costs(tp=50.0, fp=-8.0, fn=-20.0, tn=2.0)


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
        costs=COSTS,
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
    "specificity": at(lambda y, yes: sk.recall_score(y, yes, pos_label=0)),
    "mcc": at(sk.matthews_corrcoef),
    "kappa": at(sk.cohen_kappa_score),
    "ks": lambda y, s: stats.ks_2samp(s[y == 1], s[y == 0], alternative="less").statistic,
    "value": lambda y, s: (
        float((sk.confusion_matrix(y, s >= 10 / 80).ravel() * [COSTS.tn, COSTS.fp, COSTS.fn, COSTS.tp]).sum()) / len(y)
    ),
}
MULTICLASS: dict[str, Reference] = {
    "roc_auc": lambda y, p: sk.roc_auc_score(y, p, multi_class="ovr"),
    "log_loss": sk.log_loss,
    "balanced_accuracy": lambda y, p: sk.balanced_accuracy_score(y, p.argmax(axis=1)),
    "accuracy": lambda y, p: sk.accuracy_score(y, p.argmax(axis=1)),
    "macro_f1": lambda y, p: sk.f1_score(y, p.argmax(axis=1), average="macro"),
    "mcc": lambda y, p: sk.matthews_corrcoef(y, p.argmax(axis=1)),
    "kappa": lambda y, p: sk.cohen_kappa_score(y, p.argmax(axis=1)),
    "top_3_accuracy": lambda y, p: sk.top_k_accuracy_score(y, p, k=3),
}
REGRESSION: dict[str, Reference] = {
    "rmse": sk.root_mean_squared_error,
    "mae": sk.mean_absolute_error,
    "median_error": sk.median_absolute_error,
    "r2": sk.r2_score,
    "mape": sk.mean_absolute_percentage_error,
    "smape": lambda y, p: 2 * sk.mean_absolute_error(y / (y + p), p / (y + p)),
    "rmsle": sk.root_mean_squared_log_error,
    "pinball": lambda y, p: np.mean(
        [sk.mean_pinball_loss(y, p - 5, alpha=0.05), sk.mean_pinball_loss(y, p + 5, alpha=0.95)]
    ),
}

Counted = Callable[[Any, Any, Any], float]
WEIGHTED: dict[str, dict[str, Counted]] = {
    "binary": {
        "roc_auc": lambda y, s, w: sk.roc_auc_score(y, s, sample_weight=w),
        "specificity": lambda y, s, w: sk.recall_score(y, s >= THRESHOLD, pos_label=0, sample_weight=w),
        "mcc": lambda y, s, w: sk.matthews_corrcoef(y, s >= THRESHOLD, sample_weight=w),
        "kappa": lambda y, s, w: sk.cohen_kappa_score(y, s >= THRESHOLD, sample_weight=w),
        "ks": lambda y, s, w: np.subtract(*sk.roc_curve(y, s, sample_weight=w)[1::-1]).max(),
    },
    "multiclass": {
        "mcc": lambda y, p, w: sk.matthews_corrcoef(y, p.argmax(axis=1), sample_weight=w),
        "kappa": lambda y, p, w: sk.cohen_kappa_score(y, p.argmax(axis=1), sample_weight=w),
        "top_3_accuracy": lambda y, p, w: sk.top_k_accuracy_score(y, p, k=3, sample_weight=w),
    },
    "regression": {
        "smape": lambda y, p, w: 2 * sk.mean_absolute_error(y / (y + p), p / (y + p), sample_weight=w),
        "rmsle": lambda y, p, w: sk.root_mean_squared_log_error(y, p, sample_weight=w),
        "pinball": lambda y, p, w: (
            sk.mean_pinball_loss(y, p - 5, alpha=0.05, sample_weight=w) / 2
            + sk.mean_pinball_loss(y, p + 5, alpha=0.95, sample_weight=w) / 2
        ),
    },
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


@pytest.mark.parametrize(("task", "key"), [(task, key) for task in WEIGHTED for key in WEIGHTED[task]])
def test_every_draw_of_weights_equals_scikit_learns(task: str, key: str) -> None:
    predictions = MADE[task]()
    said = predictions.score if task == "binary" else predictions.values
    draws = np.random.default_rng(2).integers(0, 4, (6, len(predictions))).astype(np.float64)
    found = METRICS[key].weighted(predictions, THRESHOLD)(draws)
    expected = [WEIGHTED[task][key](predictions.truth, said, weights) for weights in draws]
    assert found == pytest.approx(expected, abs=1e-12)


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
def test_a_metric_has_an_interval_inside_its_bounds(metric: Metric) -> None:
    for task in metric.tasks:
        value, low, high = interval(MADE[task](), metric, draws=100)
        assert low < value < high
        assert metric.low is None or low >= metric.low
        assert metric.high is None or high <= metric.high


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_a_metric_must_fit_the_task(metric: Metric) -> None:
    for task, make in MADE.items():
        if task not in metric.tasks:
            with pytest.raises(UserError, match="cannot score"):
                metric.score(make())


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_rows_without_truth_or_without_any_row_end_in_a_sentence(metric: Metric) -> None:
    made = MADE[metric.tasks[0]]()
    with pytest.raises(UserError, match="true values are not known"):
        metric.score(replace(made, truth=None))
    with pytest.raises(UserError, match="no rows"):
        metric.score(made.take(np.array([], dtype=np.int64)))


NEEDS_BOTH = [
    "roc_auc", "average_precision", "recall", "specificity", "f1", "balanced_accuracy", "lift_at_10", "ks", "mcc",
    "kappa",
]  # fmt: skip


@pytest.mark.parametrize("key", NEEDS_BOTH)
def test_a_metric_that_needs_both_labels_says_so(key: str) -> None:
    made = binary()
    only = made.take(np.flatnonzero(made.truth == 0))
    with pytest.raises(UserError, match="every row is 'no'"):
        METRICS[key].score(only)


@pytest.mark.parametrize("key", ["log_loss", "brier", "accuracy", "precision"])
def test_a_metric_that_needs_one_label_only_is_a_number(key: str) -> None:
    made = binary()
    assert np.isfinite(METRICS[key].score(made.take(np.flatnonzero(made.truth == 0))))


@pytest.mark.parametrize("key", ["roc_auc", "balanced_accuracy", "lift_at_10", "ks", "mcc", "kappa"])
def test_a_draw_of_one_label_alone_is_left_out(key: str) -> None:
    made = binary()
    one, other = (np.asarray(made.truth == label, dtype=np.float64) for label in (0, 1))
    found = METRICS[key].weighted(made)(np.stack([one, one + other]))
    assert np.isnan(found[0])
    assert found[1] == METRICS[key].score(made)


@pytest.mark.parametrize("key", ["mcc", "kappa"])
def test_agreement_of_several_labels_needs_two_of_them(key: str) -> None:
    made = multiclass()
    only = np.flatnonzero(made.truth == 1)
    with pytest.raises(UserError, match="at least two labels"):
        METRICS[key].score(made.take(only))
    weights = np.zeros((1, len(made)))
    weights[0, only] = 1
    assert np.isnan(METRICS[key].weighted(made)(weights)[0])


@pytest.mark.parametrize("key", ["mcc", "kappa"])
@pytest.mark.parametrize("make", [binary, multiclass])
def test_agreement_is_0_for_one_answer_and_1_for_the_truth(key: str, make: Callable[[], Predictions]) -> None:
    made = make()
    flat, right = np.zeros_like(made.values), np.eye(len(made.labels))[made.truth]
    flat[:, 0] = 1
    assert METRICS[key].score(replace(made, values=flat)) == 0.0
    assert METRICS[key].score(replace(made, values=right)) == 1.0
    assert interval(replace(made, values=right), METRICS[key], draws=50).high == 1.0


def test_the_distance_of_scores_that_sort_the_wrong_way_is_0() -> None:
    made = binary(40)
    wrong = np.eye(2)[1 - np.asarray(made.truth)]
    assert METRICS["ks"].score(replace(made, values=wrong)) == 0.0
    assert METRICS["ks"].score(replace(made, values=1 - wrong)) == 1.0


def test_of_equal_probabilities_the_first_labels_are_among_the_top_3() -> None:
    made = Predictions(
        task="multiclass", values=np.full((4, 4), 0.25), rows=np.arange(4), labels=tuple("abcd"), truth=np.arange(4)
    )
    assert METRICS["top_3_accuracy"].score(made) == 0.75


def test_the_top_3_of_three_labels_are_refused() -> None:
    made = Predictions(task="multiclass", values=np.eye(3), rows=np.arange(3), labels=tuple("abc"), truth=np.arange(3))
    with pytest.raises(UserError, match=r"at least 4 labels, there are 3.*Use accuracy"):
        METRICS["top_3_accuracy"].score(made)


def numbers(truth: list[float], values: list[float]) -> Predictions:
    return Predictions(
        task="regression", values=np.array(values), rows=np.arange(len(truth)), truth=np.array(truth, dtype=np.float64)
    )


def test_logarithmic_errors_refuse_what_has_no_logarithm() -> None:
    with pytest.raises(UserError, match=r"−1 or less \(2 rows\)"):
        METRICS["rmsle"].score(numbers([-1.0, -7.0, 3.0], [1.0, 1.0, 1.0]))


def test_a_prediction_below_0_counts_as_0_in_logarithmic_errors() -> None:
    score = METRICS["rmsle"].score(numbers([0.0, 1.0, 8.0], [-5.0, 2.0, -0.5]))
    assert score == pytest.approx(sk.root_mean_squared_log_error([0, 1, 8], [0, 2, 0]))
    assert METRICS["rmsle"].score(numbers([-0.5, 1.0], [-0.5, 1.0])) == 0.0


def test_symmetric_errors_in_per_cent_allow_zeros() -> None:
    assert METRICS["smape"].score(numbers([0.0, 0.0, 1.0, 2.0], [0.0, 3.0, -1.0, 2.0])) == 1.0
    assert METRICS["smape"].score(numbers([0.0], [0.0])) == 0.0


def test_an_interval_is_needed_to_judge_intervals() -> None:
    for key in ("coverage", "pinball"):
        with pytest.raises(UserError, match="no intervals"):
            METRICS[key].score(numbers([1.0, 2.0], [1.0, 2.0]))


def test_the_list_in_the_documentation_is_the_catalogue() -> None:
    told = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text("utf-8")
    rows = [line for line in told.splitlines() if line.startswith("| `")]
    assert rows == [documented(metric) for metric in METRICS]


def documented(metric: Metric) -> str:
    def bound(value: float | None) -> str:
        return "no bound" if value is None else f"{100 * value:g} %" if metric.unit == "share" else f"{value:g}"

    better = "higher" if metric.higher_is_better else "lower"
    cells = (f"`{metric.key}`", metric.term, ", ".join(metric.tasks), better, bound(metric.low), bound(metric.high))
    return "| " + " | ".join((*cells, metric.help)) + " |"


def test_by_costs_yes_is_said_from_the_probability_that_pays() -> None:
    assert COSTS.threshold == pytest.approx(10 / 80)
    assert Costs(tp=1, fp=-1).threshold == 0.5
    assert not Costs(tp=1, fp=0).sensible
    assert not Costs().sensible
    random = np.random.default_rng(0)
    score = random.random(200_000)
    made = replace(
        binary(),
        values=np.column_stack([1 - score, score]),
        rows=np.arange(len(score)),
        truth=(random.random(len(score)) < score).astype(np.int64),
    )
    best = METRICS["value"].score(made)
    for moved in (0.8, 1.25):
        other = np.clip(score * moved, 0, 1)
        assert METRICS["value"].score(replace(made, values=np.column_stack([1 - other, other]))) < best


def test_without_costs_there_is_no_value() -> None:
    with pytest.raises(UserError, match="needs their costs"):
        METRICS["value"].score(replace(binary(), costs=None))


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
        costs=COSTS,
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
