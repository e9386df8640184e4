"""The folds that a plan asks for leave time for enough models."""

from __future__ import annotations

import pytest

from mlcore.data.schema import Column
from mlcore.learning.affordable import affordable
from mlcore.learning.costs import Shape, handing, kept_free, preparing, proving
from mlcore.learning.plan import Validation
from mlcore.learning.split import validation

FIVE = Validation(method="folds", folds=5, holdout=1_000, reason="because")


def shape(rows: int, columns: int, *, texts: int = 0, labels: int = 2, given: Validation = FIVE) -> Shape:
    plain = [Column(name=f"c{n}", storage="double", kind="number") for n in range(columns)]
    told = [Column(name=f"t{n}", storage="string", kind="text") for n in range(texts)]
    return Shape(rows=rows, columns=(*plain, *told), labels=labels, validation=given)


def folds(given: Shape, seconds: float) -> tuple[str, int]:
    found = affordable(given, seconds)
    return found.method, found.folds


def test_a_table_that_is_quickly_learned_keeps_its_folds() -> None:
    assert affordable(shape(6_000, 10), 600) is FIVE


def test_many_labels_or_texts_leave_fewer_folds() -> None:
    wide = shape(12_000, 16, texts=1, labels=20)
    assert folds(shape(12_000, 16), 600) == ("folds", 5)
    assert folds(wide, 30) == ("one split", 1)
    assert folds(wide, 60_000) == ("folds", 5)


def test_few_rows_are_never_judged_on_one_part() -> None:
    given = validation(1_500, time=False, groups=None)
    found = affordable(shape(1_500, 500, labels=20, given=given), 10)
    assert (found.folds, found.repeats) == (3, 1)
    assert "time for few models" in found.reason


@pytest.mark.parametrize(("rows", "columns"), [(123, 1_107), (150, 20), (60, 2_000)])
def test_few_rows_keep_their_repeated_folds_however_many_columns_there_are(rows: int, columns: int) -> None:
    given = validation(rows, time=False, groups=None)
    assert affordable(shape(rows, columns, labels=0, given=given), 60) is given
    assert (given.folds, given.repeats) == (5, 5)


def test_thousands_of_columns_are_judged_on_one_part_rather_than_by_hardly_a_model() -> None:
    plain = tuple(Column(name=f"c{n}", storage="float", kind="numeric") for n in range(10_000))
    asked = Shape(rows=5_000, columns=plain, labels=2, validation=FIVE)
    assert folds(asked, 60) == ("one split", 1)
    assert folds(asked, 6_000) == ("folds", 5)


def test_time_for_laying_out_and_handing_over_is_no_time_for_folds() -> None:
    plain = tuple(Column(name=f"c{n}", storage="float", kind="numeric") for n in range(10_000))
    asked = Shape(rows=5_000, columns=plain, labels=2, validation=FIVE)
    assert preparing(asked) + handing(5_000, 10_000) > 30
    assert folds(asked, 90) == ("one split", 1)  # three folds of four models would fit into 90 s, into the rest not one
    assert 3 <= handing(1_000, 10) < handing(100_000, 10) < handing(100_000, 1_000) < handing(100_000, 10_000) < 30
    assert handing(10**6, 10) == handing(10**9, 10)
    for columns in (10, 1_000, 10_000):
        assert 1 < proving(columns) < handing(100, columns)


def test_groups_and_times_stay_what_they_are() -> None:
    for time, groups, method in ((True, None, "forward in time"), (False, 500, "group folds")):
        given = validation(12_000, time=time, groups=groups)
        assert affordable(shape(12_000, 900, given=given), 5).method == method


def test_what_the_end_needs_is_kept_free_and_what_was_used_already_is_gone() -> None:
    usual = kept_free(60, judging=1.0, before=0.0, after=4.0)
    assert 5 < usual < 9
    assert kept_free(60, judging=1.0, before=9.0, after=4.0) == pytest.approx(usual + 9)
    assert kept_free(60, judging=2.0, before=0.0, after=4.0) == pytest.approx(usual + 1.6)
    assert kept_free(60, judging=30.0, before=0.0, after=24.0) == 30
    assert kept_free(60, judging=30.0, before=9.0, after=24.0) == 39  # else a slow start ended in a late end
