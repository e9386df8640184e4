"""Whatever a goal asks for that the table cannot give is one sentence with a remedy, before anything is trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Schema
from mlcore.errors import ColumnError, GoalError, UserError
from mlcore.learning.audit import audit
from mlcore.learning.durations import said, seconds_in
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal

Described = Callable[..., Schema]
Laid = Callable[..., Path]
DAY = 86_400.0


def table(rows: int = 200) -> pd.DataFrame:
    random = np.random.default_rng(0)
    made = pd.DataFrame({"x": random.normal(size=rows), "day": pd.date_range("2024-01-01", periods=rows)})
    made["shop"] = [f"s{row % 20}" for row in range(rows)]
    return made.assign(y=np.where(made["x"] + random.normal(size=rows) > 0, "yes", "no"))


def goal(**more: object) -> Goal:
    return Goal(**{"target": "y", "task": "binary", "metric": ""} | more)  # type: ignore[arg-type]


def codes(frame: pd.DataFrame, asked: Goal, schema_of: Described) -> set[str]:
    return {finding.code for finding in audit(frame, schema_of(frame), asked).findings}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"gap": 7 * DAY}, "A gap in time needs a column that orders the rows"),
        ({"gap": -1.0, "time": "day"}, "The gap cannot be -1"),
        ({"gap": 400 * DAY, "time": "day"}, "A gap of 57.1 weeks leaves nothing|A gap of 400 days leaves nothing"),
        ({"monotone": {"y": "up"}}, "not learned from cannot have a direction"),
        ({"monotone": {"shop": "up"}}, "cannot rise or fall with categories"),
        ({"monotone": {"day": "up"}}, "cannot rise or fall with dates"),
        ({"monotone": {"x": "up"}, "exclude": ("x",)}, "not learned from cannot have a direction"),
        ({"monotone": {"x": "sideways"}}, "'sideways' is no direction"),
        ({"monotone": {"x": "down"}}, r"is to fall with 'x', but 'x' goes with 'y' the other way.*\+0\.5"),
        ({"weight": "y"}, "'y' is both the target and the weight column"),
        ({"weight": "x", "split": "x"}, "'x' is both the weight and the split column"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_remedy(
    asked: dict[str, object], said: str, schema_of: Described
) -> None:
    with pytest.raises(GoalError, match=said) as refused:
        audit(table(), schema_of(table()), goal(**asked))
    assert refused.value.remedy


def test_a_column_that_is_not_there_is_refused(schema_of: Described) -> None:
    for asked in ({"weight": "w"}, {"split": "w"}, {"monotone": {"w": "up"}}):
        with pytest.raises(ColumnError, match="no column 'w'"):
            audit(table(), schema_of(table()), goal(**asked))


def test_a_gap_that_leaves_no_round_is_refused_when_the_run_is_laid_out(laid_out: Laid) -> None:
    with pytest.raises(GoalError, match=r"cannot be parted|have to learn from") as refused:
        laid_out(table(), goal(time="day", gap=190 * DAY))
    assert "shorter gap" in refused.value.remedy


def test_a_label_that_lies_in_one_group_is_refused(laid_out: Laid) -> None:
    frame = table()
    frame["y"] = np.where(frame["shop"] == "s3", "yes", "no")
    with pytest.raises(GoalError, match=r"No model could be judged on the label 'yes'.*too few groups of 'shop'"):
        laid_out(frame, goal(group="shop"))


def test_a_label_that_comes_late_only_is_refused_with_the_time_column_named(laid_out: Laid) -> None:
    frame = table()
    frame["y"] = np.where(np.arange(200) < 170, "no", np.where(np.arange(200) % 2 == 0, "no", "yes"))
    with pytest.raises(GoalError, match=r"No model could be judged on the label 'yes'.*close together in 'day'"):
        laid_out(frame, goal(time="day"))


def found_in(folder: Path) -> dict[str, str]:
    """What was noticed when the run was laid out, by its code."""
    return {finding.code: finding.what for finding in RunFolder(folder).findings}


def test_a_time_column_with_hardly_any_different_times_is_refused(schema_of: Described) -> None:
    frame = table()
    frame["day"] = frame["day"].iloc[np.arange(200) % 9].to_numpy()
    with pytest.raises(GoalError, match="fewer than 10 different readable times") as refused:
        audit(frame, schema_of(frame), goal(time="day"))
    assert "without a time column" in refused.value.remedy


def test_ties_in_time_that_leave_fewer_rounds_are_said(laid_out: Laid) -> None:
    frame = table()
    frame.loc[20:170, "day"] = frame["day"].iloc[20]
    assert found_in(laid_out(frame, goal(time="day")))["fewer_rounds"].startswith("1 of 3 rounds are left")


def test_a_label_that_some_rounds_or_the_locked_rows_lack_is_said(laid_out: Laid) -> None:
    frame = table().assign(y=np.array(["a", "b"] * 100))
    frame.loc[frame["shop"] == "s3", "y"] = "c"
    told = found_in(laid_out(frame, goal(task="multiclass", group="shop")))["label_missing_in_round"]
    assert "'c' in 1 of 3 rounds" in told
    assert "Never judged on by a model that knows it: 'c'" in told
    frame = table(400).assign(y=np.array(["a", "b"] * 200))
    frame.loc[:200:4, "y"] = "c"
    told = found_in(laid_out(frame, goal(task="multiclass", time="day")))["label_missing_in_holdout"]
    assert told == "No locked row has the label 'c'."


def test_rounds_in_which_every_row_weighs_nothing_are_refused(laid_out: Laid) -> None:
    frame = table().assign(w=np.where(np.arange(200) < 150, 0.0, 1.0))
    with pytest.raises(GoalError, match="learn from 0 rows that count, as all others weigh 0") as refused:
        laid_out(frame, goal(time="day", weight="w"))
    assert "a weight above 0" in refused.value.remedy


def test_rows_without_a_time_and_groups_of_one_row_are_pointed_out(schema_of: Described) -> None:
    frame = table()
    frame.loc[:20, "day"] = pd.NaT
    frame["name"] = [f"n{row}" for row in range(200)]
    assert {"time_missing", "groups_of_one"} <= codes(frame, goal(time="day", group="name"), schema_of)


def test_one_group_among_the_usable_rows_is_refused(schema_of: Described) -> None:
    frame = table()
    frame["shop"] = ["a"] * 199 + ["b"]
    frame.loc[199, "y"] = None
    with pytest.raises(GoalError, match="only one group"):
        audit(frame, schema_of(frame), goal(group="shop"))


@pytest.mark.parametrize(
    ("text", "seconds"), [("7d", 7 * DAY), ("36 h", 1.5 * DAY), ("2 Weeks", 14 * DAY), ("90min", 5_400.0), ("30", 30.0)]
)
def test_lengths_of_time_are_read(text: str, seconds: float) -> None:
    assert seconds_in(text) == seconds


@pytest.mark.parametrize("text", ["", "week", "7 fortnights", "-3d", "nan"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="is no length of time"):
        seconds_in(text)


def test_lengths_of_time_are_said_in_words() -> None:
    shown = [said(length) for length in (DAY, 7 * DAY, 36 * 3_600, 10 * DAY, 90.0)]
    assert shown == ["1 day", "1 week", "36 hours", "10 days", "90 seconds"]


def test_a_direction_against_the_data_is_kept_when_one_insists_and_doubted_when_it_is_slight(
    schema_of: Described,
) -> None:
    asked = goal(monotone={"x": "down"}, keep=("x",))
    assert "direction_doubtful" in codes(table(), asked, schema_of)
    frame = table()
    frame["x"] += np.random.default_rng(1).normal(scale=1.5, size=200)
    assert "direction_doubtful" in codes(frame, goal(monotone={"x": "down"}), schema_of)
    assert "direction_doubtful" not in codes(frame, goal(monotone={"x": "up"}), schema_of)


def test_labels_without_order_have_no_direction_and_a_column_left_out_neither(schema_of: Described) -> None:
    frame = table().assign(y=["a", "b", "c", "d"] * 50, same=1.0)
    with pytest.raises(GoalError, match="several labels neither rises nor falls"):
        audit(frame, schema_of(frame), goal(task="multiclass", monotone={"x": "up"}))
    frame = table()
    frame["copy"] = np.where(frame["y"] == "yes", 1.0, 0.0)
    with pytest.raises(GoalError, match="'copy' has a direction, but is left out"):
        audit(frame, schema_of(frame), goal(monotone={"copy": "up"}))
