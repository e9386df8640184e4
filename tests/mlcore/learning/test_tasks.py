from __future__ import annotations

import pandas as pd
import pytest

from mlcore.data.schema import Column, Storage
from mlcore.errors import GoalError
from mlcore.evaluation.predictions import Task
from mlcore.learning.target import in_order
from mlcore.learning.tasks import guess_positive, guess_task


@pytest.mark.parametrize(
    ("values", "storage", "task"),
    [
        ([0, 1] * 50, "integer", "binary"),
        (["yes", "no", None] * 30, "text", "binary"),
        ([1, 2, 3] * 100, "integer", "multiclass"),
        ([1.0, 2.0, 3.0, None] * 100, "float", "multiclass"),
        (["a", "b", "c"] * 5, "text", "multiclass"),
        (list(range(20)) * 5, "integer", "regression"),
        ([0.5, 1.5, 2.5] * 100, "float", "regression"),
    ],
)
def test_the_task_is_guessed_with_a_reason(values: list[object], storage: Storage, task: Task) -> None:
    kind = {"text": "categorical", "float": "numeric", "integer": "integer"}[storage]
    guessed, reason = guess_task(pd.Series(values), Column(name="y", kind=kind, storage=storage))  # type: ignore[arg-type]
    assert guessed == task
    assert reason


def test_a_date_is_no_target() -> None:
    with pytest.raises(GoalError, match="dates"):
        guess_task(
            pd.Series(pd.date_range("2024-01-01", periods=9)), Column(name="y", kind="datetime", storage="datetime")
        )


@pytest.mark.parametrize(
    ("counts", "positive"),
    [({"no": 5, "yes": 90}, "yes"), ({"0": 1, "1": 9}, "1"), ({"benign": 9, "malignant": 5}, "malignant")],
)
def test_yes_is_a_word_for_it_or_the_rarer_label(counts: dict[str, int], positive: str) -> None:
    assert guess_positive(pd.Series(counts)) == positive


def test_labels_are_in_the_order_of_numbers_when_all_are_numbers() -> None:
    assert in_order(["10", "9", "-1"]) == ("-1", "9", "10")
    assert in_order(["b", "10", "a"]) == ("10", "a", "b")
