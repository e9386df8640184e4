"""From what is asked for, in Python or on the command line, to the goal of a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.api.asked import Options, goal_of
from mlcore.errors import GoalError, UserError


def table() -> pd.DataFrame:
    rows = 120
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            " size ": random.normal(size=rows),
            "shop": random.integers(0, 9, rows),
            " sold\u00a0": np.where(random.random(rows) < 0.4, "yes", "no"),
            "calls": random.poisson(2.0, rows),
            "kind": random.choice(list("abc"), rows),
            "empty": [None] * rows,
        }
    )


def test_columns_may_be_named_as_they_stand_in_the_file(tmp_path: Path) -> None:
    table().to_csv(tmp_path / "t.csv", index=False)
    asked = Options(group=" shop", weight=" size ", exclude=("calls ",), keep=("kind",), monotone={" size ": "up"})
    for given in (table(), tmp_path / "t.csv"):
        goal = goal_of(mlcore.load(given), " sold\u00a0", asked)
        assert (goal.target, goal.group, goal.weight, goal.exclude) == ("sold", "shop", "size", ("calls",))
        assert dict(goal.monotone) == {"size": "up"}
    assert mlcore.profile(table(), " size ").rows == 120


def test_a_column_may_be_named_by_a_number() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 3)))
    assert goal_of(mlcore.load(frame), 2, Options()).target == "2"
    with pytest.raises(UserError, match="There is no column '7'"):
        goal_of(mlcore.load(frame), 7, Options())


def test_the_metric_says_that_few_whole_numbers_are_amounts() -> None:
    dataset = mlcore.load(pd.concat([table()] * 3, ignore_index=True))
    assert goal_of(dataset, "calls", Options()).task == "multiclass"
    assert goal_of(dataset, "calls", Options(metric="rmsle")).task == "regression"
    assert goal_of(dataset, "kind", Options(metric="rmsle")).task == "multiclass"


@pytest.mark.parametrize(
    ("target", "asked", "sentence"),
    [
        ("sold", Options(group="sold"), "both the target and the group column"),
        ("sold", Options(exclude=("kind",), keep=("shop", " kind")), "'kind' is to be left out and to be kept"),
        ("kind", Options(positive="a"), "Only a yes or no has a label that counts as yes"),
        ("sold", Options(weight="wait"), "There is no column 'wait'"),
    ],
)
def test_what_contradicts_itself_is_refused(target: str, asked: Options, sentence: str) -> None:
    dataset = mlcore.load(table())
    with pytest.raises(UserError, match=sentence):
        goal_of(dataset, target, asked)
    with pytest.raises(UserError, match=sentence):
        mlcore.estimate(dataset, target, **asked)


def test_a_target_without_a_value_is_said_before_anything_is_foretold() -> None:
    with pytest.raises(GoalError, match="The target is empty in every row"):
        mlcore.estimate(table(), "empty")
