"""Models side by side and the learning curve on the Compare page, in each state of their work."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlcore import records
from mlcore.evaluation.growing import Growth, Reached
from mlcore.learning import growth
from mlcore.learning.goal import Goal
from mlcore.learning.plan import Plan
from mlcore.workspace import places
from pages.ui import beside
from tests.pages.conftest import Workspace
from tests.pages.working import carry_out, newest

PAGE = "pages/model/compare.py"
FOLDED = ["Curves", "Fold by fold", "Where they differ most", "Do they agree on why?"]
CHARTS = {"binary": 4, "multiclass": 4, "regression": 2}  # side by side, besides what the page has without it


def html(at: AppTest) -> str:
    return "\n".join(str(element.value) for element in at.html)


def charts(at: AppTest) -> int:
    return len(at.get("plotly_chart"))


@pytest.mark.slow
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_two_models_are_compared_on_demand_and_shown_with_curves_folds_and_rows(task, app, workspace) -> None:
    made = workspace[task]
    at = app(PAGE, table=made.table, run=made.run)
    before = charts(at)
    at.button(key="ask_beside").click().run()
    job = newest(workspace.store, "beside")
    assert carry_out(workspace.store, job).state == "done"
    at.run()
    assert not at.exception
    assert charts(at) - before == CHARTS[task]
    said = html(at)
    assert "Could be chance" in said or "Better" in said or "Worse" in said
    assert "<b>1,000 rows, to predict</b>" in said
    assert "<script" not in said
    titles = [folded.label for folded in at.expander]
    assert [one for one in FOLDED if one in titles] == FOLDED
    frame = at.dataframe[-1].value
    assert list(frame.columns[:2]) == ["Row", "Truth"]
    assert frame.shape[1] > 5  # with the columns of the table


def test_the_rows_that_differ_are_those_of_the_table(app, workspace) -> None:
    made = workspace["regression"]
    at = app(PAGE, table=made.table, run=made.run)
    at.button(key="ask_beside").click().run()
    carry_out(workspace.store, newest(workspace.store, "beside"))
    frame = at.run().dataframe[-1].value
    table = pd.read_parquet(workspace.store.dataset(made.table).path)
    for _, row in frame.head(3).iterrows():
        assert row["bmi"] == pytest.approx(table["bmi"].iloc[int(row["Row"]) - 1])
        assert float(row["Truth"]) == pytest.approx(table["target"].iloc[int(row["Row"]) - 1], rel=1e-3)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("roc_auc", 0.0123, "+0.012"),
        ("rmse", -2.5, "−2.5"),
        ("accuracy", 0.014, "+1.4 points"),
        ("brier", -1e-9, "±0.000"),
    ],
)
def test_a_difference_has_its_sign_and_shares_differ_by_points(key, value, said) -> None:
    assert beside._signed(key, value) == said


def test_one_model_alone_is_asked_for_another(app, workspace) -> None:
    made = workspace["binary"]
    at = app(PAGE, table=made.table, run=made.run)
    at.multiselect(key=f"beside_{made.run}").set_value([made.model]).run()
    assert "Choose two to 4 models" in html(at)
    assert not [button for button in at.button if button.key == "ask_beside"]


def test_whether_there_are_enough_rows_is_found_out_on_demand(app, workspace) -> None:
    made = workspace["regression"]
    at = app(PAGE, table=made.table, run=made.run)
    before = charts(at)
    assert "learns from growing parts" in html(at)
    at.button(key="ask_growth").click().run()
    assert carry_out(workspace.store, newest(workspace.store, "growth")).state == "done"
    at.run()
    assert charts(at) == before + 1
    assert workspace.store.growth(made.run, made.model).sentence in html(at).replace("&#x27;", "'")


def test_too_few_rows_for_a_curve_are_said_and_nothing_is_drawn(app, workspace, monkeypatch) -> None:
    monkeypatch.setattr(growth, "SMALLEST", 100)
    made = workspace["multiclass"]
    at = app(PAGE, table=made.table, run=made.run)
    before = charts(at)
    at.button(key="ask_growth").click().run()
    job = carry_out(workspace.store, newest(workspace.store, "growth"))
    at.run()
    assert job.state == "failed"
    assert "too few to learn from parts" in html(at)
    assert charts(at) == before


@pytest.mark.parametrize(("success", "said"), [(0.51, "is reached"), (0.9999, "is not reached"), (None, "")])
def test_the_agreed_success_is_judged_by_the_interval(success, said, app, workspace) -> None:
    made = workspace["binary"]
    _agree(workspace, made.run, success)
    page = html(app(PAGE, table=made.table, run=made.run))
    assert ("The agreed ROC AUC" in page) == bool(said)
    assert said in page


def test_an_agreed_success_inside_the_interval_is_left_open(app, workspace) -> None:
    made = workspace["binary"]
    board = workspace.store.leaderboard(made.run)
    told = board.expected_of(board.recommended)
    _agree(workspace, made.run, told.score)
    assert "these rows cannot tell" in html(app(PAGE, table=made.table, run=made.run))


def _agree(workspace: Workspace, run: str, success: float | None) -> None:
    path = places.run_folder(workspace.home, run) / "plan.json"
    plan = json.loads(path.read_text(encoding="utf-8"))
    plan["goal"]["success"] = success
    assert records.from_json(Goal, plan["goal"]).success == success
    records.write(path, records.from_json(Plan, plan))


def test_a_member_measured_in_place_of_an_ensemble_is_named(app, workspace) -> None:
    made = workspace["regression"]
    points = tuple(Reached(rows=rows, score=60 - rows / 50, low=50.0, high=65.0) for rows in (50, 100, 200, 300))
    curve = Growth(
        metric="rmse", title="Rule", points=points, curve=(*points, Reached(rows=700, score=50, low=45.0, high=55.0)),
        rows=350, judged=350, gain=1.0, gain_low=0.5, gain_high=2.0, verdict="more", note="Measured on “Rule”.",
    )  # fmt: skip
    folder = places.run_folder(workspace.home, made.run) / "growth" / made.model
    folder.mkdir(parents=True)
    records.write(folder / "growth.json", curve)
    at = app(PAGE, table=made.table, run=made.run)
    assert "Measured on “Rule”" in html(at)
    assert "More rows would help" in html(at)
