"""The folds that a plan asks for leave time for enough models."""

from __future__ import annotations

from mlcore.data.schema import Column, Schema
from mlcore.learning.affordable import affordable
from mlcore.learning.plan import Validation
from mlcore.learning.split import validation

FIVE = Validation(method="folds", folds=5, holdout=1_000, reason="because")


def schema(columns: int, texts: int = 0) -> Schema:
    plain = [Column(name=f"c{n}", storage="double", kind="number") for n in range(columns)]
    told = [Column(name=f"t{n}", storage="string", kind="text") for n in range(texts)]
    return Schema(columns=(*plain, *told))


def folds(rows: int, columns: int, seconds: float, *, texts: int = 0, outputs: int = 1) -> tuple[str, int]:
    found = affordable(FIVE, rows=rows, schema=schema(columns, texts), outputs=outputs, seconds=seconds)
    return found.method, found.folds


def test_a_table_that_is_quickly_learned_keeps_its_folds() -> None:
    assert affordable(FIVE, rows=6_000, schema=schema(10), outputs=1, seconds=600) is FIVE


def test_many_labels_or_texts_leave_fewer_folds() -> None:
    assert folds(12_000, 16, 600) == ("folds", 5)
    assert folds(12_000, 16, 60, texts=1, outputs=8) == ("one split", 1)
    assert folds(12_000, 16, 6_000, texts=1, outputs=8)[0] == "folds"


def test_few_rows_are_never_judged_on_one_part() -> None:
    given = validation(1_500, time=False, groups=None)
    found = affordable(given, rows=1_500, schema=schema(500), outputs=20, seconds=10)
    assert (found.folds, found.repeats) == (3, 1)
    assert "time for few models" in found.reason


def test_groups_and_times_stay_what_they_are() -> None:
    for time, groups, method in ((True, None, "forward in time"), (False, 500, "group folds")):
        given = validation(12_000, time=time, groups=groups)
        assert affordable(given, rows=12_000, schema=schema(900), outputs=1, seconds=5).method == method
