"""Every page through `app.py`: with nothing, with a small trained workspace, with hostile names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from mlcore import records
from mlcore.learning.run import Run, Trial
from mlcore.workspace import places

PAGES = {
    "pages/data/home.py": "What would you like to predict?",
    "pages/data/import_.py": "Which table do you bring?",
    "pages/data/profile.py": "What is in this table?",
    "pages/data/prepare.py": "What should be repaired first?",
    "pages/model/goal.py": "What should the model predict?",
    "pages/model/train.py": "How is the training going?",
    "pages/model/compare.py": "Which model should you take?",
    "pages/model/evaluate.py": "How good is this model?",
    "pages/model/explain.py": "Why does the model say what it says?",
    "pages/use/predict.py": "What does it predict for new rows?",
    "pages/use/export.py": "Ready to hand it over?",
}
NEEDS_A_TABLE = [page for page in PAGES if page not in ("pages/data/home.py", "pages/data/import_.py")]


def html(at: AppTest) -> str:
    """All HTML of the page."""
    return "\n".join(str(element.value) for element in at.html)


def asks(at: AppTest, page: str) -> None:
    assert not at.exception, at.exception
    assert [title.value.replace("\\", "") for title in at.title] == [PAGES[page]]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_in_an_empty_workspace(page, app, empty) -> None:
    asks(app(page), page)


@pytest.mark.parametrize("page", NEEDS_A_TABLE)
def test_an_empty_page_says_what_it_needs_and_leads_there(page, app, empty) -> None:
    at = app(page)
    assert "There is no table yet" in html(at)
    at.button(key="empty_home").click().run()
    asks(at, "pages/data/home.py")


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_a_trained_table_and_runs_no_name_as_html(page, task, app, workspace) -> None:
    made = workspace[task]
    at = app(page, table=made.table, run=made.run, model=made.model)
    asks(at, page)
    assert not at.error
    assert "<script" not in html(at)
    assert "<b>table</b>" not in html(at)


@pytest.mark.parametrize("page", ["pages/model/train.py", "pages/use/export.py"])
def test_a_table_alone_is_enough_to_find_its_newest_run(page, app, workspace) -> None:
    asks(app(page, table=workspace["binary"].table), page)


def test_the_leaderboard_says_what_to_expect_after_the_choice(app, workspace) -> None:
    made = workspace["binary"]
    assert "After choosing among" in html(app("pages/model/compare.py", table=made.table, run=made.run))


def test_the_leaderboard_says_what_a_fast_version_keeps(app, workspace) -> None:
    made = workspace["binary"]
    path = places.run_folder(workspace.home, made.run) / "run.json"
    run = records.read(Run, path)
    fast = Trial(key="compact", model="compact", title="Fast", state="done", notes=("2 of 4 models: all as before.",))
    records.write(path, replace(run, trials=(*run.trials, fast)))
    shown = html(app("pages/model/compare.py", table=made.table, run=made.run))
    assert "“Fast” keeps 2 of 4 models: all as before." in shown


def test_ids_of_the_url_outlive_a_click_in_the_menu(app, workspace) -> None:
    made = workspace["regression"]
    at = app("pages/model/compare.py", table=made.table, run=made.run)
    at.query_params.clear()
    at.switch_page("pages/model/explain.py").run()
    assert at.query_params["table"] in (made.table, [made.table])
    assert at.query_params["run"] in (made.run, [made.run])


def test_ids_that_do_not_exist_lead_to_an_empty_page(app, workspace) -> None:
    at = app("pages/model/compare.py", table="000000000000", run="../../etc", model="<x>")
    assert not at.exception
    assert "There is no table yet" in html(at)
