"""Recent rows count more exactly where that is measured to help on later rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Schema
from mlcore.errors import GoalError
from mlcore.learning.audit import audit
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.planning import make_plan
from mlcore.learning.recency import recency

Described = Callable[..., Schema]
Laid = Callable[..., Path]
GOAL = Goal(target="y", task="regression", metric="rmse", time="day")
DAY = 86_400.0


def moving(speed: float, rows: int = 1_000, seed: int = 0) -> pd.DataFrame:
    """What `x` and `z` mean turns into its opposite as days go by; at speed 0 it stays."""
    random = np.random.default_rng(seed)
    x, z = random.normal(size=(2, rows))
    turn = np.cos(speed * np.arange(rows) / rows)
    made = pd.DataFrame(
        {"x": x, "z": z, "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(rows), unit="h")}
    )
    return made.assign(y=turn * (2 * x + z) + random.normal(scale=0.5, size=rows))


@pytest.mark.slow
def test_where_the_world_turns_recent_rows_count_more_and_both_scores_are_told(
    laid_out: Laid, schema_of: Described
) -> None:
    frame = moving(4.0)
    plan, findings = make_plan(frame, schema_of(frame), "table", GOAL, models=("linear",))
    recent = plan.goal.recent
    assert recent is not None
    assert 2 * DAY < recent < 25 * DAY
    (said,) = [finding for finding in findings if finding.code == "recent_count_more"]
    assert said.what.count("RMSE") == 1
    assert "when all counted alike" in said.what
    run = RunFolder(laid_out(frame, plan.goal))
    assert run.weighing.half_life == recent


def test_where_it_does_not_turn_all_count_alike_and_that_is_told(schema_of: Described) -> None:
    frame = moving(0.0, rows=800)
    plan, findings = make_plan(frame, schema_of(frame), "table", GOAL, models=("linear",))
    assert plan.goal.recent is None
    assert "recent_count_alike" in {finding.code for finding in findings}


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_where_the_world_stays_all_rows_count_alike(seed: int, schema_of: Described) -> None:
    frame = moving(0.0, rows=700, seed=seed)
    checked = audit(frame, schema_of(frame), GOAL)
    found = recency(frame, checked.schema, checked.goal, checked.target, seconds=60, seed=seed)
    assert found is not None
    assert not found.helps


def test_it_is_not_measured_when_something_was_said_or_rows_are_few(schema_of: Described, laid_out: Laid) -> None:
    frame = moving(4.0)
    for asked in (0.0, 5 * DAY):
        goal = Goal(target="y", task="regression", metric="rmse", time="day", recent=asked)
        plan, findings = make_plan(frame, schema_of(frame), "table", goal, models=("linear",))
        assert plan.goal.recent == asked
        assert not any(finding.code.startswith("recent") for finding in findings)
    few = frame.head(300)
    checked = audit(few, schema_of(few), GOAL)
    assert recency(few, checked.schema, checked.goal, checked.target, seconds=60, seed=0) is None


def test_a_half_life_needs_an_order_and_a_length(schema_of: Described) -> None:
    frame = moving(0.0, rows=100)
    with pytest.raises(GoalError, match="cannot be told without a column"):
        audit(frame, schema_of(frame), Goal(target="y", task="regression", metric="", recent=DAY))
    with pytest.raises(GoalError, match="half-life cannot be -1"):
        audit(frame, schema_of(frame), Goal(target="y", task="regression", metric="", time="day", recent=-1.0))
