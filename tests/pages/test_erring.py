"""The Evaluate page's views by task, row by row and over time: asked for, laid out by a worker, filtered, explained."""

from __future__ import annotations

import dataclasses
import json
from datetime import date

import pandas as pd
import polars as pl
import pytest

from mlcore import records
from mlcore.evaluation.evaluate import evaluate
from mlcore.learning.calibrators import Calibrators, Tried
from mlcore.learning.run import Run
from mlcore.learning.train import out_of_fold
from mlcore.workspace import erring, places, row_pages
from mlcore.workspace.erring import Rows
from mlcore.workspace.row_pages import Wish
from mlcore.workspace.store import Store
from pages.ui import erring as erring_page
from tests.pages.conftest import Made, Workspace
from tests.pages.test_pages import html
from tests.pages.working import carry_out, newest

PAGE = "pages/model/evaluate.py"


def opened(app, made: Made, view: str = "All rows"):
    at = app(PAGE, table=made.table, run=made.run, model=made.model)
    if view == "All rows":
        return at
    at.session_state[f"views_{made.run}"] = view
    return at.run()


def laid(workspace: Workspace, made: Made) -> Rows:
    folder = str(places.run_folder(workspace.home, made.run))
    erring.rows(folder, made.model)
    found = erring.read_rows(workspace.store, made.run, made.model)
    assert found is not None
    return found


def answered(monkeypatch) -> list[dict]:
    """The scorer's door, answered here by the stored model; what was asked."""
    from mlcore.explanation.explain import explain_rows
    from mlcore.learning.model import Model

    asked: list[dict] = []

    class Door:
        def explain_row(self, run, key, row, *, prepared):
            asked.append(row)
            model = Model.load(places.model_folder(home, run, key))
            assert prepared
            return explain_rows(model, pd.DataFrame([row], columns=list(model.columns)), seconds=2.0)

    home = places.home_folder(None)
    monkeypatch.setattr(erring_page.scorer, "client", Door)
    return asked


@pytest.mark.slow
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_row_can_be_looked_at_with_its_columns_and_the_reason(task, app, workspace: Workspace, monkeypatch) -> None:
    made, asked = workspace[task], answered(monkeypatch)
    at = opened(app, made, "Row by row")
    assert not at.exception, at.exception
    assert carry_out(workspace.store, newest(workspace.store, "closer")).state == "done"
    at = at.run()
    assert not at.exception, at.exception
    rows = erring.read_rows(workspace.store, made.run, made.model)
    shown = at.dataframe[0].value
    assert len(shown) == min(50, rows.n)
    assert {"row", "truth", "said", "error"} <= set(shown.columns)
    sizes = shown["error"].abs().tolist()
    assert sizes == sorted(sizes, reverse=True)
    table = pd.read_parquet(rows.table)
    assert asked[-1] == json.loads(json.dumps(table.iloc[int(shown["row"].iloc[0]) - 1].to_dict(), default=str))
    pick = at.selectbox(key=f"pick_{made.run}_{made.model}")
    pick.set_value(int(shown["row"].iloc[3]) - 1).run()
    assert f"Why row {shown['row'].iloc[3]:,}?" in [header.value for header in at.header]
    assert len(asked) == 2
    assert "<script>alert" not in html(at)


def test_rows_go_by_their_number_before_a_recipe_also_to_what_if(app, workspace: Workspace, monkeypatch) -> None:
    made, folder = workspace["multiclass"], places.run_folder(workspace.home, workspace["multiclass"].run)
    kept = pl.read_parquet(json.loads((folder / "table.json").read_text())["path"])
    after = workspace.home / "after" / "table.parquet"
    after.parent.mkdir()
    kept.write_parquet(after)
    raw = [*range(1, 2 * len(kept) - 1, 2), -1]  # a recipe left out every other row, and appended one
    pl.DataFrame({"row": raw}).write_parquet(after.with_name("rows.parquet"))
    (folder / "table.json").write_text(json.dumps({"path": str(after)}))
    answered(monkeypatch)
    laid(workspace, made)
    at = opened(app, made, "Row by row")
    assert not at.exception, at.exception
    pick = at.selectbox(key=f"pick_{made.run}_{made.model}")
    for place in (at.session_state[pick.key], len(kept) - 1):
        if place not in pick.options and place == len(kept) - 1:
            at.selectbox(key=f"by_{made.run}_{made.model}").set_value("row").run()
            at.number_input(key=f"page_{made.run}_{made.model}_{len(kept)}").set_value(3).run()
            at.selectbox(key=pick.key).set_value(place).run()
        number = raw[place] + 1
        headers = [header.value for header in at.header]
        if number:
            assert f"Why row {number:,}?" in headers
            assert f"row={number}" in html(at)
            assert number in at.dataframe[0].value["row"].tolist()
        else:
            assert f"Why row appended ({place + 1:,} after the recipe)?" in headers
            assert "what_if?" not in html(at)


def test_false_alarms_and_misses_follow_the_threshold_of_the_first_view(app, workspace: Workspace, monkeypatch) -> None:
    made, at_key = workspace["binary"], f"{workspace['binary'].run}_{workspace['binary'].model}"
    answered(monkeypatch)
    laid(workspace, made)
    evaluation = workspace.store.evaluation(made.run, made.model)
    at = opened(app, made)
    at.slider(key=f"threshold_{at_key}").set_value(0.3).run()
    at.session_state[f"views_{made.run}"] = "Row by row"
    at.run()
    for kind, counted in (("false alarms", "fp"), ("misses", "fn")):
        at.selectbox(key=f"kind_{at_key}").set_value(kind).run()
        assert not at.exception, at.exception
        many = round(getattr(evaluation.binary.at(0.3), counted))
        if many:
            assert len(at.dataframe[0].value) == min(50, many)
        else:
            assert "No row is like that" in html(at)


def test_rows_are_filtered_by_any_column_and_sorted_by_any_other(workspace: Workspace) -> None:
    rows = laid(workspace, workspace["binary"])
    table, name = pd.read_parquet(rows.table), rows.columns[0]
    middle = float(table[name].median())
    lines = row_pages.found(rows, Wish(column=name, low=middle, by=rows.columns[1], falling=False))
    told = row_pages.page(rows, lines)
    assert len(told) == int((table[name].iloc[row_pages.found(rows, Wish())["row"]] >= middle).sum())
    assert (told[name] >= middle).all()
    assert told[rows.columns[1]].is_sorted()
    assert told["row"].to_list() == lines["row"].to_list()
    assert len(row_pages.found(rows, Wish(column=name, empty=True))) == 0


def test_labels_dates_and_names_that_look_like_patterns_are_taken_at_their_word(tmp_path) -> None:
    table = pl.DataFrame(
        {
            "^a.*$": ["x", "y", None, "x"],
            "*": [date(2025, 1, day) for day in (1, 2, 3, 4)],
            "error": [1.0, 2.0, 3.0, 4.0],
            "t": ["no"] * 4,
        }
    ).with_columns(pl.col("^.*[*]$").cast(pl.Datetime("us")))
    table.write_parquet(tmp_path / "t.parquet")
    beside = pl.DataFrame(
        {"row": [0, 1, 2, 3], "truth": ["a", "b", "c", "a"], "said": ["a", "a", "c", "b"],
         "probability": [0.9, 0.5, 0.6, 0.8], "error": [0.1, 0.7, 0.4, 0.9]}
    )  # fmt: skip
    beside.write_parquet(tmp_path / "b.parquet")
    rows = Rows(
        task="multiclass", n=4, table=str(tmp_path / "t.parquet"), target="t", columns=tuple(table.columns),
        labels=("a", "b", "c"), beside=str(tmp_path / "b.parquet"),
    )  # fmt: skip
    assert row_pages.found(rows, Wish())["row"].to_list() == [3, 1, 2, 0]
    assert row_pages.found(rows, Wish(kind="wrong"))["row"].to_list() == [3, 1]
    assert row_pages.found(rows, Wish(truth="a", said="b"))["row"].to_list() == [3]
    assert row_pages.found(rows, Wish(column="^a.*$", values=("x",)))["row"].to_list() == [3, 0]
    assert row_pages.found(rows, Wish(column="^a.*$", empty=True))["row"].to_list() == [2]
    span = Wish(column="*", low=date(2025, 1, 2), high=date(2025, 1, 3), by="row", falling=False)
    assert row_pages.found(rows, span)["row"].to_list() == [1, 2]
    assert row_pages.words(rows, "^a.*$") == ("x", "y")
    assert row_pages.words(rows, "*") is None
    assert "error (column)" in row_pages.page(rows, row_pages.found(rows, Wish())).columns


@pytest.mark.slow
def test_residuals_can_be_laid_along_any_column_and_intervals_are_judged(app, workspace: Workspace) -> None:
    made = workspace["regression"]
    at = opened(app, made)
    for _ in range(2):
        assert carry_out(workspace.store, newest(workspace.store, "closer")).state == "done"
        at = at.run()
    assert not at.exception, at.exception
    page = html(at)
    assert "What is left over along" in page
    assert "Do the intervals hold?" in page
    assert "Nine of ten" in page


def test_labels_have_sentences_curves_and_first_answers(app, workspace: Workspace) -> None:
    made = workspace["multiclass"]
    at = opened(app, made)
    assert not at.exception, at.exception
    page = html(at)
    assert "and called “" in page
    assert "Is the truth among its first answers?" in page
    assert "Each label against the rest" in page
    label = at.selectbox(key=f"label_{made.run}_{made.model}")
    label.set_value(label.options[-1]).run()
    assert f"Given one row of “{label.options[-1]}”" in html(at)


@pytest.mark.slow
def test_calibration_says_what_was_applied_and_what_is_not_needed(app, workspace: Workspace) -> None:
    made = workspace["binary"]
    at = opened(app, made)
    assert carry_out(workspace.store, newest(workspace.store, "closer")).args["look"] == "calibrators"
    page = html(at.run())
    assert "Training found no sharpening" in page
    assert "Calibrators are tried from 500 rows on" in page or "calibrator" in page


@pytest.mark.slow
def test_a_calibrator_that_helps_is_made_a_model_of_its_own(app, workspace: Workspace) -> None:
    made = workspace["binary"]
    folder = places.run_folder(workspace.home, made.run)
    helps = Tried(key="platt", loss=0.4, gain=0.1, low=0.05, high=0.15, helps=True)
    (folder / "closer" / made.model).mkdir(parents=True, exist_ok=True)
    records.write(folder / "closer" / made.model / "calibrators.json", Calibrators(n=600, loss=0.5, tried=(helps,)))
    at = opened(app, made)
    at.button(key="calibrate").click().run()
    job = newest(workspace.store, "calibrate")
    assert job.args == {"run": made.run, "key": made.model}
    run = records.read(Run, folder / "run.json")
    trial = dataclasses.replace(
        run[made.model], key="there", title="Put right", of=made.model, notes=("Log loss 0.5 → 0.4.",)
    )
    records.write(folder / "run.json", dataclasses.replace(run, trials=(*run.trials, trial)))
    at = opened(app, made)
    assert "“Put right” stands beside the others on the leaderboard. Log loss 0.5 → 0.4." in html(at)
    assert at.button(key="open_calibrated")


@pytest.mark.slow
def test_the_threshold_starts_at_that_of_the_saved_rule(app, workspace: Workspace) -> None:
    made, store = workspace["binary"], workspace.store
    store.save_policy(made.run, made.model, dataclasses.replace(store.policy(made.run, made.model), threshold=0.234))
    at = opened(app, made)
    slider = at.slider(key=f"threshold_{made.run}_{made.model}")
    assert slider.value == 0.23
    assert "in use says yes from 23.4\u00a0%: this is what is in use" in html(at)
    slider.set_value(0.6).run()
    assert "this is not what is in use" in html(at)


@pytest.mark.slow
def test_a_table_without_dates_says_that_time_cannot_be_looked_at(app, workspace: Workspace) -> None:
    made = workspace["binary"]
    at = opened(app, made, "Over time")
    assert carry_out(workspace.store, newest(workspace.store, "closer")).state == "done"
    assert "no column with dates or times" in html(at.run())


@pytest.mark.parametrize("flaw", ["one outcome", "equal scores"])
def test_one_outcome_or_equal_scores_are_a_sentence_not_an_empty_chart(flaw, app, workspace: Workspace) -> None:
    made, store = workspace["binary"], workspace.store
    said = out_of_fold(places.run_folder(workspace.home, made.run), made.model)
    if flaw == "one outcome":
        said = dataclasses.replace(said, truth=said.truth * 0)
    else:
        said.values[...] = 0.5
    records.write(Store.evaluation_path(store, made.run, made.model), evaluate(said, draws=20))
    at = opened(app, made)
    assert not at.exception, at.exception
    page = html(at)
    assert ("need rows of both" if flaw == "one outcome" else "the same probability") in page
    assert "How well it sorts" not in page
    assert not at.slider


def test_the_file_of_rows_is_safe_to_open_in_a_spreadsheet(workspace: Workspace, tmp_path) -> None:
    from mlcore.data.spreadsheet import csv_text

    rows = laid(workspace, workspace["regression"])
    table = pl.read_parquet(rows.table).with_columns(pl.lit("=1+1").alias("note"))
    table.write_parquet(tmp_path / "t.parquet")
    hostile = dataclasses.replace(rows, table=str(tmp_path / "t.parquet"), columns=(*rows.columns, "note"))
    text = csv_text(row_pages.page(hostile, row_pages.found(hostile, Wish()).head(3)).to_pandas())
    assert text.count("'=1+1") == 3
