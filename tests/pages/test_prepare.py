"""The Prepare page: steps are made, changed, moved, switched off and undone; the table follows its recipe."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mlcore import records
from mlcore.data.load import store_frame
from mlcore.workspace import places, preparing
from mlcore.workspace.store import Store

PAGE = "pages/data/prepare.py"


@pytest.fixture
def table(empty: Path, tmp_path: Path) -> str:
    from pages.ui import cache

    frame = pd.DataFrame({"age": [31, 999, 45, 52], "<b>city</b>": ["Rome", "Oslo", "Oslo", "Bonn"], "y": [0, 1, 0, 1]})
    return cache.store().add_dataset(store_frame(frame, tmp_path / "t.parquet", "people"))


def carry_out(store: Store, table: str) -> None:
    """Do what the worker does for the newest "prepare" job."""
    job = store.jobs(kind="prepare", dataset=table)[0]
    recipe = store.recipe(table)
    name = store.prepared_name(table, recipe)
    others = records.to_json(store.others(table, recipe))
    folder = str(places.prepared_folder(store.home, table, name))
    store.begin(job.id, "test")
    preparing.prepare(records.to_json(store.raw(table)), records.to_json(recipe), others, folder)
    store.apply_recipe(table, name)
    store.finish(job.id, "test", "done", result={"dataset": table})


def drop(at, table: str, name: str, turn: int = 0):
    at.multiselect(key=f"step_{table}_drop_new_{turn}_columns").select(name).run()
    return at.button(key=f"take_{table}").click().run()


def test_a_table_without_steps_is_shown_as_it_came(app, table) -> None:
    at = app(PAGE, table=table)
    assert not at.exception
    assert any("used as it came" in one.body for one in at.get("html"))
    assert at.button(key=f"take_{table}").disabled


def test_a_step_becomes_part_of_the_recipe_and_of_the_table(app, table) -> None:
    from pages.ui import cache

    at = drop(app(PAGE, table=table), table, "age")
    assert not at.exception
    store = cache.store()
    assert [step.repair for step in store.recipe(table).steps] == ["drop"]
    carry_out(store, table)
    at.run()
    assert store.dataset(table).schema.names == ("<b>city</b>", "y")
    assert "age" in store.raw(table).schema
    assert any("ts-step-no" in one.body for one in at.get("html"))


def test_an_undone_step_is_gone_and_the_table_is_as_before_at_once(app, table) -> None:
    from pages.ui import cache

    at = drop(app(PAGE, table=table), table, "age")
    store = cache.store()
    carry_out(store, table)
    at.run()
    at.button(key=f"undo_{table}").click().run()
    assert not store.recipe(table).steps
    assert "age" in store.dataset(table).schema
    assert store.is_prepared(table)


@pytest.mark.slow
def test_a_step_can_be_switched_off_moved_and_removed(app, table) -> None:
    from pages.ui import cache

    at = drop(app(PAGE, table=table), table, "age")
    store = cache.store()
    carry_out(store, table)
    at = drop(at.run(), table, "<b>city</b>", turn=1)
    carry_out(store, table)
    at.run()
    at.button(key=f"down_{table}_1").click().run()
    assert [step.id for step in store.recipe(table).steps] == ["2", "1"]
    at.button(key=f"switch_{table}_2").click().run()
    assert [step.on for step in store.recipe(table).steps] == [False, True]
    at.button(key=f"remove_{table}_1").click().run()
    assert [step.id for step in store.recipe(table).steps] == ["2"]
    assert store.dataset(table).schema.names == ("age", "<b>city</b>", "y")


def test_a_removal_that_a_later_step_needs_is_refused_in_words(app, table) -> None:
    from pages.ui import cache

    store = cache.store()
    steps = store.recipe(table).added("derive", {"name": "older", "expression": "[age] + 1"})
    store.set_recipe(table, steps.added("drop", {"columns": ["older"]}))
    store.submit("prepare", {"dataset": table}, "Prepare")
    carry_out(store, table)
    at = app(PAGE, table=table)
    at.button(key=f"remove_{table}_1").click().run()
    assert len(store.recipe(table).steps) == 2
    assert any("There is no column &#x27;older&#x27;" in one.body for one in at.get("html"))


def test_changing_a_step_starts_from_its_answers(app, table) -> None:
    from pages.ui import cache

    store = cache.store()
    store.set_recipe(table, store.recipe(table).added("derive", {"name": "older", "expression": "[age] + 1"}))
    store.submit("prepare", {"dataset": table}, "Prepare")
    carry_out(store, table)
    at = app(PAGE, table=table)
    at.button(key=f"edit_{table}_1").click().run()
    formula = at.text_input(key=f"step_{table}_derive_1_0_expression")
    assert formula.value == "[age] + 1"
    formula.set_value("[age] + 2").run()
    at.button(key=f"take_{table}").click().run()
    assert store.recipe(table).steps[0].params["expression"] == "[age] + 2"


def test_a_formula_that_makes_no_sense_cannot_be_added(app, table) -> None:
    at = app(PAGE, table=table)
    at.selectbox(key=f"repair_{table}").select("derive").run()
    at.text_input(key=f"step_{table}_derive_new_0_name").set_value("x").run()
    at.text_input(key=f"step_{table}_derive_new_0_expression").set_value("__import__('os')").run()
    assert not at.exception
    assert at.button(key=f"take_{table}").disabled


@pytest.mark.slow
@pytest.mark.parametrize(
    "repair",
    [
        "rename",
        "change_kind",
        "fill",
        "cap",
        "replace",
        "merge_rare",
        "split",
        "combine",
        "parse_date",
        "extract",
        "filter_rows",
        "deduplicate",
        "derive",
        "join",
        "append",
    ],
)
def test_every_repair_has_a_form(repair, app, table) -> None:
    at = app(PAGE, table=table)
    at.selectbox(key=f"repair_{table}").select(repair).run()
    assert not at.exception
