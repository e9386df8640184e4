"""Slices: numbers that agree with the metric, intervals that hold, and silence where there is too little."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlcore.errors import UserError
from mlcore.evaluation.cuts import Cut
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.slices import Slice, Slices, slices
from tests.mlcore.evaluation.simulated import a_number, yes_or_no


def halves(n: int, first: int) -> Cut:
    return Cut(column="half", labels=("first", "second"), codes=(np.arange(n) >= first).astype(np.int64))


def by(made: Slices, label: str) -> Slice:
    return next(one for one in made.slices if one.parts[0].label == label)


def test_a_slice_has_the_metric_of_its_rows_and_of_all_others() -> None:
    made = yes_or_no(np.random.default_rng(0), 600)
    told = slices(made, [halves(600, 200)], METRICS["roc_auc"])
    first = by(told, "first")
    assert first.n == 200
    assert first.value == pytest.approx(METRICS["roc_auc"].score(made.take(np.arange(200))))
    assert first.rest == pytest.approx(METRICS["roc_auc"].score(made.take(np.arange(200, 600))))
    assert first.difference == pytest.approx(first.value - first.rest)
    assert first.low < first.value < first.high
    assert first.difference_low < first.difference < first.difference_high
    assert told.value == pytest.approx(METRICS["roc_auc"].score(made))


def covered(make: object, metric: str, sets: int) -> float:
    """How often the interval of the difference holds 0, which it truly is."""
    random = np.random.default_rng(7)
    hits = 0
    for seed in range(sets):
        told = by(slices(make(random, 400), [halves(400, 120)], METRICS[metric], seed=seed, draws=100), "first")
        hits += told.difference_low <= 0 <= told.difference_high
    return hits / sets


@pytest.mark.parametrize(("make", "metric"), [(yes_or_no, "roc_auc"), (yes_or_no, "log_loss"), (a_number, "rmse")])
def test_intervals_of_the_difference_from_the_rest_hold(make: object, metric: str) -> None:
    assert covered(make, metric, 30) >= 0.83


@pytest.mark.slow
@pytest.mark.parametrize(("make", "metric"), [(yes_or_no, "roc_auc"), (yes_or_no, "log_loss"), (a_number, "rmse")])
def test_intervals_of_the_difference_hold_in_92_to_98_of_100(make: object, metric: str) -> None:
    assert 0.92 <= covered(make, metric, 300) <= 0.985


def test_a_bad_slice_is_called_worse_and_a_like_one_is_not() -> None:
    random = np.random.default_rng(1)
    bad = np.arange(900) < 300
    told = slices(yes_or_no(random, 900, bad), [halves(900, 300)], METRICS["log_loss"])
    assert (by(told, "first").verdict, by(told, "second").verdict) == ("worse", "better")
    alike = slices(yes_or_no(random, 900), [halves(900, 300)], METRICS["log_loss"])
    assert {one.verdict for one in alike.slices} == {"no difference shown"}


def test_a_small_slice_without_a_mistake_is_not_called_better_for_that() -> None:
    random = np.random.default_rng(4)
    made = yes_or_no(random, 1500)
    right = (random.random(1500) < 0.97) | (np.arange(1500) < 40)  # 40 of 40 are right in three of ten such slices
    yes = np.where(right, made.truth, 1 - made.truth)
    made = replace(made, values=np.column_stack([1 - yes, yes]).astype(np.float64))
    told = slices(made, [halves(1500, 40)], METRICS["accuracy"], draws=60)
    first = by(told, "first")
    assert (first.value, first.verdict) == (1.0, "no difference shown")
    assert first.difference_low < 0 < first.difference < first.difference_high


def test_verdicts_are_corrected_for_the_number_of_slices() -> None:
    random = np.random.default_rng(3)
    wrong = 0
    for seed in range(15):
        made = a_number(random, 600)
        cut = Cut(column="c", labels=tuple("abcdefghij"), codes=random.integers(0, 10, 600))
        told = slices(made, [cut], METRICS["mae"], seed=seed, draws=100)
        wrong += any(one.verdict in ("worse", "better") for one in told.slices)
    assert wrong <= 3  # uncorrected, 6 of 15 tables of ten slices would have one


def test_a_segment_of_three_rows_gets_a_sentence_and_no_number() -> None:
    told = slices(yes_or_no(np.random.default_rng(0), 300), [halves(300, 3)], METRICS["roc_auc"])
    first = by(told, "first")
    assert (first.value, first.low, first.verdict) == (None, None, "too few to say")
    assert first.why == "Only 3 rows: too few to say anything, 30 are needed."
    assert by(told, "second").value is not None
    assert by(told, "second").difference is None


def test_one_class_in_a_segment_is_a_sentence() -> None:
    made = yes_or_no(np.random.default_rng(0), 300)
    one_sided = replace(made, truth=np.where(np.arange(300) < 60, 0, made.truth))
    first = by(slices(one_sided, [halves(300, 60)], METRICS["roc_auc"]), "first")
    assert first.value is None
    assert first.why == "No row has the outcome “yes”: ROC AUC needs both."
    few = replace(made, truth=np.where(np.arange(300) < 60, np.arange(300) < 4, made.truth).astype(np.int64))
    told = by(slices(few, [halves(300, 60)], METRICS["roc_auc"]), "first")
    assert told.why == "Only 4 rows have the outcome “yes”: too few to say anything, 10 are needed."
    assert by(slices(one_sided, [halves(300, 60)], METRICS["brier"]), "first").value is not None


def test_groups_are_counted_not_their_rows() -> None:
    made = yes_or_no(np.random.default_rng(0), 1000, each=20)
    told = by(slices(made, [halves(1000, 200)], METRICS["brier"]), "first")
    assert told.why == "Only 10 groups: too few to say anything, 30 are needed."


def test_repeats_of_a_row_count_once() -> None:
    once = yes_or_no(np.random.default_rng(0), 300)
    twice = once.take(np.tile(np.arange(300), 2))
    cut = Cut(column="half", labels=("first", "second"), codes=np.tile(halves(300, 100).codes, 2))
    told = by(slices(twice, [cut], METRICS["brier"]), "first")
    single = by(slices(once, [halves(300, 100)], METRICS["brier"]), "first")
    assert told.n == 100
    assert told.high - told.low == pytest.approx(single.high - single.low, rel=0.3)


def test_a_column_with_one_part_is_a_sentence() -> None:
    with pytest.raises(UserError, match="nothing to compare"):
        slices(yes_or_no(np.random.default_rng(0), 60), [halves(60, 60)], METRICS["brier"])


def test_of_more_than_forty_pairs_the_largest_are_looked_at() -> None:
    random = np.random.default_rng(0)
    cuts = [Cut(column=c, labels=tuple("abcdefgh"), codes=random.integers(0, 8, 3000)) for c in ("u", "v")]
    told = slices(a_number(random, 3000), cuts, METRICS["mae"], draws=50)
    assert (len(told.slices), told.left_out) == (40, 24)
    assert all(len(one.parts) == 2 for one in told.slices)
