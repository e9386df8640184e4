from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Schema
from mlcore.errors import GoalError
from mlcore.learning.folder import RunFolder
from mlcore.learning.given import given_of
from mlcore.learning.goal import Goal
from mlcore.learning.planning import make_plan
from mlcore.learning.train import fit

Described = Callable[..., Schema]
Laid = Callable[..., Path]
THIRDS = np.arange(90) % 3


def column(*words: object) -> pd.Series:
    """Words that take turns over 90 rows."""
    return pd.Series([words[row % len(words)] for row in range(90)])


@pytest.mark.parametrize(
    "words", [("train", "valid", "test"), (" Training", "VAL", "Hold-out"), ("learn", "validation", "testing")]
)
def test_parts_are_read_in_any_spelling(words: tuple[str, ...]) -> None:
    made = given_of(column(*words), "part")
    assert made.folds is not None
    assert made.count == 1
    assert np.array_equal(made.holdout, THIRDS == 2)
    assert np.array_equal(made.folds == 0, THIRDS == 1)


@pytest.mark.parametrize(
    "words",
    [(0, 1, 2), (3, 5, 9), (1.0, 2.0, 3.0), ("fold 1", "fold 2", "fold 3"), ("F0", "F1", "F2"), ("0", "1", "2")],
)
def test_numbers_are_folds(words: tuple[object, ...]) -> None:
    made = given_of(column(*words), "part")
    assert made.folds is not None
    assert not made.holdout.any()
    assert np.array_equal(made.folds, THIRDS)


def test_a_row_without_a_part_is_learned_from_only_and_test_rows_are_locked_away() -> None:
    made = given_of(column(0, 1, None, "test"), "part")
    assert made.folds is not None
    assert made.count == 2
    assert made.holdout.sum() == 22
    assert (made.folds[np.arange(90) % 4 == 2] == -1).all()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("train",), "says 'train' in every row"),
        ((3,), "says '3' in every row"),
        (("valid", "test"), "leaves 0 rows to learn from"),
        (("train", "blue", "green"), "name no part: 'blue', 'green'"),
        (("0", "12345678901234567890"), "name no part: '12345678901234567890'"),
        ((True, False), "name no part: 'false', 'true'"),
        (("valid", 0, 1), "names validation rows and numbers folds"),
        (tuple(range(90)), "has 90 folds"),
    ],
)
def test_a_column_that_makes_no_sense_is_refused_with_a_remedy(words: tuple[object, ...], said: str) -> None:
    with pytest.raises(GoalError, match=said) as refused:
        given_of(column(*words), "part")
    assert refused.value.remedy


def test_too_few_rows_to_judge_on_are_refused() -> None:
    with pytest.raises(GoalError, match="1 rows to judge on"):
        given_of(pd.Series(["train"] * 89 + ["valid"]), "part")


def frame(part: list[object]) -> pd.DataFrame:
    random = np.random.default_rng(0)
    made = pd.DataFrame({"x": random.normal(size=len(part)), "part": part})
    return made.assign(y=np.where(made["x"] + random.normal(size=len(part)) > 0, "yes", "no"))


@pytest.mark.parametrize(
    ("words", "method", "holdout", "folds"),
    [
        (["train", "valid", "test"], "given split", 100, 1),
        (["train", "train", "test"], "repeated folds", 100, 5),
        ([1, 2, 3], "given folds", 0, 3),
    ],
)
def test_the_plan_judges_as_the_table_says(
    words: list[object], method: str, holdout: int, folds: int, schema_of: Described
) -> None:
    table = frame(words * 100)
    asked = Goal(target="y", task="binary", metric="", split="part")
    plan, _ = make_plan(table, schema_of(table), "table", asked)
    made = plan.validation
    assert (made.method, made.holdout, made.folds) == (method, holdout, folds)
    assert [column.name for column in plan.schema.features] == ["x"]


def test_models_are_judged_on_the_rows_that_the_table_names(laid_out: Laid) -> None:
    table = frame(["train", "train", "valid", "test"] * 50)
    folder = laid_out(table, Goal(target="y", task="binary", metric="", split="part"), folds=None)
    run = RunFolder(folder)
    ((train, test),) = run.split.pairs()
    assert set(table["part"].iloc[test]) == {"valid"}
    assert set(table["part"].iloc[train]) == {"train"}
    assert run.measured == "validation"
    trial = fit(folder, "linear")
    assert (trial.state, trial.reason) == ("done", "")


def test_a_split_that_leaves_a_label_on_one_side_is_refused(laid_out: Laid) -> None:
    table = frame(["train"] * 100 + ["valid"] * 50)
    table["y"] = ["yes", "no"] * 50 + ["no"] * 50
    with pytest.raises(
        GoalError, match="No model could be judged on the label 'yes', because 'part' leaves"
    ) as refused:
        laid_out(table, Goal(target="y", task="binary", metric="", split="part"), folds=None)
    assert "Mark rows of every label" in refused.value.remedy
