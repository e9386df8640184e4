"""Records survive the way through JSON."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlcore import records
from mlcore.data.schema import Column, Schema
from mlcore.findings import Finding
from mlcore.learning.goal import Goal
from mlcore.learning.plan import Candidate, Plan, Validation
from mlcore.learning.run import Run, Trial

GOAL = Goal(target="y", task="binary", metric="roc_auc", positive="yes", exclude=("a", "b"))
PLAN = Plan(
    goal=GOAL,
    schema=Schema(columns=(Column(name="x", kind="numeric", storage="float", low=0.0, high=1.5),)),
    fingerprint="f" * 64,
    validation=Validation(method="folds", folds=5, holdout=10),
    candidates=(Candidate(key="linear-1", model="linear", title="Linear", params={"c": 1.0, "l1": False}),),
    seconds=60.0,
)


def test_a_plan_comes_back_equal() -> None:
    assert records.from_json(Plan, records.to_json(PLAN)) == PLAN


def test_a_plan_keeps_its_id_on_disk(tmp_path: Path) -> None:
    records.write(tmp_path / "plan.json", PLAN)
    assert records.read(Plan, tmp_path / "plan.json").id == PLAN.id


def test_a_run_with_trials_and_findings_comes_back_equal() -> None:
    finding = Finding(code="leak", level="stop", title="t", what="w", why="y", remedy="r", columns=("x",))
    trial = Trial(key="a", model="linear", title="A", state="done", score=0.9, weights=(("b", 0.5), ("c", 0.5)))
    run = Run(id="r", plan="p", state="done", trials=(trial,), findings=(finding,))
    assert records.from_json(Run, records.to_json(run)) == run


def test_numbers_that_are_not_finite_become_null_and_come_back_as_nan() -> None:
    column = Column(name="x", kind="numeric", storage="float", missing=math.nan, low=math.inf)
    data = records.to_json(column)
    assert data["missing"] is None
    back = records.from_json(Column, data)
    assert math.isnan(back.missing)
    assert back.low is None


def test_numpy_values_become_plain_ones() -> None:
    assert records.to_json({"a": np.float64(1.5), "b": np.arange(3)}) == {"a": 1.5, "b": [0, 1, 2]}


def test_an_unknown_key_of_a_later_version_is_left_out() -> None:
    data = records.to_json(GOAL) | {"later": 1}
    assert records.from_json(Goal, data) == GOAL


@given(st.text(), st.lists(st.text(), max_size=4))
def test_any_column_name_survives(target: str, names: list[str]) -> None:
    goal = Goal(target=target, task="regression", metric="rmse", exclude=tuple(names))
    assert records.from_json(Goal, records.to_json(goal)) == goal


OLD_PLAN = """{
 "goal": {"target": "y", "task": "binary", "metric": "roc_auc", "positive": "yes", "time": null, "group": null,
  "exclude": ["a", "b"], "keep": [], "success": null, "at_random": false, "owner": "", "purpose": ""},
 "schema": {"columns": [{"name": "x", "kind": "numeric", "storage": "float", "role": "feature", "reason": "",
  "confidence": 1.0, "missing": 0.0, "distinct": 0, "categories": [], "low": 0.0, "high": 1.5, "known": true,
  "example": "", "day_first": null, "label": "", "unit": "", "meaning": "", "expected_low": null,
  "expected_high": null}]},
 "fingerprint": "f", "validation": {"method": "folds", "folds": 5, "repeats": 1, "holdout": 10, "reason": ""},
 "candidates": [{"key": "linear", "model": "linear", "title": "Linear", "params": {"strength": 1.0}}],
 "seconds": 60.0, "seed": 0, "recipe": {"steps": []}, "inputs": null
}"""
"""As it was written before a goal could ask for weights, a given split, constraints or costs."""


def test_a_plan_of_an_earlier_version_opens_and_keeps_its_id() -> None:
    plan = records.from_json(Plan, json.loads(OLD_PLAN))
    assert plan.goal == replace(GOAL, weight=None, class_weight=None)
    assert plan.id == "2f6c17cd6576"
    assert replace(plan, goal=replace(plan.goal, weight="w")).id != plan.id
