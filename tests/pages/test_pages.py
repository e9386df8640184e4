"""Every page through `app.py`: with nothing, with a small trained workspace, with hostile names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from mlcore import records
from mlcore.data.dictionary import Entry
from mlcore.evaluation.compare import Leaderboard
from mlcore.evaluation.metrics import METRICS
from mlcore.learning.plan import Candidate
from mlcore.learning.run import Run, Trial
from mlcore.workspace import places
from tests.pages.conftest import Made, Workspace
from tests.pages.working import carry_out, newest

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
    "pages/use/what_if.py": "What if the row were different?",
    "pages/use/decide.py": "What should be done with its answers?",
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


@pytest.mark.slow
def test_a_link_that_names_a_run_alone_opens_it(app, workspace) -> None:
    """And not the newest table's newest run."""
    for made in (workspace["binary"], workspace["regression"]):
        at = app("pages/model/train.py", run=made.run)
        assert (at.session_state["at_table"], at.session_state["at_run"]) == (made.table, made.run)


@pytest.mark.slow
@pytest.mark.parametrize("page", NEEDS_A_TABLE)
def test_an_empty_page_says_what_it_needs_and_leads_there(page, app, empty) -> None:
    at = app(page)
    assert "There is no table yet" in html(at)
    at.button(key="empty_home").click().run()
    asks(at, "pages/data/home.py")


@pytest.mark.slow
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


def test_what_is_gained_is_said_with_metric_and_direction_and_over_a_baseline_that_is_named(app, workspace) -> None:
    store, made = workspace.store, workspace["regression"]
    store.set_entries(made.table, {"target": Entry(unit="mmol/l")})
    said = html(app("pages/model/compare.py", table=made.table, run=made.run))
    board = store.leaderboard(made.run)
    row, floor, metric = board[board.recommended], board[board.baseline], METRICS[board.metric]
    assert f"{metric.term} {metric.shown(row.score)} mmol/l (lower is better)" in said
    assert f"“{floor.title}”, has {metric.term} {metric.shown(floor.score)} mmol/l: this one has" in said
    assert "less, which is better" in said


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


def added(workspace: Workspace, made: Made, trial: Trial) -> None:
    """Make a trial one more of those that were trained and compared."""
    folder = places.run_folder(workspace.home, made.run)
    run, board = records.read(Run, folder / "run.json"), records.read(Leaderboard, folder / "leaderboard.json")
    row = replace(board[made.model], key=trial.key, title=trial.title, recommended=False)
    records.write(folder / "run.json", replace(run, trials=(*run.trials, trial)))
    records.write(folder / "leaderboard.json", replace(board, rows=(*board.rows, row)))


def test_a_fast_version_of_the_ensemble_is_made_by_a_click_and_a_failure_can_be_tried_again(app, workspace) -> None:
    made = workspace["binary"]
    compare = ("pages/model/compare.py", {"table": made.table, "run": made.run})
    assert "compact" not in [button.key for button in app(compare[0], **compare[1]).button]

    blend = Trial(
        key="blend", model="blend", title="Ensemble", state="done", weights=(("rule", 0.5), ("baseline", 0.5))
    )
    added(workspace, made, blend)
    at = app(compare[0], **compare[1])
    at.button(key="compact").click().run()
    assert not at.exception
    assert newest(workspace.store, "compact").args["run"] == made.run
    assert "Make a fast version: waiting for the worker" in html(at)

    carry_out(workspace.store, newest(workspace.store, "compact"))  # the run's folder has no such ensemble
    at = app(compare[0], **compare[1])
    assert "There is no ensemble that could be made faster" in html(at)
    failed = newest(workspace.store, "compact")
    at.button(key=f"again_{failed.id}").click().run()
    assert newest(workspace.store, "compact").id != failed.id
    assert newest(workspace.store, "compact").args["run"] == made.run


def test_a_candidate_that_the_search_found_shows_its_own_settings(app, workspace) -> None:
    made = workspace["binary"]
    found = Candidate(
        key="linear~1", model="linear", title="Linear, variation 1", params={"strength": 0.125, "curves": True}
    )
    added(workspace, made, Trial(key=found.key, model=found.model, title=found.title, state="done", score=0.9))
    folder = places.run_folder(workspace.home, made.run) / "trials" / found.key
    folder.mkdir()
    records.write(folder / "candidate.json", found)
    said = html(app("pages/model/compare.py", table=made.table, run=made.run, model=found.key))
    assert '<td class="">Penalty</td><td class="num">0.125</td>' in said
    assert '<td class="">Bend the numbers</td><td class="num">yes</td>' in said
    assert "defaults of its kind" not in said


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
