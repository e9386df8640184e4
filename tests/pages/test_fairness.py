"""The Fairness tab: no group is guessed, groups are compared by a worker, thresholds by group are off until saved."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from mlcore import records
from mlcore.evaluation.policy import GroupThresholds
from mlcore.workspace import closer, places
from tests.pages.conftest import Made, Workspace
from tests.pages.test_pages import html
from tests.pages.working import carry_out, newest

PAGE = "pages/model/evaluate.py"


def opened(app, made: Made):
    at = app(PAGE, table=made.table, run=made.run, model=made.model)
    at.session_state[f"views_{made.run}"] = "Fairness"
    return at.run()


@pytest.fixture
def grouped(workspace: Workspace) -> tuple[Workspace, Made, str]:
    """The yes-or-no run with a column of words that says which group a row belongs to."""
    made = workspace["binary"]
    folder = places.run_folder(workspace.home, made.run)
    plan = workspace.store.plan(made.run)
    frame = pd.read_parquet(workspace.store.dataset(made.table).path)
    first = plan.schema.columns[0]
    frame[first.name] = pd.Series(["north", "south"] * len(frame))[: len(frame)].astype("str")
    table = folder / "grouped.parquet"
    frame.to_parquet(table, index=False)
    (folder / "table.json").write_text(json.dumps({"path": str(table)}), encoding="utf-8")
    words = replace(first, kind="categorical", storage="text", categories=("north", "south"))
    records.write(folder / "plan.json", replace(plan, schema=plan.schema.with_column(words)))
    closer.segments(str(folder), made.model)
    return workspace, made, first.name


@pytest.mark.slow
def test_groups_are_compared_once_a_person_names_the_column(app, grouped) -> None:
    workspace, made, column = grouped
    at = opened(app, made)
    assert not at.exception, at.exception
    assert "Choose a column that says which group" in html(at)
    at = at.selectbox(key=f"fair_by_{made.run}_{made.model}").select(column).run()
    assert carry_out(workspace.store, newest(workspace.store, "closer")).state == "done"
    at = at.run()
    assert not at.exception, at.exception
    page = html(at)
    assert "Equal opportunity" in page
    assert "Predictive parity" in page
    assert "<script>alert" not in page
    assert len(at.get("plotly_chart")) == 5  # a criterion each, and what was said against what happened
    front = at.selectbox(key=f"fair_calibration_{made.run}_{made.model}_front")
    assert f"For “{front.options[-1]}”" in html(front.select(front.options[-1]).run())


def test_a_model_that_was_removed_is_a_sentence(app, workspace: Workspace) -> None:
    made = workspace["binary"]
    shutil.rmtree(places.model_folder(workspace.home, made.run, made.model))
    at = opened(app, made)
    assert not at.exception, at.exception
    assert "This model is not there (any more)" in html(at)


@pytest.mark.slow
def test_thresholds_by_group_are_off_until_they_are_saved_and_can_be_taken_back(app, grouped) -> None:
    workspace, made, column = grouped
    store = workspace.store
    threshold = store.policy(made.run, made.model).threshold
    folder = str(places.run_folder(workspace.home, made.run))
    closer.fairness(folder, made.model, [column], threshold)
    closer.evened(folder, made.model, column, "found", threshold)
    at = opened(app, made)
    at = at.selectbox(key=f"fair_by_{made.run}_{made.model}").select(column).run()
    assert store.policy(made.run, made.model).group_thresholds is None
    assert "unlawful in many places" in html(at)
    at = at.radio(key=f"fair_alike_{made.run}_{made.model}").set_value("found").run()
    assert not at.exception, at.exception
    assert "Per 1,000 rows it calls" in html(at)
    assert at.button(key=f"fair_save_{made.run}_{made.model}").disabled
    at = at.checkbox(key=f"fair_lawful_{made.run}_{made.model}").check().run()
    at = at.button(key=f"fair_save_{made.run}_{made.model}").click().run()
    assert not at.exception, at.exception
    saved = store.policy(made.run, made.model).group_thresholds
    assert isinstance(saved, GroupThresholds)
    assert saved.column == column
    assert set(saved.thresholds) == {"north", "south"}
    at = at.button(key=f"fair_forget_{made.run}_{made.model}").click().run()
    assert store.policy(made.run, made.model).group_thresholds is None
