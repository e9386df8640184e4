"""The Segments tab: looked for by a worker, told in a sentence, drawn with its rows; slices by any column or pair."""

from __future__ import annotations

import json

import pytest

from mlcore.workspace import closer
from tests.pages.conftest import Made, Workspace
from tests.pages.test_pages import html
from tests.pages.working import carry_out, newest

PAGE = "pages/model/evaluate.py"


def opened(app, made: Made):
    at = app(PAGE, table=made.table, run=made.run, model=made.model)
    at.session_state[f"views_{made.run}"] = "Segments"
    return at.run()


@pytest.mark.slow
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_worst_segment_is_looked_for_by_a_worker_and_then_told(task, app, workspace: Workspace) -> None:
    made = workspace[task]
    at = opened(app, made)
    assert not at.exception, at.exception
    assert carry_out(workspace.store, newest(workspace.store, "closer")).state == "done"
    at = at.run()
    assert not at.exception, at.exception
    assert carry_out(workspace.store, newest(workspace.store, "closer")).args["look"] == "slices"
    at = at.run()
    assert not at.exception, at.exception
    page = html(at)
    assert "Where is it worst?" in [header.value for header in at.header]
    assert "segment" in page
    assert "<script>alert" not in page
    found = closer.read_segments(workspace.store, made.run, made.model)
    assert found is not None
    assert made.target not in found.columns
    charts = [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]
    assert charts


def test_any_pair_of_columns_and_another_metric_can_be_asked_for(app, workspace: Workspace) -> None:
    made = workspace["binary"]
    folder = str(workspace.home / "runs" / made.run)
    closer.segments(folder, made.model)
    found = closer.read_segments(workspace.store, made.run, made.model)
    assert found is not None
    first, second = found.columns[:2]
    for columns in ([first], [first, second]):
        closer.slices(folder, made.model, columns, "log_loss")
    alone = closer.read_slices(workspace.store, made.run, made.model, [first], "log_loss")
    both = closer.read_slices(workspace.store, made.run, made.model, [first, second], "log_loss")
    assert alone is not None
    assert both is not None
    assert both.columns == (first, second)
    assert sum(one.n for one in alone.slices) == alone.n == both.n
    assert len(both.slices) > len(alone.slices)


def test_a_column_that_is_not_there_is_a_sentence(workspace: Workspace) -> None:
    made = workspace["binary"]
    asked = {"run": made.run, "key": made.model, "look": "slices", "more": {"columns": ["nope"], "metric": "brier"}}
    workspace.store.submit("closer", asked, "Measure each slice")
    job = carry_out(workspace.store, newest(workspace.store, "closer"))
    assert job.state == "failed"
    assert "There is no column 'nope'" in job.error


@pytest.mark.slow
def test_of_many_columns_those_that_matter_most_are_searched_and_the_page_says_so(
    app, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = workspace["binary"]
    monkeypatch.setattr("mlcore.learning.parts.MOST_COLUMNS", 2)
    closer.segments(str(workspace.home / "runs" / made.run), made.model)
    found = closer.read_segments(workspace.store, made.run, made.model)
    assert found is not None
    assert (found.searched, found.explained, found.worst.columns) == (2, True, 2)
    at = app(PAGE, table=made.table, run=made.run, model=made.model)
    at.session_state[f"views_{made.run}"] = "Segments"
    page = html(at.run())
    assert f"The search looked at 2 of {len(found.columns)} columns: those that matter most" in page
