"""The what-if page: rows changed and compared, scenarios kept, other answers found, bad input as a sentence."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlcore.data.spreadsheet import csv_text
from mlcore.explanation.actions import Action, Actions
from mlcore.explanation.answers import Change, Wanted
from mlcore.workspace import acting, places, scorer
from mlcore.workspace.job import Job
from pages.ui import acting as acting_page
from tests.pages.conftest import Made, Workspace
from tests.pages.working import carry_out, newest

PAGE = "pages/use/what_if.py"


def html(at: AppTest) -> str:
    return "\n".join(str(element.value) for element in at.html)


def opened(app, made: Made, **more: str) -> AppTest:
    at = app(PAGE, table=made.table, run=made.run, model=made.model, **more)
    assert not at.exception, at.exception
    return at


def table(workspace: Workspace, task: str) -> pd.DataFrame:
    return pd.read_parquet(workspace.store.dataset(workspace[task].table).path)


@pytest.mark.slow
def test_moving_a_slider_changes_the_answer_beside_that_of_the_row(app, workspace) -> None:
    made = workspace["regression"]
    at = opened(app, made)
    assert "the same" in html(at)
    assert len(at.get("plotly_chart")) == 1
    slider = next(one for one in at.slider if one.label == "bmi")
    column = table(workspace, "regression")["bmi"]
    assert slider.min <= column.min() < column.max() <= slider.max
    assert slider.value == pytest.approx(column.iloc[0])
    slider.set_value(slider.max).run()
    assert not at.exception
    assert len(at.get("plotly_chart")) == 2
    assert "bmi: " in html(at)
    row = {**table(workspace, "regression").iloc[0].to_dict(), "bmi": slider.max}
    said = scorer.client().predict(made.run, made.model, [row])[0]["prediction"]
    assert f"<dd>{said:.1f}" in html(at)
    at.button(key="back").click().run()
    assert len(at.get("plotly_chart")) == 1


@pytest.mark.slow
def test_a_row_comes_by_url_and_a_wrong_one_does_no_harm(app, workspace) -> None:
    made = workspace["multiclass"]
    place = f"what_if_row_{made.run}"
    assert opened(app, made, row="7").number_input(key=place).value == 7
    for wrong in ("0", "99999", "-3", "<script>", ""):
        assert 1 <= opened(app, made, row=wrong).number_input(key=place).value <= 150


@pytest.mark.slow
def test_a_typical_row_is_found(app, workspace) -> None:
    made = workspace["regression"]
    at = opened(app, made)
    at.button(key="typical").click().run()
    assert not at.exception
    typical = at.number_input(key=f"what_if_row_{made.run}").value
    assert typical == scorer.client().typical(made.run, made.model) + 1
    assert at.query_params["row"] in (str(typical), [str(typical)])


@pytest.mark.slow
def test_a_combination_unlike_anything_seen_is_warned_of(app, workspace) -> None:
    made = workspace["multiclass"]
    at = opened(app, made)
    assert "Unlike anything seen" not in html(at)
    for one in at.slider:
        at = one.set_value(one.max if "petal" in one.label else one.min).run()
    assert "Unlike anything seen" in html(at)


@pytest.mark.slow
def test_scenarios_are_saved_compared_opened_and_removed(app, workspace) -> None:
    made = workspace["regression"]
    at = opened(app, made)
    bmi = next(one for one in at.slider if one.label == "bmi")
    at = bmi.set_value(bmi.max).run()
    at.text_input(key="scenario_name").set_value("<b>heavy</b>").run()
    at.button(key="scenario_save").click().run()
    saved = workspace.store.scenarios(made.run, made.model)
    assert [(one.name, one.start) for one in saved] == [("<b>heavy</b>", 0)]
    assert saved[0].row["bmi"] == pytest.approx(bmi.max)
    assert "&lt;b&gt;heavy&lt;/b&gt;" in html(at)
    at = opened(app, made, row="5")
    at.button(key="scenario_open").click().run()
    assert not at.exception
    assert at.number_input(key=f"what_if_row_{made.run}").value == 1
    assert next(one for one in at.slider if one.label == "bmi").value == pytest.approx(bmi.max)
    at.button(key="scenario_forget").click().run()
    assert workspace.store.scenarios(made.run, made.model) == ()


@pytest.mark.slow
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_a_search_shows_ways_that_score_as_promised_and_fills_the_form(task, app, workspace) -> None:
    made, rows = workspace[task], table(workspace, task)
    said = scorer.client().predict(made.run, made.model, rows.head(50).to_dict("records"))
    lowest = min(range(50), key=lambda at: said[at]["prediction"])
    at = opened(app, made, row=str(lowest + 1))
    at.selectbox(key="turning_seconds").select("60 seconds").run()
    at.button(key="turning_search").click().run()
    assert not at.exception
    assert "scored again by the model" in html(at), at.session_state["kept_turning"]
    at.button(key="turned_1").click().run()
    assert not at.exception
    assert " → " in html(at)
    before, after = scorer.client().predict(
        made.run, made.model, [rows.iloc[lowest].to_dict(), form(at, workspace, task)]
    )
    if task == "binary":
        assert before["prediction"] != after["prediction"]
    else:
        assert after["prediction"] >= float(f"{before['prediction'] * 1.1:.3g}")


def form(at: AppTest, workspace: Workspace, task: str) -> dict[str, object]:
    """The row as the form has it now."""
    names = [name for name in table(workspace, task).columns if name != workspace[task].target]
    widgets = {one.key.split("_", 5)[-1]: one.value for one in (*at.slider, *at.number_input, *at.selectbox) if one.key}
    return {name: widgets[name] for name in names}


@pytest.mark.slow
def test_where_nothing_may_change_none_is_found(app, workspace) -> None:
    made = workspace["regression"]
    at = opened(app, made)
    fixed = at.multiselect(key=f"turning_fixed_{made.run}")
    fixed.set_value(list(fixed.options)).run()
    at.button(key="turning_search").click().run()
    assert not at.exception
    assert "None found: no column may change within these limits." in html(at)


def test_a_model_that_is_gone_is_a_sentence(app, workspace) -> None:
    made = workspace["regression"]
    shutil.rmtree(places.model_folder(workspace.home, made.run, made.model))
    assert "This model is not there" in html(opened(app, made))


def test_a_column_that_the_table_lacks_is_a_sentence(app, workspace) -> None:
    made = workspace["regression"]
    path = workspace.store.dataset(made.table).path
    assert str(path).startswith(str(places.dataset_folder(workspace.home, made.table)))
    pd.read_parquet(path).drop(columns="bmi").to_parquet(path)
    at = opened(app, made)
    assert "The table lacks bmi" in html(at)


def acted(at: AppTest, workspace: Workspace, made: Made) -> AppTest:
    at.button(key="acting_search").click().run()
    assert not at.exception, at.exception
    assert carry_out(workspace.store, newest(workspace.store, "closer")).state == "done"
    return at.run()


def test_a_search_for_best_actions_is_not_asked_for_twice_while_it_runs(app, workspace) -> None:
    at = opened(app, workspace["regression"])
    at.button(key="acting_search").click().run()
    assert not at.exception, at.exception
    assert at.button(key="acting_search").disabled
    assert carry_out(workspace.store, newest(workspace.store, "closer")).state == "done"
    assert not at.run().button(key="acting_search").disabled


@pytest.mark.slow
def test_the_best_action_for_a_list_of_rows_is_searched_by_the_worker(app, workspace) -> None:
    made = workspace["regression"]
    at = opened(app, made)
    at.number_input(key=f"acting_first_{made.run}").set_value(3).run()
    at.number_input(key=f"acting_most_{made.run}").set_value(2).run()
    at.multiselect(key=f"turning_fixed_{made.run}").set_value(["bmi"]).run()
    at = acted(at, workspace, made)
    assert not at.exception, at.exception
    args = newest(workspace.store, "closer").args["more"]
    assert args["numbers"] == [3, 4]
    frame = at.dataframe[-1].value
    assert sorted(frame["Row"]) == [3, 4]
    assert not frame["Least change"].str.contains("bmi").any()
    assert "of 2 rows" in html(at)
    found = acting.read_actions(workspace.store, made.run, made.model, args["question"])
    assert found.wanted.low == args["wanted"]["low"]
    assert all(one.after["prediction"] >= found.wanted.low for one in found.actions if one.state != "none")


@pytest.mark.slow
def test_rows_of_a_condition_and_of_a_file_can_be_chosen_and_formulas_are_harmless(
    app, workspace, tmp_path, monkeypatch
) -> None:
    made = workspace["multiclass"]
    at = opened(app, made)
    rows = table(workspace, "multiclass")
    column = next(name for name in rows.columns if "petal" in name)
    at.selectbox(key=f"where_acting_{made.run}").set_value(column).run()
    at.number_input(key=f"low_acting_{made.run}_{column}").set_value(999.0).run()
    assert "No row is like that" in html(at)
    assert at.button(key="acting_search").disabled
    source = tmp_path / "rows.csv"
    rows.head(1).to_csv(source, index=False)
    at.session_state[f"kept_acting_file_{made.run}_{made.model}"] = {"source": str(source), "name": "=rows<b>.csv"}
    at.segmented_control(key="acting_of").set_value("Of a file").run()
    assert "=rows&lt;b&gt;.csv" in html(at)
    at = acted(at, workspace, made)
    assert not at.exception, at.exception
    frame = at.dataframe[-1].value
    assert sorted(frame["Row"]) == [1]
    made_up = acting_page.with_cells(
        Actions(wanted=Wanted(label="a"), limits=(), rows=1, brought=1, numbers=(1,), progress=1.0, actions=(
            Action(at=0, state="found", before={"prediction": "=1+1"}, after={"prediction": "a"},
                   changes=(Change(column="@x", before="-", after="=cmd|' /C calc'!A0"),), cost=1.0),)),
        frame.head(1), {},
    )  # fmt: skip
    assert "'=cmd|" in csv_text(made_up)
    source.write_text("other\n1\n")
    assert carry_out(workspace.store, again(workspace)).state == "failed"
    assert "lack the columns" in newest(workspace.store, "closer").error


def again(workspace: Workspace) -> Job:
    store = workspace.store
    job = newest(store, "closer")
    return store.job(store.submit("closer", dict(job.args), job.title))
