from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from mlcore.evaluation.costs import Costs
from mlcore.evaluation.draws import units_of
from mlcore.evaluation.intervals import interval, intervals, quantile_t
from mlcore.evaluation.metrics import METRICS, metrics_for
from mlcore.evaluation.predictions import Predictions


def binary(n: int = 300, shift: float = 1.5, seed: int = 0) -> Predictions:
    random = np.random.default_rng(seed)
    truth = (np.arange(n) % 3 == 0).astype(np.int64)
    score = 1 / (1 + np.exp(-(random.normal(size=n) + shift * truth - 1)))
    return Predictions(
        task="binary",
        values=np.column_stack([1 - score, score]),
        rows=np.arange(n),
        labels=("no", "yes"),
        positive="yes",
        truth=truth,
    )


def regression(n: int = 300, seed: int = 0) -> Predictions:
    random = np.random.default_rng(seed)
    truth = random.normal(size=n)
    return Predictions(task="regression", values=truth + random.normal(size=n), rows=np.arange(n), truth=truth)


def test_the_value_lies_inside_its_interval_and_the_interval_inside_the_bounds() -> None:
    for predictions in (binary(), regression(), binary(30, shift=9.0)):
        metrics = [metric for metric in metrics_for(predictions.task) if not metric.optional]
        for metric, (value, low, high) in zip(metrics, intervals(predictions, metrics), strict=True):
            assert value == metric.score(predictions)
            assert low <= value <= high
            assert low < high
            assert metric.low is None or low >= metric.low
            assert metric.high is None or high <= metric.high


def test_the_same_seed_gives_the_same_interval_alone_or_in_company() -> None:
    predictions = replace(binary(), costs=Costs(tp=1.0, fp=-1.0))
    metrics = metrics_for("binary")
    together = dict(zip([metric.key for metric in metrics], intervals(predictions, metrics, seed=3), strict=True))
    for metric in metrics:
        assert interval(predictions, metric, seed=3) == together[metric.key]
    assert interval(predictions, METRICS["log_loss"], seed=4) != together["log_loss"]


def test_a_perfect_score_on_few_rows_is_not_certain() -> None:
    truth = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    values = np.column_stack([1 - truth, truth]).astype(np.float64)
    perfect = Predictions(task="binary", values=values, rows=np.arange(10), labels=("a", "b"), truth=truth)
    value, low, high = interval(perfect, METRICS["roc_auc"])
    assert (value, high) == (1.0, 1.0)
    assert low == pytest.approx(0.025 ** (1 / 5))  # Clopper and Pearson: no failure in five


def test_one_row_of_a_label_says_nothing_about_it() -> None:
    predictions = binary(30)
    single = predictions.take(np.concatenate([[0], np.flatnonzero(predictions.truth == 0)]))
    assert interval(single, METRICS["roc_auc"])[1:] == (0.0, 1.0)


def test_repeats_of_the_same_rows_do_not_make_it_surer() -> None:
    once = regression()
    thrice = once.take(np.tile(np.arange(len(once)), 3))
    metric = METRICS["rmse"]
    narrow, wide = interval(thrice, metric), interval(once, metric)
    assert narrow.high - narrow.low == pytest.approx(wide.high - wide.low, rel=0.1)


def test_rows_of_one_group_are_drawn_together() -> None:
    random = np.random.default_rng(5)
    groups = np.repeat(np.arange(20), 30)
    truth = np.zeros(600)
    values = np.repeat(random.normal(size=20), 30) + 0.1 * random.normal(size=600)
    alone = Predictions(task="regression", values=values, rows=np.arange(600), truth=truth)
    grouped = replace(alone, groups=groups)
    metric = METRICS["rmse"]
    free, bound = interval(alone, metric), interval(grouped, metric)
    assert bound.high - bound.low > 3 * (free.high - free.low)


def test_units_know_their_label_and_mixed_ones_have_none() -> None:
    predictions = replace(binary(6), groups=np.array([7, 7, 7, 9, 9, 9]), truth=np.array([0, 0, 1, 1, 1, 1]))
    units = units_of(predictions)
    assert units.count == 2
    assert units.label.tolist() == [-1, 1]
    assert len(units.strata(within_labels=True)) == 1


def test_a_metric_of_20000_rows_takes_less_than_a_second() -> None:
    predictions = binary(20_000)
    started = time.process_time()
    interval(predictions, METRICS["roc_auc"])
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(("freedom", "expected"), [(1, 12.706), (2, 4.303), (3, 3.182), (10, 2.228), (1000, 1.962)])
def test_students_quantile(freedom: int, expected: float) -> None:
    assert quantile_t(freedom) == pytest.approx(expected, rel=0.012)
