"""Recipes in the workspace: saved, carried out by a job, gone back on at once, and followed by whoever joins them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcore import explanation, records
from mlcore.data.load import read_table, store_frame
from mlcore.data.recipe import EMPTY, Recipe
from mlcore.errors import UserError
from mlcore.learning.goal import Goal
from mlcore.workspace.job import JobKind
from mlcore.workspace.scorer import Scorer
from mlcore.workspace.store import Store
from mlcore.workspace.work import WORK, Errand
from tests.kept import InlineEngine


async def at_once(_: str, function: Any) -> Any:
    return function()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def dataset(store: Store, tmp_path: Path) -> str:
    frame = pd.DataFrame({"x": range(40), "town": ["Bonn", "Köln"] * 20, "y": ["yes", "no", "no", "yes"] * 10})
    return store.add_dataset(store_frame(frame, tmp_path / "t.parquet", "rows"))


def work(store: Store, kind: JobKind, **args: Any) -> str:
    job = store.submit(kind, args, kind)
    asyncio.run(WORK[kind].carry_out(errand_of(store, job)))
    return job


def errand_of(store: Store, job: str) -> Errand:
    return Errand(
        job=store.job(job), store=store, engine=InlineEngine(), step=at_once, wish=lambda: None, tell=lambda *_: None
    )


FILTER = EMPTY.added("filter_rows", {"expression": "x >= 10"})


def test_a_saved_recipe_is_shown_once_its_table_is_made(store: Store, dataset: str) -> None:
    assert not store.set_recipe(dataset, FILTER)
    assert store.dataset(dataset).rows == 40
    assert not store.is_prepared(dataset)
    work(store, "prepare", dataset=dataset)
    assert store.is_prepared(dataset)
    assert store.dataset(dataset).rows == 30
    assert store.raw(dataset).rows == 40
    assert store.dataset(dataset).recipe == store.recipe(dataset) == FILTER
    assert store.datasets()[0].dataset.rows == 30
    assert store.profile(dataset) is not None
    assert store.recipe_accounts(dataset)[0].after == 30


def test_going_back_takes_no_job(store: Store, dataset: str) -> None:
    work(store, "prepare", dataset=dataset, recipe=records.to_json(FILTER))
    work(store, "prepare", dataset=dataset, recipe=records.to_json(FILTER.added("drop", {"columns": ["town"]})))
    assert "town" not in store.dataset(dataset).schema
    assert store.set_recipe(dataset, FILTER)
    assert "town" in store.dataset(dataset).schema
    assert store.set_recipe(dataset, EMPTY)
    assert store.dataset(dataset).rows == 40
    assert store.set_recipe(dataset, FILTER.switched("1", on=False))


def test_a_recipe_that_does_not_fit_leaves_the_table_as_it_was(store: Store, dataset: str) -> None:
    work(store, "prepare", dataset=dataset, recipe=records.to_json(FILTER))
    store.set_recipe(dataset, FILTER.added("drop", {"columns": ["nope"]}))
    with pytest.raises(UserError, match="nope"):
        work(store, "prepare", dataset=dataset)
    assert store.dataset(dataset).rows == 30
    folder = Path(store.dataset(dataset).path).parent.parent
    assert [path.name for path in folder.iterdir()] == [Path(store.dataset(dataset).path).parent.name]


def test_a_recipe_saved_meanwhile_is_not_overwritten(store: Store, dataset: str) -> None:
    store.set_recipe(dataset, FILTER)
    name = store.prepared_name(dataset, FILTER)
    store.set_recipe(dataset, EMPTY)
    assert not store.apply_recipe(dataset, name)
    assert store.dataset(dataset).rows == 40


def test_old_tables_are_forgotten_but_the_one_shown_stays(store: Store, dataset: str) -> None:
    for number in range(9):
        steps = EMPTY.added("filter_rows", {"expression": f"x >= {number}"})
        work(store, "prepare", dataset=dataset, recipe=records.to_json(steps))
    kept = list((Path(store.dataset(dataset).path).parent.parent).iterdir())
    assert 6 <= len(kept) <= 7
    assert Path(store.dataset(dataset).path).is_file()


def test_kinds_that_people_choose_hold_for_raw_and_prepared(store: Store, dataset: str) -> None:
    store.set_kind(dataset, "x", "categorical")
    work(store, "prepare", dataset=dataset, recipe=records.to_json(FILTER.added("rename", {"pairs": [["x", "z"]]})))
    assert store.dataset(dataset).schema["z"].kind == "categorical"
    store.set_kind(dataset, "z", "integer")
    assert store.dataset(dataset).schema["z"].kind == "integer"
    assert store.raw(dataset).schema["x"].kind == "categorical"


def test_a_joined_dataset_that_changes_names_another_table(store: Store, dataset: str, tmp_path: Path) -> None:
    towns = store_frame(pd.DataFrame({"town": ["Bonn", "Trier"], "size": [3, 1]}), tmp_path / "towns.parquet")
    other = store.add_dataset(towns)
    steps = EMPTY.added("join", {"dataset": other, "keys": [["town", "town"]], "take": ["size"]})
    before = store.prepared_name(dataset, steps)
    work(store, "prepare", dataset=dataset, recipe=records.to_json(steps))
    assert read_table(store.dataset(dataset))["size"].notna().sum() == 20
    work(store, "prepare", dataset=other, recipe=records.to_json(EMPTY.added("cap", {"columns": ["size"], "high": 2})))
    assert store.prepared_name(dataset, steps) != before
    store.remove_dataset(other)
    assert "size" in store.dataset(dataset).schema, "what was made stays"


def again(store: Store, path: Path, frame: pd.DataFrame, old: str | None = None) -> str:
    frame.to_csv(path, index=False)
    args = {"path": str(path), "name": "rows"} | ({"again": old} if old else {})
    job = store.submit("import", args, "Import")
    told = asyncio.run(WORK["import"].carry_out(errand_of(store, job)))
    return str(told.result["dataset"])


def test_next_months_file_gets_the_same_recipe(store: Store, tmp_path: Path) -> None:
    frame = pd.DataFrame({"Weight": [float(n) / 3 for n in range(40)], "town": ["Bonn", "Trier"] * 20})
    old = again(store, tmp_path / "one.csv", frame)
    store.set_kind(old, "Weight", "categorical")
    steps = EMPTY.added("rename", {"pairs": [["Weight", "weight"]]}).added(
        "derive", {"name": "heavy", "expression": "if(weight > 5, 'yes', 'no')"}
    )
    work(store, "prepare", dataset=old, recipe=records.to_json(steps))
    store.save_goal(old, Goal(target="heavy", task="binary", metric="roc_auc"))
    new = again(store, tmp_path / "two.csv", frame.assign(Weight=frame["Weight"] + 2), old)
    card = store.dataset(new)
    assert card.recipe == store.recipe(new) == steps
    assert card.schema["weight"].kind == "categorical"
    assert store.goal(new) == store.goal(old)
    assert store.profile(new) is not None


def test_a_recipe_that_does_not_fit_the_next_file_is_a_finding(store: Store, tmp_path: Path) -> None:
    frame = pd.DataFrame({"weight": [float(n) / 3 for n in range(40)], "town": ["Bonn", "Trier"] * 20})
    old = again(store, tmp_path / "one.csv", frame)
    work(store, "prepare", dataset=old, recipe=records.to_json(EMPTY.added("drop", {"columns": ["town"]})))
    new = again(store, tmp_path / "two.csv", frame.rename(columns={"town": "city"}), old)
    assert store.dataset(new).schema.names == ("weight", "city")
    told = json.loads(store.changes_path(new).read_text())
    assert "recipe_not_carried" in {finding["code"] for finding in told}


def test_a_preview_shows_rows_before_and_after(store: Store, dataset: str) -> None:
    job = work(store, "recipe_preview", dataset=dataset, recipe=records.to_json(FILTER))
    seen = store.recipe_preview(job)
    assert seen is not None
    assert (len(seen.before), len(seen.after), sum(seen.gone)) == (40, 30, 10)
    assert seen.accounts[0].before == 40
    assert store.recipe(dataset) == Recipe()


@pytest.mark.usefixtures("one_round")
def test_a_run_learns_from_the_prepared_table_and_keeps_it(store: Store, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"Size": random.normal(size=200), "code": random.choice([-1, 1, 2], 200)})
    frame["y"] = np.where(frame["Size"] + random.normal(scale=1.5, size=200) > 0, "yes", "no")
    dataset = store.add_dataset(store_frame(frame, tmp_path / "s.parquet", "sizes"))
    steps = EMPTY.added("rename", {"pairs": [["Size", "size"]]}).added(
        "replace", {"columns": ["code"], "pairs": [["-1", None]]}
    )
    work(store, "prepare", dataset=dataset, recipe=records.to_json(steps))
    goal = Goal(target="y", task="binary", metric="roc_auc", positive="yes")
    run = work(
        store, "train", dataset=dataset, goal=records.to_json(goal), seconds=60.0, search=False, models=["linear"]
    )
    learned_from = Path(store.dataset(dataset).path)
    store.set_recipe(dataset, EMPTY)
    for number in range(9):
        more = EMPTY.added("filter_rows", {"expression": f"Size > {number / -10}"})
        work(store, "prepare", dataset=dataset, recipe=records.to_json(more))
    assert learned_from.is_file(), "a run keeps the table it learned from"
    work(store, "explain", run=run, key="linear", rows=20, seconds=5)
    folder = store.explanation_folder(run, "linear")
    assert folder is not None
    assert set(explanation.read(folder).columns) == {"size", "code"}
    frame.drop(columns="y").to_csv(tmp_path / "rows.csv", index=False)
    job = store.submit("score_file", {"run": run, "key": "linear", "path": str(tmp_path / "rows.csv")}, "Score")
    told = asyncio.run(WORK["score_file"].carry_out(errand_of(store, job)))
    assert told.result["rows"] == 200
    scored = pd.read_csv(told.result["file"])
    answers = Scorer(store.home)
    row = {"Size": float(frame["Size"][3]), "code": int(frame["code"][3])}
    asked = {"run": run, "key": "linear", "rows": [row]}
    said = answers.answer(json.dumps({"verb": "predict", **asked}).encode())["value"][0]
    assert said["probability_yes"] == pytest.approx(scored["probability_yes"][3])
    why = answers.answer(json.dumps({"verb": "explain", **asked}).encode())["value"]
    assert set(why["columns"]) == {"size", "code"}


def test_the_columns_before_each_step_are_known_at_once(store: Store, dataset: str) -> None:
    steps = EMPTY.added("rename", {"pairs": [["x", "z"]]}).added("derive", {"name": "half", "expression": "z / 2"})
    found = store.schemas_before(dataset, steps)
    assert [schema.names for schema in found] == [
        ("x", "town", "y"), ("z", "town", "y"), ("z", "town", "y", "half"),
    ]  # fmt: skip
