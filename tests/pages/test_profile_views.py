"""The profile page's views: each stands for every task, and the dictionary is taken over by one click."""

from __future__ import annotations

import pytest

from mlcore.data.dictionary import Entry
from mlcore.data.schema import Column, Schema
from pages.ui.profiling_columns import telling


@pytest.mark.slow
@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("view", ["Columns", "Target", "Together", "Rows", "Dictionary"])
def test_a_view_stands_and_runs_no_name_as_html(view, task, app, workspace) -> None:
    made = workspace[task]
    workspace.store.save_goal(made.table, workspace.store.plan(made.run).goal)
    at = app("pages/data/home.py", table=made.table)
    at.session_state[f"views_{made.table}"] = view
    at.switch_page("pages/data/profile.py").run()
    assert not at.exception, at.exception
    assert "<script" not in "".join(str(one.value) for one in at.html)


def test_a_pasted_dictionary_is_taken_over_by_one_click(app, workspace) -> None:
    made = workspace["regression"]
    at = app("pages/data/home.py", table=made.table)
    at.session_state[f"views_{made.table}"] = "Dictionary"
    at.switch_page("pages/data/profile.py").run()
    at.text_area(key=f"paste_{made.table}").set_value("column,label,unit\nbmi,Body mass index,kg/m²").run()
    at.button(key="take_dictionary").click().run()
    assert not at.exception, at.exception
    assert workspace.store.dictionary(made.table) == {"bmi": Entry(label="Body mass index", unit="kg/m²")}


def test_the_column_shown_first_is_one_with_something_to_show() -> None:
    kinds = {"row": "identifier", "same": "constant", "age": "integer", "town": "categorical"}
    schema = Schema(columns=tuple(Column(name=name, kind=kind, storage="text") for name, kind in kinds.items()))
    assert telling(schema, schema.names) == 2
    assert telling(schema, schema.names[:2]) == 0
