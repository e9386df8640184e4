"""The Stress tab: nothing starts by itself, the worker measures, locked rows only where they were opened."""

from __future__ import annotations

import pytest

from mlcore.workspace import closer
from tests.pages.conftest import Workspace
from tests.pages.test_pages import html
from tests.pages.working import carry_out, newest

PAGE = "pages/model/evaluate.py"


@pytest.mark.slow
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_stress_is_asked_for_measured_and_told(task, app, workspace: Workspace) -> None:
    made, store = workspace[task], workspace.store
    at = app(PAGE, table=made.table, run=made.run, model=made.model)
    at.session_state[f"views_{made.run}"] = "Stress"
    at = at.run()
    assert not [job for job in store.jobs(kind="closer") if job.args["look"] == "stress"]
    at = at.button(key=f"stress_{made.run}_{made.model}").click().run()
    assert not at.exception, at.exception
    assert carry_out(store, newest(store, "closer")).state == "done"
    found = closer.read_stress(store, made.run, made.model)
    assert found is not None
    assert (found.refitted, found.progress) == (True, 1.0)
    at = at.run()
    assert not at.exception, at.exception
    assert "Measured on " in html(at)
    assert len(at.get("plotly_chart")) == 2
    assert "<script>alert" not in html(at)


def test_locked_rows_are_used_only_where_they_were_opened_for_this_model(workspace: Workspace) -> None:
    made, store = workspace["binary"], workspace.store
    assert store.plan(made.run).validation.holdout
    store.record_opening(made.run, made.model)
    asked = {"run": made.run, "key": made.model, "look": "stress", "more": {"seconds": 2.0, "opened": False}}
    store.submit("closer", asked, "Put it under stress")
    assert carry_out(store, newest(store, "closer")).state == "done"
    found = closer.read_stress(store, made.run, made.model)
    assert found is not None
    assert (found.refitted, found.measured) == (False, "hold-out")
