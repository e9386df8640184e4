"""What a person does on a page, and what the workspace is asked for because of it."""

from __future__ import annotations

import io
import shutil
import zipfile

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlcore import records
from mlcore.data.load import store_frame
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.metrics import METRICS
from mlcore.learning.goal import Goal
from mlcore.workspace import errands, places
from mlcore.workspace.store import Store
from tests.pages.working import carry_out, newest


def html(at: AppTest) -> str:
    return "\n".join(str(element.value) for element in at.html)


def test_a_sample_table_is_imported_with_one_click(app, empty) -> None:
    at = app()
    at.button(key="sample_penguins").click().run()
    job = Store.open(empty).jobs(kind="import")[0]
    assert job.args == {"sample": "penguins"}
    assert not at.exception


@pytest.mark.slow
def test_the_goal_is_filled_in_and_training_starts_with_it(app, workspace) -> None:
    made = workspace["binary"]
    at = app("pages/model/goal.py", table=made.table)
    assert at.selectbox(key=f"target_{made.table}").value == "diagnosis"
    assert not at.button(key="train").disabled
    assert "configurations fit into 5 min" in html(at)
    at.button(key="train").click().run()
    job = workspace.store.jobs(kind="train")[0]
    assert job.args["goal"]["target"] == "diagnosis"
    assert job.args["goal"]["metric"] == "roc_auc"
    assert job.args["seconds"] == 300
    assert at.query_params["run"] in (job.id, [job.id])


def test_another_target_gets_another_task_and_metric(app, workspace) -> None:
    made = workspace["multiclass"]
    at = app("pages/model/goal.py", table=made.table)
    at.selectbox(key=f"target_{made.table}").select("sepal length (cm)").run()
    goal = workspace.store.goal(made.table)
    assert goal is not None
    assert (goal.target, goal.task, goal.metric) == ("sepal length (cm)", "regression", "rmse")


@pytest.mark.parametrize(
    ("task", "offered", "kept_back"),
    [
        ("binary", {"roc_auc", "ks"}, {"mcc", "kappa", "specificity"}),
        ("multiclass", {"log_loss", "accuracy", "mcc", "kappa", "top_3_accuracy"}, {"ks"}),
        ("regression", {"rmse", "smape", "rmsle", "pinball"}, {"mcc"}),
    ],
)
def test_models_can_be_ranked_by_what_needs_no_threshold(
    app, workspace, task: str, offered: set[str], kept_back: set[str]
) -> None:
    at = app("pages/model/goal.py", table=workspace[task].table)
    (choice,) = [box for box in at.selectbox if str(box.key).startswith("metric_")]
    terms = {option[option.rindex("(") + 1 : -1] for option in choice.options}
    assert {METRICS[key].term for key in offered} <= terms
    assert not {METRICS[key].term for key in kept_back} & terms


def test_a_metric_that_cannot_score_the_target_stops_before_training(app, workspace) -> None:
    made = workspace["multiclass"]
    at = app("pages/model/goal.py", table=made.table)
    (choice,) = [box for box in at.selectbox if str(box.key).startswith("metric_")]
    choice.select("top_3_accuracy").run()
    assert not at.exception
    assert at.button(key="train").disabled
    assert "at least 4 labels, there are 3" in html(at)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["same"] * 40, "same label in every row"),
        ([None] * 40, "empty in every row"),
        (["a"] * 39 + ["b"], "one row only"),
    ],
)
def test_a_goal_that_cannot_be_learned_is_refused_in_words(values, said, app, workspace, tmp_path) -> None:
    frame = pd.DataFrame({"x": range(40), "y": pd.Series(values, dtype="str")})
    table = workspace.store.add_dataset(store_frame(frame, tmp_path / "odd.parquet", "odd"))
    at = app("pages/model/goal.py", table=table)
    at.selectbox(key=f"target_{table}").select("y").run()
    assert not at.exception
    assert said in html(at)
    assert at.button(key="train").disabled


def demanding_table(workspace, tmp_path) -> str:
    day = pd.date_range("2024-01-01", periods=120)
    frame = pd.DataFrame({"x": [0.5, 1.5, 2.5, 3.0] * 30, "w": [1.0, 2.0] * 60, "bad": [-1.5, 2.0] * 60, "day": day})
    frame["part"] = ["train", "valid", "train"] * 40
    frame["y"] = ["yes", "no", "yes", "no", "no"] * 24
    return workspace.store.add_dataset(store_frame(frame, tmp_path / "asked.parquet", "asked"))


@pytest.mark.slow
def test_weights_a_split_a_gap_and_directions_are_asked_for_and_kept(app, workspace, tmp_path) -> None:
    table = demanding_table(workspace, tmp_path)
    at = app("pages/model/goal.py", table=table)
    at.selectbox(key=f"target_{table}").select("y").run()
    assert not at.exception
    at.selectbox(key=f"weight_0_{table}").select("w").run()
    at.selectbox(key=f"labels_{table}_y_0").select("Every label the same").run()
    at.multiselect(key=f"The probability of yes only rises with_{table}_0").select("x").run()
    at.selectbox(key=f"time_{table}_0").select("day").run()
    at.text_input(key=f"gap_{table}_0").input("3 days").run()
    assert not at.exception
    assert not at.button(key="train").disabled, html(at)
    goal = workspace.store.goal(table)
    assert (goal.weight, goal.class_weight, goal.time, goal.gap) == ("w", "balanced", "day", 3 * 86_400)
    assert goal.monotone == {"x": "up"}
    assert goal.recent is None
    at.text_input(key=f"gap_{table}_0").input("300 days").run()
    assert "leaves nothing to learn from" in html(at)
    assert at.button(key="train").disabled
    at.text_input(key=f"gap_{table}_0").input("soon").run()
    assert "is no length of time" in html(at)


def test_what_cannot_be_asked_for_is_said_before_training(app, workspace, tmp_path) -> None:
    table = demanding_table(workspace, tmp_path)
    workspace.store.save_goal(table, Goal(target="y", task="binary", metric="roc_auc", split="part"))
    at = app("pages/model/goal.py", table=table)
    assert "on the rows that the table names" in html(at)
    assert not at.button(key="train").disabled
    at.selectbox(key=f"weight_0_{table}").select("bad").run()
    assert not at.exception
    assert "have a weight below 0, the lowest is -1.5" in html(at)
    assert at.button(key="train").disabled


def test_costs_are_asked_for_where_models_are_ranked_by_them(app, workspace, tmp_path) -> None:
    table = demanding_table(workspace, tmp_path)
    workspace.store.save_goal(table, Goal(target="y", task="binary", metric="roc_auc"))
    at = app("pages/model/goal.py", table=table)
    (choice,) = [box for box in at.selectbox if str(box.key).startswith("metric_")]
    choice.select("value").run()
    at.number_input(key=f"fp_{table}").set_value(-30.0).run()
    assert not at.exception
    goal = workspace.store.goal(table)
    assert (goal.metric, goal.costs, goal.threshold) == ("value", Costs(tp=10.0, fp=-30.0), 0.75)
    at.number_input(key=f"tp_{table}").set_value(-1.0).run()
    assert "every row would get the same answer" in html(at)
    assert at.button(key="train").disabled


def test_a_column_that_gives_the_target_away_is_kept_by_one_click_and_left_out_by_another(
    app, workspace, tmp_path
) -> None:
    known = pd.Series(["a", "b"] * 60)
    frame = pd.DataFrame({"x": range(120), "**copy** <b>": known.map({"a": 1.5, "b": 2.5}), "y": known})
    table = workspace.store.add_dataset(store_frame(frame, tmp_path / "leak.parquet", "leak"))
    card, name = workspace.store.dataset(table), "**copy** <b>"
    seen = workspace.store.findings_folder(table, "y")
    seen.mkdir(parents=True)
    errands.look(card.path, records.to_json(card.schema), "y", "binary", str(seen))
    workspace.store.save_goal(table, Goal(target="y", task="binary", metric="roc_auc"))
    at = app("pages/model/goal.py", table=table)
    assert at.button(key=f"flip_{table}_{name}").label == "Keep it"
    at.button(key=f"flip_{table}_{name}").click().run()
    assert not at.exception
    assert workspace.store.goal(table).keep == (name,)
    assert "It is used, as you asked." in html(at)
    assert at.button(key=f"flip_{table}_{name}").label == "Leave it out"
    at.button(key=f"flip_{table}_{name}").click().run()
    assert workspace.store.goal(table).exclude == (name,)
    assert workspace.store.goal(table).keep == ()


def test_work_that_failed_can_be_asked_for_again(app, workspace) -> None:
    made, store = workspace["regression"], workspace.store
    job = store.submit("evaluate", {"run": made.run, "key": "baseline"}, "Measure the model")
    store.begin(job, "test")
    store.finish(job, "test", "failed", error="The disk was full.")
    at = app("pages/model/evaluate.py", table=made.table, run=made.run, model="baseline")
    at.button(key=f"again_{job}").click().run()
    assert store.jobs(kind="evaluate")[0].id != job


def test_a_kind_chosen_by_a_person_is_remembered(app, workspace) -> None:
    made = workspace["regression"]
    at = app("pages/data/profile.py", table=made.table)
    column = workspace.store.dataset(made.table).schema.columns[0]
    at.selectbox(key=f"kind_{made.table}_{column.name}_{column.kind}").select("categorical").run()
    assert workspace.store.dataset(made.table).schema.columns[0].kind == "categorical"


def test_the_numbers_follow_the_threshold(app, workspace) -> None:
    made = workspace["binary"]
    at = app("pages/model/evaluate.py", table=made.table, run=made.run, model=made.model)
    evaluation = workspace.store.evaluation(made.run, made.model)
    assert evaluation is not None
    assert evaluation.binary is not None
    for threshold in (0.1, 0.9):
        at.slider(key=f"threshold_{made.run}_{made.model}").set_value(threshold).run()
        assert f"<strong>{evaluation.binary.at(threshold).tp:,.0f}</strong><small>found" in html(at)


def test_the_locked_rows_are_opened_by_a_button_that_says_so(app, workspace) -> None:
    made = workspace["binary"]
    at = app("pages/model/evaluate.py", table=made.table, run=made.run, model=made.model)
    button = at.button(key="open_holdout")
    assert "I have decided" in button.label
    button.click().run()
    job = workspace.store.jobs(kind="open_holdout")[0]
    workspace.store.record_opening(made.run, made.model)
    errands.open_holdout(str(places.run_folder(workspace.home, made.run)), made.model)
    workspace.store.begin(job.id, "test")
    workspace.store.finish(job.id, "test", "done")
    at.run()
    assert "that nothing was chosen by" in html(at)
    assert "open_holdout" not in [button.key for button in at.button]
    at.button(key="again").click().run()
    assert workspace.store.jobs(kind="again")[0].args == {"run": made.run, "key": made.model}
    key = errands.again(str(places.run_folder(workspace.home, made.run)), made.model)
    errands.evaluate(str(places.run_folder(workspace.home, made.run)), key)
    at = app("pages/model/evaluate.py", table=made.table, run=made.run, model=made.model)
    assert at.button(key=f"take_{key}")
    at = app("pages/model/evaluate.py", table=made.table, run=made.run, model=key)
    assert "cannot judge what has learned from them" in html(at)
    assert "the locked rows can judge it no more" in html(at)
    assert "open_holdout" not in [button.key for button in at.button]
    at = app("pages/model/compare.py", table=made.table, run=made.run, model=made.model)
    assert "is not compared: Learned from all" in html(at)


def test_locked_rows_that_another_run_opened_are_no_longer_called_untouched(app, workspace) -> None:
    made, store = workspace["regression"], workspace.store
    other = store.submit("train", {"dataset": made.table, "goal": {}}, "Predict target")
    shutil.copytree(places.run_folder(workspace.home, made.run), places.run_folder(workspace.home, other))
    assert store.opened_before(made.run) == ()
    store.record_opening(other, made.model)
    assert store.opened_before(made.run) == (other,)
    assert store.opened_before(other) == ()
    at = app("pages/model/evaluate.py", table=made.table, run=made.run, model=made.model)
    assert "have judged nothing yet" not in html(at)
    assert "The same rows were opened for 1 other run on this table" in html(at)
    store.cancel(other)


def test_there_is_no_download_before_the_proof(app, workspace) -> None:
    made = workspace["binary"]
    at = app("pages/use/export.py", table=made.table, run=made.run, model=made.model)
    assert not at.download_button
    at.button(key="build").click().run()
    job = workspace.store.jobs(kind="bundle")[0]
    assert job.args == {"run": made.run, "key": made.model}
    assert at.button(key="build").disabled
    assert not at.download_button


def test_a_proven_bundle_shows_its_proof_and_a_download(app, workspace) -> None:
    made = workspace["multiclass"]
    folder = places.bundle_folder(workspace.home, "0123456789ab")
    proof = errands.bundle(str(places.run_folder(workspace.home, made.run)), made.model, str(folder / "model.zip"))
    workspace.store.add_bundle("0123456789ab", run=made.run, model=made.model, file="model.zip", proof=proof)
    at = app("pages/use/export.py", table=made.table, run=made.run, model=made.model)
    assert not at.exception
    assert "What was proven" in [title.value for title in at.header]
    assert len(at.download_button) == 1
    assert "predict.py on CSV" in html(at)


def test_a_proven_bundle_is_made_in_another_form_checked_and_then_taken(app, workspace) -> None:
    made = workspace["binary"]
    job = workspace.store.job(workspace.store.submit("bundle", {"run": made.run, "key": made.model}, "Bundle"))
    carry_out(workspace.store, job)
    at = app("pages/use/export.py", table=made.table, run=made.run, model=made.model)
    assert "Take it as" in [title.value for title in at.header]
    assert len(at.download_button) == 1
    at.button(key="make_mlflow").click().run()
    asked = newest(workspace.store, "export")
    assert asked.args["format"] == "mlflow"
    assert carry_out(workspace.store, asked).state == "done"
    at.run()
    assert not at.exception
    assert len(at.download_button) == 2
    assert "Equal on" in html(at)
    assert "make_mlflow" not in [button.key for button in at.button]


def test_a_form_that_cannot_be_had_says_why(app, workspace) -> None:
    made = workspace["binary"]
    folder = places.bundle_folder(workspace.home, "0123456789ab")
    proof = errands.bundle(str(places.run_folder(workspace.home, made.run)), made.model, str(folder / "model.zip"))
    assert "refused" in proof
    proof |= {"refused": {"script": "A <b>reason</b>."}}
    workspace.store.add_bundle("0123456789ab", run=made.run, model=made.model, file="model.zip", proof=proof)
    at = app("pages/use/export.py", table=made.table, run=made.run, model=made.model)
    assert "make_script" not in [button.key for button in at.button]
    assert "A &lt;b&gt;reason&lt;/b&gt;." in html(at)


def test_a_run_that_failed_says_why_and_can_go_on(app, workspace) -> None:
    made = workspace["regression"]
    store = workspace.store
    run = store.submit("train", {"dataset": made.table, "goal": {}}, "Predict target")
    store.begin(run, "test")
    store.finish(run, "test", "failed", error="The memory was not enough. Leave columns out.")
    at = app("pages/model/train.py", table=made.table, run=run)
    assert "<b>The memory was not enough.</b></p><p>Leave columns out.</p>" in html(at)
    at.button(key="resume").click().run()
    assert store.job(run).state == "waiting"


def test_stop_and_cancel_are_wishes_to_the_worker(app, workspace) -> None:
    made = workspace["regression"]
    store = workspace.store
    run = store.submit("train", {"dataset": made.table, "goal": {}}, "Predict target")
    store.begin(run, "test")
    at = app("pages/model/train.py", table=made.table, run=run)
    at.button(key="stop_run").click().run()
    assert store.job(run).asked == "stop"
    assert at.button(key="cancel_run").disabled


def test_a_file_to_score_that_was_read_wrongly_is_corrected_and_scored_again(app, workspace) -> None:
    made, store = workspace["multiclass"], workspace.store
    rows = pd.read_parquet(store.dataset(made.table).path).drop(columns=made.target).head(30)
    at = app("pages/use/predict.py", table=made.table, run=made.run, model=made.model)
    at.file_uploader[0].upload("rows <b>.csv", rows.to_csv(index=False, sep="~").encode()).run()
    job = newest(store, "score_file")
    assert (job.args["name"], job.args["choices"]) == ("rows <b>.csv", None)
    assert carry_out(store, job).state == "failed"
    at.run()
    assert "rows &lt;b&gt;.csv" in html(at)
    assert [one.proto.expanded for one in at.expander if one.label == "It was read wrongly"] == [True]
    again = store.submit("score_file", {**job.args, "choices": {"delimiter": "~"}}, "Score")
    carry_out(store, store.job(again))
    at = app("pages/use/predict.py", table=made.table, run=made.run, model=made.model, scored=again)
    assert not at.exception
    assert "Rows scored" in html(at)
    assert "Read as CSV" in html(at)
    assert at.selectbox(key=f"choice_delimiter_{again}").value == "~"
    at.button(key=f"again_{again}").click().run()
    assert newest(store, "score_file").args["choices"] == {"delimiter": "~"}


def test_cells_that_are_not_as_expected_are_listed_and_what_becomes_of_them_is_chosen(app, workspace) -> None:
    made, store = workspace["multiclass"], workspace.store
    rows = pd.read_parquet(store.dataset(made.table).path).drop(columns=made.target).head(30).astype(object)
    column = rows.columns[0]
    rows.iloc[3, 0] = "<i>wide</i>"
    at = app("pages/use/predict.py", table=made.table, run=made.run, model=made.model)
    at.file_uploader[0].upload("march.csv", rows.to_csv(index=False).encode()).run()
    job = carry_out(store, newest(store, "score_file"))
    assert job.args["handling"] == {
        "unreadable": "flag", "unseen": "flag", "range": "flag", "missing": "flag", "column": "reject",
    }  # fmt: skip
    at.run()
    assert f"<b>{column}</b> cannot be read · 1 cell" in html(at)
    assert "&lt;i&gt;wide&lt;/i&gt;" in html(at)
    assert not [one for one in at.button if one.key == "again_decided"]
    at.segmented_control(key="handling_unreadable").set_value("reject").run()
    at.button(key="again_decided").click().run()
    again = carry_out(store, newest(store, "score_file"))
    assert (again.state, again.args["handling"]["unreadable"]) == ("failed", "reject")
    at.run()
    assert "The file was not scored: 1 cell cannot be read (march.csv; first: row 4" in html(at)
    assert "refused" in html(at)
    assert [one.proto.expanded for one in at.expander if one.label == "It was read wrongly"] == [False]


def test_of_several_files_in_an_archive_to_score_one_is_chosen(app, workspace) -> None:
    made, store = workspace["multiclass"], workspace.store
    rows = pd.read_parquet(store.dataset(made.table).path).drop(columns=made.target).head(30)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("notes.csv", "a,b\n1,2\n")
        archive.writestr("rows.csv", rows.to_csv(index=False))
    at = app("pages/use/predict.py", table=made.table, run=made.run, model=made.model)
    at.file_uploader[0].upload("month.zip", packed.getvalue()).run()
    job = carry_out(store, newest(store, "score_file"))
    assert job.state == "failed"
    at.run()
    pick = at.selectbox(key=f"member_{job.id}")
    assert (pick.value, pick.options) == (None, ["notes.csv", "rows.csv"])
    pick.select("rows.csv").run()
    assert carry_out(store, newest(store, "score_file")).result["rows"] == 30
    assert "Rows scored" in html(at.run())


def test_a_score_that_is_good_enough_is_agreed_in_the_unit_it_is_shown_in(app, workspace) -> None:
    made = workspace["multiclass"]
    at = app("pages/model/goal.py", table=made.table)

    def agreed(label: str, value: float) -> float | None:
        next(one for one in at.number_input if one.label == label).set_value(value).run()
        assert not at.exception
        return workspace.store.goal(made.table).success

    (choice,) = [box for box in at.selectbox if str(box.key).startswith("metric_")]
    choice.select("accuracy").run()
    assert agreed("Good enough from accuracy of, in %", 900.0) is None
    assert "accuracy goes from 0.0 % to 100.0 %: 900.0 % cannot be agreed" in html(at)
    assert agreed("Good enough from accuracy of, in %", 90.0) == 0.9
