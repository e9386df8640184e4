from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Schema
from mlcore.errors import ColumnError, GoalError
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.metrics import METRICS, Metric
from mlcore.learning.audit import audit
from mlcore.learning.goal import Goal

Described = Callable[..., Schema]


def table(target: object, rows: int = 60) -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame({"a": random.normal(size=rows), "b": random.choice(list("xyz"), rows), "y": target})


def goal(task: str, **more: object) -> Goal:
    return Goal(**{"target": "y", "task": task, "metric": ""} | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "task", "said"),
    [
        ([None] * 60, "binary", "empty in every row"),
        ([np.nan] * 60, "regression", "empty in every row"),
        (["yes"] * 60, "binary", "same label in every row: 'yes'"),
        ([3.0] * 60, "regression", "same value in every row"),
        (["no"] * 59 + ["yes"], "binary", "'yes' occurs in one row only"),
        ([f"row {number}" for number in range(60)], "multiclass", "Every label of the target occurs in one row only"),
        (["a", "b", "c"] * 20, "binary", "has two labels, this one has 3"),
        (["1.5", "two"] * 30, "regression", "no finite numbers: 'two'"),
        (["yes", "no"] * 5 + [None] * 50, "binary", "Only 10 rows"),
    ],
)
def test_a_target_that_cannot_be_learned_is_refused_with_a_remedy(
    target: list[object], task: str, said: str, schema_of: Described
) -> None:
    frame = table(target)
    with pytest.raises(GoalError, match=said) as refused:
        audit(frame, schema_of(frame), goal(task))
    assert refused.value.remedy


def test_a_target_with_very_many_labels_is_refused(schema_of: Described) -> None:
    frame = table([f"n{number // 2}" for number in range(240)], rows=240)
    with pytest.raises(GoalError, match="120 different labels"):
        audit(frame, schema_of(frame), goal("multiclass"))


def test_names_that_do_not_exist_or_clash_are_refused(schema_of: Described) -> None:
    frame = table(["yes", "no"] * 30)
    with pytest.raises(ColumnError, match="'z'"):
        audit(frame, schema_of(frame), goal("binary", exclude=("z",)))
    with pytest.raises(GoalError, match="both the target and the group"):
        audit(frame, schema_of(frame), goal("binary", group="y"))
    with pytest.raises(GoalError, match="cannot score"):
        audit(frame, schema_of(frame), goal("binary", metric="rmse"))
    with pytest.raises(GoalError, match="count as yes"):
        audit(frame, schema_of(frame), goal("binary", positive="maybe"))
    with pytest.raises(GoalError, match="only one group"):
        audit(frame.assign(g=1), schema_of(frame.assign(g=1)), goal("binary", group="g"))
    with pytest.raises(GoalError, match="different readable times"):
        audit(frame, schema_of(frame), goal("binary", time="b"))
    with pytest.raises(GoalError, match="No column is left"):
        audit(frame, schema_of(frame), goal("binary", exclude=("a", "b")))


@pytest.mark.parametrize(
    ("task", "target", "metric", "sentence"),
    [
        ("regression", np.arange(-1.0, 59.0), "rmsle", r"−1 or less \(1 rows\) \(column 'y'\)\. Use RMSE"),
        ("regression", np.arange(60.0), "mape", r"true value is 0 \(1 rows\) \(column 'y'\)\. Use the mean"),
        ("multiclass", ["a", "b", "c"] * 20, "top_3_accuracy", r"there are 3: .* \(column 'y'\)\. Use accuracy"),
    ],
)
def test_a_metric_that_cannot_score_even_the_truth_is_refused(
    schema_of: Described, task: str, target: object, metric: str, sentence: str
) -> None:
    frame = table(target)
    with pytest.raises(GoalError, match=sentence):
        audit(frame, schema_of(frame), goal(task, metric=metric))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_a_metric_that_fits_the_target_is_accepted(schema_of: Described, metric: Metric) -> None:
    targets = {"binary": ["y", "n"] * 30, "multiclass": list("abcd") * 15, "regression": np.arange(1.0, 61.0)}
    costs = Costs(tp=1.0, fp=-1.0) if metric.key == "value" else None
    for task in metric.tasks:
        frame = table(targets[task])
        assert audit(frame, schema_of(frame), goal(task, metric=metric.key, costs=costs)).goal.metric == metric.key


def test_the_metric_and_the_positive_label_are_filled_in(schema_of: Described) -> None:
    frame = table(["good", "bad"] * 30)
    done = audit(frame, schema_of(frame), goal("binary")).goal
    assert (done.metric, done.positive) == ("roc_auc", "bad")
    numbers = table(np.random.default_rng(0).normal(size=60))
    assert audit(numbers, schema_of(numbers), goal("regression")).goal.metric == "rmse"


def test_a_planted_copy_of_the_target_is_excluded_until_it_is_kept(schema_of: Described) -> None:
    frame = table(["yes", "no"] * 100, rows=200).assign(copy=["ja", "nein"] * 100)
    checked = audit(frame, schema_of(frame), goal("binary"))
    assert [column.name for column in checked.schema.features] == ["a", "b"]
    leak = next(finding for finding in checked.findings if finding.code == "leak")
    assert (leak.level, leak.columns) == ("stop", ("copy",))
    kept = audit(frame, schema_of(frame), goal("binary", keep=("copy",)))
    assert "copy" in [column.name for column in kept.schema.features]
    assert next(finding for finding in kept.findings if finding.code == "leak").level == "watch"


def test_identifiers_and_constants_are_left_out_and_said(schema_of: Described) -> None:
    frame = table(["yes", "no"] * 30).assign(id=[f"r{number}" for number in range(60)], one="1")
    schema = schema_of(frame, id="identifier", one="constant")
    checked = audit(frame, schema, goal("binary"))
    assert [column.name for column in checked.schema.features] == ["a", "b"]
    assert {finding.code for finding in checked.findings} == {"identifier_left_out", "constant_left_out"}
    assert "id" in [c.name for c in audit(frame, schema, goal("binary", keep=("id",))).schema.features]


def test_a_rare_label_among_many_is_left_out_and_said(schema_of: Described) -> None:
    frame = table(["a", "b", "c"] * 19 + ["a", "b", "rare"])
    checked = audit(frame, schema_of(frame), goal("multiclass"))
    assert checked.target.labels == ("a", "b", "c")
    assert any(finding.code == "label_left_out" and finding.level == "stop" for finding in checked.findings)


def test_costs_choose_the_metric_and_must_make_sense(schema_of: Described) -> None:
    frame = table(["yes", "no"] * 30)
    costs = Costs(tp=9.0, fp=-1.0)
    done = audit(frame, schema_of(frame), goal("binary", costs=costs)).goal
    assert (done.metric, done.threshold) == ("value", pytest.approx(0.1))
    with pytest.raises(GoalError, match="needs their costs"):
        audit(frame, schema_of(frame), goal("binary", metric="value"))
    with pytest.raises(GoalError, match="every row would get the same answer"):
        audit(frame, schema_of(frame), goal("binary", costs=Costs(tp=9.0)))
    with pytest.raises(GoalError, match="are for a yes or no"):
        audit(table(list("abc") * 20), schema_of(frame), goal("multiclass", costs=costs))
    for none in (Costs(), Costs(tp=1.0, fn=2.0, tn=1.0)):
        with pytest.raises(GoalError, match="every row would get the same answer"):
            audit(frame, schema_of(frame), goal("binary", costs=none))
    for endless in (Costs(tp=np.inf, fp=-1.0), Costs(tp=1.0, fp=-np.inf), Costs(tp=np.nan, fp=-1.0)):
        with pytest.raises(GoalError, match="A cost is not a finite number"):
            audit(frame, schema_of(frame), goal("binary", costs=endless, metric="log_loss"))
    both = audit(frame, schema_of(frame), goal("binary", costs=costs, class_weight="balanced"))
    assert "costs_and_class_weights" in {finding.code for finding in both.findings}


def test_the_time_of_a_row_is_never_said_to_give_the_target_away(schema_of: Described) -> None:
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(300), unit="D")
    frame = pd.DataFrame({"day": days, "y": np.arange(300.0), "a": np.random.default_rng(0).normal(size=300)})
    found = {order: audit(frame, schema_of(frame), goal("regression", time=order)) for order in (None, "day")}
    assert [finding.columns for finding in found[None].findings if finding.level == "stop"] == [("day",)]
    assert not [finding for finding in found["day"].findings if finding.level == "stop"]
    assert "day" in [column.name for column in found["day"].schema.features]
