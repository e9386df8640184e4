"""The Explain page: one question at a time, a closer look on demand, and the same words in a scored file."""

from __future__ import annotations

import shutil
from typing import Any

import pandas as pd
import pytest

from mlcore.explanation import about_row, explain_rows
from mlcore.explanation.labelled import labelled
from mlcore.learning.model import Model
from mlcore.workspace import errands
from pages.ui.explaining import VIEWS
from tests.pages.test_pages import html
from tests.pages.working import carry_out, newest

PAGE = "pages/model/explain.py"
SAID = {
    "The whole model": "What matters most",
    "One column": "goes with the output",
    "Columns together": "Which columns work together",
    "One row": "How this row",
    "Groups of rows": "One group of rows beside the others",
    "Needs and rules": "asks the model about thousands of changed rows",
}


@pytest.mark.slow
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_every_view_answers_its_own_question(task: str, app, workspace) -> None:
    made = workspace[task]
    at = app(PAGE, table=made.table, run=made.run, model=made.model)
    assert list(VIEWS) == list(SAID)
    for view, said in SAID.items():
        at.segmented_control(key=f"view_{made.run}_{made.model}").set_value(view).run()
        assert not at.exception
        assert said in html(at)


@pytest.mark.slow
def test_a_closer_look_is_asked_for_once_and_shown(app, workspace) -> None:
    made = workspace["regression"]
    ids = {"table": made.table, "run": made.run, "model": made.model}
    at = app(PAGE, **ids)
    at.segmented_control(key=f"view_{made.run}_{made.model}").set_value("Needs and rules").run()
    at.button(key=f"look_{made.run}_{made.model}").click().run()
    job = newest(workspace.store, "probe")
    assert "Look closer at the model: waiting for the worker" in html(at)
    assert carry_out(workspace.store, job).state == "done"
    at.run()
    assert not at.exception
    assert "What the model needs" in html(at)
    assert "rules copy" in html(at)
    at.segmented_control(key=f"view_{made.run}_{made.model}").set_value("One column").run()
    assert not at.exception
    assert "What changing" in html(at)


@pytest.mark.parametrize("kind", ["explain", "evaluate"])
def test_what_is_shown_of_a_model_that_was_made_anew_is_asked_for_again(kind: Any, app, workspace) -> None:
    made, store = workspace["regression"], workspace.store
    shutil.rmtree(store.explanation_place(made.run, made.model), ignore_errors=True)
    store.evaluation_path(made.run, made.model).unlink(missing_ok=True)
    before = store.submit(kind, {"run": made.run, "key": made.model}, "Before")
    assert store.claim(before, "w")
    store.begin(before, "w")
    store.finish(before, "w", "done", result={})
    at = app(f"pages/model/{kind}.py", table=made.table, run=made.run, model=made.model)
    assert "waiting for the worker" in html(at)
    assert newest(store, kind).id != before


def test_the_reasons_of_a_file_are_the_sentences_of_the_screen(workspace, tmp_path) -> None:
    made = workspace["regression"]
    folder = workspace.store.model_folder(made.run, made.model)
    model = Model.load(folder)
    rows = pd.read_parquet(workspace.store.dataset(made.table).path).head(4)
    rows.to_csv(tmp_path / "rows.csv", index=False)
    titles = {model.columns[0]: "A [years]", model.columns[2]: "Body mass [kg/m²]"}
    out = tmp_path / "out.parquet"
    errands.score(str(folder), str(tmp_path / "rows.csv"), str(out), "parquet", reasons=2, titles=titles)
    scored = pd.read_parquet(out)
    shown = labelled(explain_rows(model, model.prepared(rows)), titles)
    for row in range(4):
        first = scored.loc[row, "reason_1"]
        assert first == "" or first in about_row(shown, row)
    assert scored["reason_1"].str.contains("the predicted target").any()
