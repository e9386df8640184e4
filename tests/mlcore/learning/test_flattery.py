"""Rows with dates of which nobody said that they are in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.data.schema import Schema
from mlcore.learning import flattery, quick
from mlcore.learning.goal import Goal
from mlcore.learning.plan import Plan
from mlcore.learning.planning import make_plan

GOAL = Goal(target="y", task="regression", metric="rmse", recent=0)
"""All rows count alike: that is said instead of measured, which would take most of the time."""
Described = Callable[..., Schema]


def drifting(rows: int = 900, seed: int = 0) -> pd.DataFrame:
    """What a column means wanders from month to month, so neighbours in time give an outcome away."""
    random = np.random.default_rng(seed)
    day = np.sort(random.integers(0, 300, rows))
    level = np.cumsum(random.normal(0, 0.5, 300))
    a = random.normal(size=rows)
    return pd.DataFrame(
        {
            "a": a,
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(day, unit="D"),
            "y": a + level[day] + random.normal(0, 0.3, rows),
        }
    ).sample(frac=1, random_state=seed, ignore_index=True)


def steady(rows: int = 900, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = drifting(rows, seed)
    return frame.assign(y=frame["a"] + random.normal(0, 0.5, rows))


def planned(frame: pd.DataFrame, schema_of: Described, goal: Goal = GOAL, seed: int = 0) -> tuple[Plan, dict[str, str]]:
    plan, findings = make_plan(frame, schema_of(frame), "table", goal, seed=seed, seconds=60)
    return plan, {finding.code: finding.what + finding.remedy for finding in findings}


def test_rows_are_judged_in_time_when_random_ones_would_flatter(schema_of: Described) -> None:
    plan, said = planned(drifting(), schema_of)
    assert (plan.goal.time, plan.schema["day"].role, plan.validation.method) == ("day", "time", "forward in time")
    assert "'day'" in said["time_found"]
    assert "--time none" in said["time_found"]


def test_the_plan_found_is_the_plan_of_who_names_the_column(schema_of: Described) -> None:
    frame = drifting()
    found, _ = planned(frame, schema_of)
    named, said = planned(frame, schema_of, replace(GOAL, time="day"))
    assert found.id == named.id
    assert not {"time_found", "time_measured", "time_not_declared"} & set(said)


def test_random_rows_are_had_for_the_asking(schema_of: Described) -> None:
    plan, said = planned(drifting(), schema_of, replace(GOAL, at_random=True))
    assert plan.goal.time is None
    assert plan.validation.method != "forward in time"
    assert not {"time_found", "time_measured", "time_not_declared"} & set(said)


@pytest.mark.slow
def test_rows_whose_dates_mean_nothing_stay_random(schema_of: Described) -> None:
    """One table in a hundred is taken for one that drifts; of the first eight it is that of seed 0."""
    said = [planned(steady(seed=seed), schema_of, seed=seed)[1] for seed in (1, 2, 3)]
    assert ["time_measured" in one for one in said] == [True, True, True]


@pytest.mark.slow
def test_the_rows_that_would_be_locked_away_are_not_looked_at(schema_of: Described) -> None:
    frame = drifting().sort_values("day", ignore_index=True)
    locked = frame.index >= 720
    spoilt = frame.assign(y=frame["y"].where(~locked, -frame["y"]), a=frame["a"].where(~locked, -3 * frame["a"]))
    (_, before), (_, after) = planned(frame, schema_of), planned(spoilt, schema_of)
    assert before["time_found"] == after["time_found"]


@pytest.mark.slow
def test_the_same_seed_measures_the_same(schema_of: Described) -> None:
    assert planned(drifting(), schema_of)[1] == planned(drifting(), schema_of)[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "metric"), [("binary", "roc_auc"), ("binary", "log_loss"), ("multiclass", "log_loss")]
)
def test_labels_are_measured_too(schema_of: Described, task: str, metric: str) -> None:
    frame = drifting()
    cuts = [0.0] if task == "binary" else [-1.0, 1.0]
    frame["y"] = pd.Series(np.digitize(frame["y"] - frame["y"].median(), cuts)).map({0: "low", 1: "mid", 2: "high"})
    _, said = planned(frame, schema_of, replace(GOAL, task=task, metric=metric))  # type: ignore[arg-type]
    assert {"time_found", "time_measured"} & set(said)


@pytest.mark.parametrize(
    "unfit",
    [
        lambda frame: frame.head(400),
        lambda frame: frame.assign(day=frame["day"].dt.to_period("Q").dt.to_timestamp()),
        lambda frame: frame.assign(day=frame["day"].where(frame.index % 3 > 0)),
        lambda frame: frame.assign(day=frame["day"].where(frame.index % 3 > 0, frame["day"].min())),
    ],
    ids=["few rows", "few moments", "many undated", "a crowded moment"],
)
def test_what_cannot_be_measured_is_pointed_out(
    schema_of: Described, unfit: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    frame = unfit(drifting())
    plan, said = planned(frame.reset_index(drop=True), schema_of)
    assert plan.goal.time is None
    assert "time_not_declared" in said


def test_copies_are_no_neighbours_in_time(schema_of: Described) -> None:
    frame = steady(600, seed=1)
    frame = pd.concat([frame, frame, frame], ignore_index=True)
    assert "time_measured" in planned(frame, schema_of)[1]


def test_groups_that_stay_together_are_not_measured(schema_of: Described) -> None:
    frame = drifting().assign(who=lambda table: table.index % 60)
    plan, said = planned(frame, schema_of, replace(GOAL, group="who"))
    assert plan.validation.method == "group folds"
    assert "time_not_declared" in said


def test_one_label_among_the_newest_rows_is_no_obstacle(schema_of: Described) -> None:
    frame = drifting().sort_values("day", ignore_index=True)
    frame["y"] = np.where((frame.index < 400) & (frame.index % 3 > 0), "yes", "no")
    plan, said = planned(frame, schema_of, Goal(target="y", task="binary", metric="roc_auc"))
    assert plan.goal.time is None
    assert "time_not_declared" in said


def test_a_goal_stored_before_this_was_measured_opens() -> None:
    old = {"target": "y", "task": "binary", "metric": "roc_auc", "time": None}
    assert records.from_json(Goal, old) == Goal(target="y", task="binary", metric="roc_auc")


def test_a_small_budget_is_not_spent_on_measuring() -> None:
    assert quick.most_rows(40, 8, 10) < flattery.LEAST_ROWS < quick.most_rows(10, 2, 60) <= quick.MOST_ROWS
