from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Schema
from mlcore.errors import ChoiceError, GoalError
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS
from mlcore.learning.planning import make_plan

GOAL = Goal(target="y", task="binary", metric="")
Described = Callable[..., Schema]


def table(rows: int = 400) -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame({"a": random.normal(size=rows), "y": random.choice(["yes", "no"], rows)})


def test_cheap_and_telling_candidates_come_first(schema_of: Described) -> None:
    plan, _ = make_plan(table(), schema_of(table()), "table", GOAL)
    assert [candidate.key for candidate in plan.candidates][:5] == [
        "baseline",
        "rule",
        "linear",
        "lightgbm",
        "lightgbm-calm",
    ]
    keys = [candidate.key for candidate in plan.candidates]
    assert len(keys) == len(set(keys))


def test_the_same_content_is_the_same_plan(schema_of: Described) -> None:
    first, _ = make_plan(table(), schema_of(table()), "table", GOAL)
    same, _ = make_plan(table(), schema_of(table()), "table", GOAL)
    other, _ = make_plan(table(), schema_of(table()), "table", GOAL, seed=1)
    assert first.id == same.id != other.id


@pytest.mark.parametrize("metric", ["mae", "smape", "rmsle"])
def test_the_middle_is_aimed_for_when_the_metric_asks_for_it(schema_of: Described, metric: str) -> None:
    frame = table().assign(y=np.random.default_rng(1).lognormal(size=400))
    plan, _ = make_plan(frame, schema_of(frame), "table", Goal(target="y", task="regression", metric=metric))
    aims = {candidate.model: candidate.params.get("aim") for candidate in plan.candidates}
    assert (aims["lightgbm"], aims["baseline"], aims["linear"]) == ("median", "median", "median")
    assert aims["extra"] is None


def test_dates_that_do_not_order_the_rows_are_pointed_out(schema_of: Described) -> None:
    frame = table().assign(day=pd.date_range("2024-01-01", periods=400))
    for time, pointed_out in ((None, True), ("day", False)):
        _, findings = make_plan(frame, schema_of(frame), "table", Goal(target="y", task="binary", metric="", time=time))
        assert ("time_not_declared" in {finding.code for finding in findings}) is pointed_out


def test_a_kind_that_does_not_suit_the_table_is_skipped_with_a_reason(schema_of: Described) -> None:
    small = table(90)
    plan, findings = make_plan(small, schema_of(small), "table", GOAL)
    assert "net" not in {candidate.model for candidate in plan.candidates}
    skipped = {finding.title: finding.what for finding in findings if finding.code == "model_skipped"}
    assert skipped["Neural net is not tried"] == "It is meant for 100 to 300,000 rows, here are 90."
    assert skipped["Smooth surface (kernel ridge) is not tried"] == "It is made for numbers only."
    with pytest.raises(GoalError, match="None of the models"):
        make_plan(small, schema_of(small), "table", GOAL, models=("net",))
    with pytest.raises(ChoiceError, match="lightgbn"):
        make_plan(small, schema_of(small), "table", GOAL, models=("lightgbn",))


def test_a_kind_without_a_most_number_of_rows_names_none() -> None:
    assert MODELS["additive"].unfit("binary", 30, 2, 10) == "is meant for 50 rows or more, here are 30"


def test_models_asked_for_come_with_the_baseline(schema_of: Described) -> None:
    plan, _ = make_plan(table(), schema_of(table()), "table", GOAL, models=("rule",))
    assert {candidate.model for candidate in plan.candidates} == {"baseline", "rule"}


def test_a_rare_label_does_not_cost_the_others_their_folds(schema_of: Described) -> None:
    frame = table().assign(y=["yes"] * 3 + ["no"] * 397)
    plan, _ = make_plan(frame, schema_of(frame), "table", GOAL)
    assert plan.validation.folds == 5
    assert plan.goal.metric == "average_precision"
