"""Learning steps of a recipe: fitted on training rows only, applied the same everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.data.load import read_table, store_frame
from mlcore.data.outline import Lesson
from mlcore.data.prepare_table import prepared
from mlcore.data.recipe import EMPTY, Recipe
from mlcore.data.schema import Column, Schema
from mlcore.errors import GoalError
from mlcore.evaluation.predictions import Integers
from mlcore.learning import scoring
from mlcore.learning.audit import Origin, audit
from mlcore.learning.fields import fields_of
from mlcore.learning.fold import Material
from mlcore.learning.folder import RunFolder, wide
from mlcore.learning.goal import Goal
from mlcore.learning.lessons import learned, with_lessons
from mlcore.learning.plan import Plan
from mlcore.learning.planning import make_plan
from mlcore.learning.rounds import Portion
from mlcore.learning.split import Rows
from mlcore.learning.train import fit, out_of_fold, prepare

SCHEMA = Schema(
    columns=(
        Column(name="size", kind="numeric", storage="float"),
        Column(name="town", kind="categorical", storage="text"),
        Column(name="y", kind="boolean", storage="text", role="target"),
    )
)
LESSONS = {
    "size": (Lesson(do="cap", share=0.1), Lesson(do="fill", how="median")),
    "town": (Lesson(do="fill", how="most_frequent"), Lesson(do="merge", share=0.2, other="rare")),
}


def table() -> pd.DataFrame:
    random = np.random.default_rng(0)
    size = np.where(random.random(80) < 0.2, np.nan, random.normal(100, 10, 80))
    town = random.choice(["a", "b", "c", "d", None], 80, p=[0.4, 0.3, 0.1, 0.1, 0.1])
    return pd.DataFrame({"size": size, "town": pd.Series(town, dtype="str"), "y": ["yes", "no"] * 40})


def material(frame: pd.DataFrame) -> Material:
    fields = with_lessons(fields_of(SCHEMA, frame), LESSONS)
    codes = np.arange(len(frame), dtype=np.int64)
    return Material(
        task="binary",
        features=scoring.conform(frame, fields),
        truth=(codes % 2).astype(np.int64),
        rows=Rows(strata=codes % 2, blocks=codes),
        fields=fields,
        labels=2,
    )


TRAIN: Integers = np.arange(60, dtype=np.int64)


def test_rows_outside_the_training_part_do_not_change_what_is_learned() -> None:
    other = table()
    other.loc[60:, "size"], other.loc[60:, "town"] = 1e6, "z"
    one, two = material(table()).taught(TRAIN), material(other).taught(TRAIN)
    assert [field["lessons"] for field in one.fields] == [field["lessons"] for field in two.fields]
    pd.testing.assert_frame_equal(one.features.iloc[TRAIN], two.features.iloc[TRAIN])


def test_rows_inside_it_do() -> None:
    other = table()
    other.loc[:30, "size"] = 1e6
    assert material(table()).taught(TRAIN).fields[0]["lessons"] != material(other).taught(TRAIN).fields[0]["lessons"]


def test_each_lesson_does_what_it_says() -> None:
    known = table().iloc[TRAIN]
    taught = material(table()).taught(TRAIN)
    low, high = known["size"].quantile([0.1, 0.9])
    inside = known["size"].clip(low, high)
    np.testing.assert_allclose(taught.features["c0"].iloc[TRAIN], inside.fillna(inside.median()), rtol=1e-6)
    shares = known["town"].fillna("a").value_counts(normalize=True)
    assert set(taught.features["c1"]) == {*shares.index[shares >= 0.2], "rare"}
    assert taught.fields[1]["levels"] == taught.features["c1"].iloc[TRAIN].nunique()
    assert "c0_missing" not in taught.features


def test_without_lessons_the_very_same_material_is_used() -> None:
    frame = table()
    plain = material(frame)
    fields = fields_of(SCHEMA, frame)
    untaught = Material(
        task="binary", features=scoring.conform(frame, fields), truth=plain.truth, rows=plain.rows, fields=fields,
        labels=2,
    )  # fmt: skip
    assert untaught.taught(TRAIN) is untaught
    assert scoring.settled(untaught.features, fields) is untaught.features


def test_a_filled_column_is_not_flagged_as_missing() -> None:
    fields = with_lessons(fields_of(SCHEMA, table()), LESSONS)
    gaps = pd.DataFrame({"size": [None], "town": pd.Series([None], dtype="str")})
    assert scoring.flags(gaps, learned(scoring.conform(table(), fields), fields)) == [""]


def test_outliers_that_become_missing_leave_an_indicator() -> None:
    lessons = {"size": (Lesson(do="cap", share=0.1, missing=True),)}
    frame = table().fillna({"size": 100.0})
    fields = with_lessons(fields_of(SCHEMA, frame), lessons)
    features = scoring.conform(frame, fields)
    settled = scoring.settled(features, learned(features, fields))
    assert settled["c0"].isna().sum() > 5
    assert (settled["c0_missing"] == settled["c0"].isna()).all()


def test_a_column_that_is_empty_in_training_teaches_nothing() -> None:
    frame = table()
    fields = with_lessons(fields_of(SCHEMA, frame), LESSONS)
    features = scoring.conform(frame.assign(size=np.nan), fields)
    taught = learned(features, fields)
    assert [lesson["found"] for lesson in taught[0]["lessons"]] == [None, None]
    assert scoring.settled(features, taught)["c0"].isna().all()


@pytest.mark.parametrize("do", ["fill", "cap", "merge"])
def test_a_lesson_on_a_column_of_another_kind_does_nothing(do: str) -> None:
    schema = Schema(columns=(Column(name="day", kind="datetime", storage="datetime"),))
    frame = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=30)})
    fields = fields_of(schema, frame)
    assert with_lessons(fields, {"day": (Lesson(do=do, how="median", share=0.1),)}) == fields


def run_of(tmp_path: Path, frame: pd.DataFrame, recipe: Recipe, target: str = "y") -> RunFolder:
    raw = store_frame(frame, tmp_path / "raw.parquet")
    card = prepared(raw, recipe, tmp_path / "prepared" / "table.parquet", {})
    origin = Origin(recipe=recipe, inputs=raw.schema)
    goal = Goal(target=target, task="binary", metric="roc_auc")
    plan, _ = make_plan(read_table(card), card.schema, card.fingerprint, goal, models=["linear"], origin=origin)
    prepare(Path(card.path), plan, tmp_path / "run", Path(raw.path))
    return RunFolder(tmp_path / "run")


FILLED = EMPTY.added("fill", {"columns": ["size"], "how": "mean"}).added("merge_rare", {"columns": ["town"]})


@pytest.mark.slow
def test_in_a_run_every_fold_learns_from_its_own_training_rows(tmp_path: Path) -> None:
    run = run_of(tmp_path, pd.concat([table()] * 5, ignore_index=True).assign(x=range(400)), FILLED)
    means = set()
    linear = next(candidate for candidate in run.plan.candidates if candidate.key == "linear")
    for train, _ in run.split.pairs():
        taught = Portion.of(run, linear).material.taught(train)
        found = taught.fields[0]["lessons"][0]["found"]["value"]
        assert found == pytest.approx(wide(run.features_of(train))["c0"].mean(), rel=1e-6)
        means.add(found)
    assert len(means) > 1
    final = run.spec["fields"][0]["lessons"][0]["found"]["value"]
    assert final == pytest.approx(wide(run.features_of(run.split.training))["c0"].mean(), rel=1e-6)
    assert fit(run.path, "linear").state == "done"
    assert np.isfinite(out_of_fold(run.path, "linear").values).all()


@pytest.mark.slow
def test_the_most_frequent_category_fills_gaps_in_stored_runs_too(tmp_path: Path) -> None:
    filled = EMPTY.added("fill", {"columns": ["town"], "how": "most_frequent"})
    run = run_of(tmp_path, pd.concat([table()] * 2, ignore_index=True).assign(x=range(160)), filled)
    assert (run.features_of(run.split.training)["c1"] == scoring.MISSING).any()
    assert not (run.ready_of(np.arange(len(run.truth)))["c1"] == scoring.MISSING).any()
    trial = fit(run.path, "linear")
    assert trial.state == "done", trial.reason


def test_the_plan_keeps_the_recipe_and_reads_without_one(tmp_path: Path) -> None:
    run = run_of(tmp_path, pd.concat([table()] * 2, ignore_index=True).assign(x=range(160)), FILLED)
    assert run.plan.recipe == FILLED
    assert run.plan.inputs is not None
    older = {key: value for key, value in records.to_json(run.plan).items() if key not in ("recipe", "inputs")}
    read = records.from_json(Plan, older)
    assert (read.recipe, read.inputs, read.asked) == (EMPTY, None, read.schema.features)


def test_a_column_made_from_the_target_is_left_out_and_said() -> None:
    recipe = EMPTY.added("derive", {"name": "late", "expression": "if(delay > 5, 'yes', 'no')"}).added(
        "derive", {"name": "twice", "expression": "delay * 2"}
    )
    frame = pd.DataFrame({"delay": np.arange(60) % 11, "hour": np.arange(60) % 24})
    frame = frame.assign(late=np.where(frame["delay"] > 5, "yes", "no"), twice=frame["delay"] * 2)
    columns = [Column(name=name, kind="integer", storage="integer") for name in ("delay", "hour", "twice")]
    schema = Schema(columns=(*columns, Column(name="late", kind="boolean", storage="text")))
    inputs = Schema(columns=tuple(columns[:2]))
    goal = Goal(target="late", task="binary", metric="roc_auc")
    found = audit(frame, schema, goal, Origin(recipe=recipe, inputs=inputs))
    assert {column.name for column in found.schema.features} == {"hour"}
    told = next(finding for finding in found.findings if finding.code == "made_from_target")
    assert told.columns == ("delay", "twice")
    kept = Goal(target="late", task="binary", metric="roc_auc", keep=("delay",))
    again = audit(frame, schema, kept, Origin(recipe=recipe, inputs=inputs))
    assert "delay" in {column.name for column in again.schema.features}
    with pytest.raises(GoalError, match="No column is left"):
        audit(frame.drop(columns="hour"), Schema(columns=(columns[0], columns[2], schema["late"])), goal,
              Origin(recipe=recipe, inputs=inputs))  # fmt: skip


@pytest.mark.parametrize(
    ("step", "params", "told"),
    [
        ("filter_rows", {"expression": "late = 'yes' or hour > 4"}, True),
        ("filter_rows", {"expression": "hours_late > 2"}, True),
        ("filter_rows", {"expression": "not missing(hours_late)"}, False),
        ("filter_rows", {"expression": "hour > 4"}, False),
        ("join", {"dataset": "o", "keys": [["late", "k"]], "take": ["w"], "unmatched": "drop"}, True),
        ("join", {"dataset": "o", "keys": [["late", "k"]], "take": ["w"]}, False),
    ],
)
def test_rows_that_are_chosen_by_the_outcome_are_said(step: str, params: dict[str, object], told: bool) -> None:
    recipe = EMPTY.added("rename", {"pairs": [["delay", "hours_late"]]})
    recipe = recipe.added("derive", {"name": "late", "expression": "if(hours_late > 5, 'yes', 'no')"})
    frame = pd.DataFrame({"hour": np.arange(60) % 24, "late": ["yes", "no", "no"] * 20})
    hour = Column(name="hour", kind="integer", storage="integer")
    schema = Schema(columns=(hour, Column(name="late", kind="boolean", storage="text")))
    inputs = Schema(columns=(hour, Column(name="delay", kind="integer", storage="integer")))
    goal = Goal(target="late", task="binary", metric="roc_auc")
    found = audit(frame, schema, goal, Origin(recipe=recipe.added(step, params), inputs=inputs)).findings
    assert [one.level for one in found if one.code == "chosen_by_target"] == ["watch"] * told
