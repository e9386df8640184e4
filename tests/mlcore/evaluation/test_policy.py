from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlcore import records
from mlcore.errors import BundleError, UserError
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.policy import (
    Abstain,
    Band,
    Capacity,
    GroupThresholds,
    Interval,
    Lean,
    Policy,
    Rule,
    Sets,
    checked,
    policy_of,
)

YES_NO = Policy(
    task="binary",
    labels=("no", "yes"),
    positive="yes",
    threshold=0.2,
    costs=Costs(tp=40.0, fp=-10.0),
    currency="€",
    capacity=Capacity(cases=500, per="week"),
    volume=4000.0,
    refer=Band(low=0.15, high=0.3),
    rules=(
        Rule(column="age", op="<", value=18.0, then="no", why="Minors are never called."),
        Rule(column="city", op="is", value="Bonn"),
    ),
    group_thresholds=GroupThresholds(column="city", thresholds={"Ulm": 0.3}),
    wanted=({"name": "city", "kind": "category"},),
)
SEVERAL = Policy(
    task="multiclass",
    labels=("a", "b"),
    matrix=((0.0, -1.0), (-5.0, 0.0)),
    sets=Sets(coverage=0.9, method="aps", cut=0.93),
    abstain=Abstain(largest=1, least=0.4),
)
NUMBER = Policy(
    task="regression",
    interval=Interval(coverage=0.9, low=-1.5, high=2.0, knots=(0.0, 10.0), spread=(1.0, 3.0)),
    lean=Lean(under=3.0, over=1.0, shift=0.7),
    rules=(Rule(column="closed", op="is empty", then=0.0),),
)


@pytest.mark.parametrize("policy", [YES_NO, SEVERAL, NUMBER])
def test_a_policy_comes_back_from_its_file_as_it_was(policy: Policy) -> None:
    assert checked(policy) is policy
    assert policy_of(json.loads(json.dumps(records.to_json(policy)))) == policy


def test_a_newer_format_is_refused_in_words() -> None:
    with pytest.raises(BundleError, match="newer version"):
        policy_of({"format": 3, "task": "binary"})


def test_a_capacity_is_told_by_the_month() -> None:
    assert Capacity(cases=500).monthly == 500
    assert Capacity(cases=1200, per="year").monthly == 100
    assert Capacity(cases=100, per="week").monthly == pytest.approx(434.8, abs=0.1)
    assert Capacity(cases=10, per="day").monthly == pytest.approx(304.4, abs=0.1)


def test_the_quantile_to_act_on_is_that_of_the_newsvendor() -> None:
    assert Lean(under=3.0, over=1.0, shift=0.0).quantile == 0.75


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (replace(YES_NO, costs=Costs(tp=float("inf"))), "not a finite number"),
        (replace(YES_NO, costs=Costs(tp=1.0, fn=2.0, fp=-1.0)), "missed yes is worth as much as a right yes or more"),
        (replace(YES_NO, costs=Costs(tp=1.0, fp=3.0)), "false yes is worth as much as a right no or more"),
        (replace(YES_NO, threshold=-0.1), "not a probability"),
        (replace(YES_NO, group_thresholds=GroupThresholds(column="x", thresholds={"a": float("nan")})), "probability"),
        (replace(YES_NO, refer=Band(low=0.4, high=0.4)), "band"),
        (replace(YES_NO, volume=0.0), "above 0"),
        (replace(YES_NO, capacity=Capacity(cases=-5)), "above 0"),
        (replace(YES_NO, rules=(Rule(column="x", op="is", then="maybe", value="a"),)), "Rule 1 answers 'maybe'"),
        (replace(YES_NO, rules=(Rule(column="x", op="<", then="no"),)), "compares with nothing"),
        (replace(YES_NO, rules=(Rule(column="x", op="~", value=1.0),)), "compares by"),  # type: ignore[arg-type]
        (replace(SEVERAL, matrix=((0.0, 1.0), (0.0, 0.0))), "worth more than being right where 'a' is true"),
        (replace(SEVERAL, matrix=((0.0,),)), "row and a column for each label"),
        (replace(SEVERAL, matrix=((0.0, float("inf")), (0.0, 0.0))), "finite"),
        (replace(SEVERAL, abstain=Abstain(least=2.0)), "no probability"),
        (replace(SEVERAL, sets=None), "cannot abstain"),
        (replace(NUMBER, interval=Interval(coverage=1.0, low=0.0, high=0.0)), "50 % and 100 %"),
        (replace(NUMBER, lean=Lean(under=0.0, over=1.0, shift=0.0)), "above 0"),
        (replace(NUMBER, rules=(Rule(column="x", op="is empty", then="none"),)), "answer with one"),
    ],
)
def test_what_cannot_be_meant_is_said_in_a_sentence(policy: Policy, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        checked(policy)
    assert caught.value.remedy
