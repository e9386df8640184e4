"""Models are told how late a row is exactly where that is measured to help on later rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Schema
from mlcore.handoff.shipped.rows import Reader
from mlcore.learning.fields import calendar, fields_of
from mlcore.learning.goal import Goal
from mlcore.learning.planning import make_plan
from mlcore.learning.scoring import Scorer, conform
from mlcore.learning.train import fit, prepare

Described = Callable[..., Schema]
GOAL = Goal(target="y", task="regression", metric="rmse", time="day", recent=0)
"""All rows count alike: that is said instead of measured, which would take most of the time."""


def dated(rise: float, rows: int = 900, seed: int = 0) -> pd.DataFrame:
    """The level of `y` rises by so much over the rows, beside what `x` does."""
    random = np.random.default_rng(seed)
    x = random.normal(size=rows)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(rows), unit="D")
    y = x + rise * np.arange(rows) / rows + random.normal(scale=0.3, size=rows)
    return pd.DataFrame({"x": x, "day": days, "y": y})


def test_where_the_level_rises_models_are_told_how_late_a_row_is(schema_of: Described) -> None:
    frame = dated(10.0)
    plan, findings = make_plan(frame, schema_of(frame), "table", GOAL, models=("linear",))
    assert plan.trend
    (said,) = [finding for finding in findings if finding.code.startswith("trend")]
    assert said.code == "trend_told"
    assert said.what.count("RMSE") == 1


@pytest.mark.parametrize("seed", range(3))
def test_where_it_stays_they_are_told_only_where_in_the_calendar(seed: int, schema_of: Described) -> None:
    frame = dated(0.0, seed=seed)
    plan, findings = make_plan(frame, schema_of(frame), "table", GOAL, models=("linear",))
    assert not plan.trend
    assert "trend_not_told" in {finding.code for finding in findings}


def test_a_model_that_is_not_told_says_the_same_of_the_same_day_of_any_year(
    tmp_path: Path, schema_of: Described
) -> None:
    frame = dated(0.0)
    path = tmp_path / "table.parquet"
    frame.to_parquet(path)
    plan, _ = make_plan(frame, schema_of(frame), "table", GOAL, models=("linear",))
    prepare(path, plan, tmp_path / "run")
    fields = json.loads((tmp_path / "run" / "spec.json").read_text())["fields"]
    (parts,) = [field["parts"] for field in fields if field["name"] == "day"]
    assert {"days", "year"}.isdisjoint(parts)
    assert fit(tmp_path / "run", "linear").state == "done"
    asked = pd.DataFrame({"x": [0.5, 0.5], "day": pd.to_datetime(["2025-02-01", "2031-02-01"])})  # both a Saturday
    now, later = Scorer.load(tmp_path / "run" / "trials" / "linear" / "model").values(asked)
    assert now == later


def test_days_between_two_dates_are_told_also_where_the_dates_are_not(tmp_path: Path, schema_of: Described) -> None:
    frame = dated(0.0, rows=300)
    waited = np.random.default_rng(3).integers(0, 90, 300)
    frame["asked"] = frame["day"] - pd.to_timedelta(waited, unit="D")
    frame["y"] = waited * 1.0
    path = tmp_path / "table.parquet"
    frame.to_parquet(path)
    goal = Goal(target="y", task="regression", metric="rmse", at_random=True)
    plan, _ = make_plan(frame, schema_of(frame), "table", goal, models=("linear",))
    prepare(path, replace(plan, trend=False), tmp_path / "run")
    trial = fit(tmp_path / "run", "linear")
    assert trial.score is not None
    assert trial.score < 0.1 * float(frame["y"].std())
    scorer = Scorer.load(tmp_path / "run" / "trials" / "linear" / "model")
    parts = conform(frame, scorer.fields)
    assert not [name for name in parts.columns if name.endswith(("_days", "_year"))]
    rows = json.loads(frame[["x", "day", "asked"]].to_json(orient="records", date_format="iso", date_unit="s"))
    served = Reader(scorer.fields).read(rows).parts()
    assert sorted(served) == sorted(parts.columns)
    assert all(np.allclose(served[name], parts[name]) for name in served)


def test_what_comes_round_is_told_where_it_did(schema_of: Described) -> None:
    parts = {}
    for days in (3, 40, 800):
        frame = dated(0.0, rows=days)[["x", "day"]]
        (field,) = [one for one in calendar(fields_of(schema_of(frame), frame)) if one["kind"] == "time"]
        parts[days] = set(field["parts"])
    assert parts == {3: set(), 40: {"day", "weekday"}, 800: {"month", "yearday", "day", "weekday"}}


def test_it_is_not_measured_without_an_order_or_on_few_rows(schema_of: Described) -> None:
    few = dated(0.0, rows=300)
    unordered = Goal(target="y", task="regression", metric="rmse", at_random=True)
    for frame, goal in ((few, GOAL), (dated(0.0), unordered)):
        plan, findings = make_plan(frame, schema_of(frame), "table", goal, models=("linear",))
        assert plan.trend
        assert not any(finding.code.startswith("trend") for finding in findings)


def test_a_date_without_any_part_left_trains(tmp_path: Path, schema_of: Described) -> None:
    frame = dated(0.0, rows=300)
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(300) // 100, unit="D")
    path = tmp_path / "table.parquet"
    frame.to_parquet(path)
    goal = Goal(target="y", task="regression", metric="rmse", at_random=True)
    plan, _ = make_plan(frame, schema_of(frame), "table", goal, models=("linear", "lightgbm"))
    prepare(path, replace(plan, trend=False), tmp_path / "run")
    for candidate in ("linear", "lightgbm"):
        assert fit(tmp_path / "run", candidate).state == "done"


def test_a_column_that_only_counts_time_goes_with_it_unless_it_is_to_be_kept(schema_of: Described) -> None:
    frame = dated(0.0).assign(number=np.arange(900), month=lambda rows: rows["day"].dt.month % 12)
    plan, findings = make_plan(frame, schema_of(frame), "table", GOAL, models=("linear",))
    assert [column.name for column in plan.schema.features] == ["x", "day", "month"]
    (said,) = [finding for finding in findings if finding.code == "trend_not_told"]
    assert "'number': left out" in said.what
    kept, _ = make_plan(frame, schema_of(frame), "table", replace(GOAL, keep=("number",)), models=("linear",))
    assert "number" in [column.name for column in kept.schema.features]


def test_where_there_is_nothing_but_the_position_it_is_told(schema_of: Described) -> None:
    frame = dated(0.0)[["day", "y"]]
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(len(frame)), unit="min")
    plan, _ = make_plan(frame, schema_of(frame), "table", GOAL, models=("linear",))
    assert plan.trend


def test_a_few_cells_in_order_do_not_make_a_column_count_time(schema_of: Described) -> None:
    frame = dated(0.0).assign(seldom=np.where(np.arange(900) % 200 == 0, np.arange(900.0), np.nan))
    plan, _ = make_plan(frame, schema_of(frame), "table", GOAL, models=("linear",))
    assert "seldom" in [column.name for column in plan.schema.features]
