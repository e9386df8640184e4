"""The prediction page's parts: a form made from the schema, the answer with its reasons, and whole files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import polars as pl
import streamlit as st

from mlcore.data.schema import Column
from mlcore.errors import UserError
from mlcore.explanation.sentences import about_row
from mlcore.learning.plan import Plan
from mlcore.workspace import scorer
from mlcore.workspace.store import Job, RunCard
from pages.ui import cache, charts, files, jobs, markup, routes, session, show, upload, words
from pages.ui.markup import Head, esc, md

IN_FRONT = 12
AT_MOST = 120
EMPTY = "(empty)"
FLAGS = {
    "unseen": "{column}: this value was never seen in training",
    "range": "{column}: outside the range seen in training",
    "missing": "{column}: empty, which never happened in training",
}


def context(run: RunCard, key: str) -> str:
    """Which model answers."""
    target = run.plan.goal.target if run.plan is not None else "the target"
    return (
        f"“{cache.model_title(run.id, key)}”, predicting {target}, through the same code that the exported bundle runs."
    )


def one_row(run: RunCard, key: str) -> None:
    """The form, and below it the answer."""
    if run.plan is None:
        return
    table = cache.table_card(run.dataset)
    left, right = st.columns([5, 4], gap="large")
    with left:
        start = _start(table.dataset.path, table.rows) if table is not None else {}
        asked = _form(run, key, run.plan, start)
    with right:
        if asked is not None:
            session.remember(f"row_{run.id}_{key}", asked)
        row = session.recall(f"row_{run.id}_{key}")
        if row is None:
            show.lede("Fill in the row and ask: the answer appears here, with what moved it.")
        else:
            _answer(run, key, row)


def _start(path: str, rows: int) -> dict[str, Any]:
    number = st.number_input(
        "Start from row",
        min_value=1,
        max_value=max(1, rows),
        value=1,
        key="start_row",
        width=220,
        help="The form is filled with this row of your table; change what you like.",
    )
    return _row(path, int(number) - 1)


@st.cache_data(max_entries=32, show_spinner=False)
def _row(path: str, at: int) -> dict[str, Any]:
    return pl.scan_parquet(path).slice(at, 1).collect().to_dicts()[0]


def _form(run: RunCard, key: str, plan: Plan, start: Mapping[str, Any]) -> dict[str, Any] | None:
    columns = _by_importance(run.id, key, list(plan.schema.features))
    mark = session.recall("start_row", 0), st.session_state.get("start_row")
    with st.form(f"row_{run.id}_{key}", border=False):
        row = {column.name: start.get(column.name) for column in columns}
        row.update(_fields(columns[:IN_FRONT], start, f"{key}_{mark}"))
        rest = columns[IN_FRONT:AT_MOST]
        if rest:
            hidden = len(columns) - IN_FRONT - len(rest)
            more = f"; {hidden:,} others stay as in the row" if hidden > 0 else ""
            with st.expander(f"{words.count(len(rest), 'more column')}{more}"):
                row.update(_fields(rest, start, f"{key}_{mark}"))
        asked = st.form_submit_button("Predict", type="primary", icon=":material/bolt:")
    return row if asked else None


def _by_importance(run: str, key: str, columns: list[Column]) -> list[Column]:
    folder = cache.store().explanation_folder(run, key)
    if folder is None:
        return columns
    order = cache.by_importance(cache.explanation(str(folder), folder.stat().st_mtime), 0)
    place = {name: at for at, name in enumerate(order)}
    return sorted(columns, key=lambda column: place.get(column.name, len(place)))


def _fields(columns: list[Column], start: Mapping[str, Any], key: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    with st.grid(2, min_column_width=200, gap="small"):
        for at, column in enumerate(columns):
            made[column.name] = _field(column, start.get(column.name), f"field_{key}_{at}_{column.name}")
    return made


def _field(column: Column, value: Any, key: str) -> Any:
    label = md(column.name) or "(no name)"
    if column.categories and column.kind in ("boolean", "categorical", "ordinal"):
        return _category(column, value, label, key)
    if column.kind in ("numeric", "integer") and column.storage in ("float", "integer"):
        whole = column.storage == "integer"
        return st.number_input(
            label,
            value=None if value is None else int(value) if whole else float(value),
            step=1 if whole else None,
            format=None if whole else "%.6g",
            key=key,
            placeholder=EMPTY,
            help=_range(column),
        )
    shown = "" if value is None else str(value)
    given_text = st.text_input(label, value=shown, key=key, placeholder=EMPTY, help=_range(column))
    return given_text if given_text != "" else None


def _category(column: Column, value: Any, label: str, key: str) -> Any:
    shown = None if value is None else _text(value)
    options = [EMPTY, *column.categories]
    if shown is not None and shown not in options:
        options.append(shown)
    chosen = st.selectbox(
        label,
        options,
        index=options.index(shown) if shown is not None else 0,
        key=key,
        format_func=str,
        accept_new_options=True,
        help=f"{words.count(len(column.categories), 'value')} seen in training; others can be typed.",
    )
    if chosen in (None, EMPTY):
        return None
    return _stored(chosen, column)


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _stored(text: str, column: Column) -> Any:
    """The text as the column's storage holds it; what does not fit stays text and is reported by the model."""
    if column.storage in ("float", "integer"):
        try:
            return int(text) if column.storage == "integer" else float(text)
        except ValueError:
            return text
    return text


def _range(column: Column) -> str | None:
    if column.kind == "datetime":
        return "As in 2026-01-31 or 2026-01-31 14:30."
    if column.low is None or column.high is None:
        return None
    return f"{words.number(column.low)} to {words.number(column.high)} in training."


def _answer(run: RunCard, key: str, row: dict[str, Any]) -> None:
    ready = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
    try:
        with st.spinner("Asking the model"):
            said = scorer.client().predict(run.id, key, [ready])[0]
    except UserError as error:
        show.user_error(error)
        return
    _said(run, said)
    try:
        with st.spinner("Looking for what moved it"):
            why = scorer.client().explain_row(run.id, key, ready)
    except UserError as error:
        show.user_error(error)
        return
    output = _output(why.outputs, said)
    show.said(*about_row(why, 0, output=output))
    charts.panel(charts.draw("waterfall", why, row=0, output=why.outputs[output]), "row_waterfall")


def _output(outputs: tuple[str, ...], said: Mapping[str, Any]) -> int:
    predicted = str(said.get("prediction"))
    return outputs.index(predicted) if len(outputs) > 1 and predicted in outputs else 0


def _said(run: RunCard, said: Mapping[str, Any]) -> None:
    prediction, goal = said["prediction"], run.plan.goal if run.plan is not None else None
    name = goal.target if goal is not None else "Prediction"
    if "low" in said:
        shown, note = (
            words.number(float(prediction)),
            f"{words.number(said['low'])} to {words.number(said['high'])} (90 %)",
        )
        show.facts((name, shown, note))
    else:
        show.facts((name, prediction, "the likeliest answer"))
        rows = _probabilities(said)
        st.html(markup.table((Head("Answer", name=True), Head("Probability")), rows, caption="Probabilities"))
    for flag in [flag for flag in str(said.get("flags") or "").split(";") if flag]:
        code, _, column = flag.partition(":")
        show.chips([(FLAGS.get(code, "{column}: unusual").format(column=column), "watch")])


def _probabilities(said: Mapping[str, Any]) -> list[tuple[tuple[str, str], str]]:
    found = [
        (name.removeprefix("probability_"), float(value))
        for name, value in said.items()
        if name.startswith("probability_")
    ]
    found.sort(key=lambda pair: -pair[1])
    return [((esc(label), markup.bar(share, words.share(share, 1))), "") for label, share in found[:10]]


def whole_file(run: RunCard, key: str) -> None:
    """A file of rows in, the same rows with predictions out."""
    show.lede(
        "A CSV or Parquet file with the columns the model learned from, in any order; the target may be absent. "
        "You get one line for each row, in the same order."
    )
    form = st.segmented_control("You get", ["CSV", "Parquet"], default="CSV", key="scores_format", required=True)
    arrived = upload.uploader("rows")
    if arrived is not None:
        path = routes.upload_path(cache.store().home, arrived.upload)
        jobs.ask("score_file", f"Score {arrived.name}", run=run.id, key=key, path=str(path), format=str(form).lower())
        st.rerun()
    job = jobs.asked("score_file")
    if job is None or job.args.get("run") != run.id or job.args.get("key") != key:
        return
    jobs.follow(job)
    if job.state == "done":
        _scored(job)


def _scored(job: Job) -> None:
    rows, flagged = int(job.result.get("rows", 0)), int(job.result.get("flagged", 0))
    show.facts(
        ("Rows scored", f"{rows:,}", "in the order of your file"),
        ("Rows with flags", f"{flagged:,}", "unseen values, out of range, or empty"),
    )
    files.button("Download the predictions", "scores", job.id)
    found = files.find("scores", job.id)
    if found is not None:
        st.dataframe(_head(str(found.path)), hide_index=True, key="scores_head", alt="The first scored rows")
        show.lede("The first 20 rows.")


@st.cache_data(max_entries=8, show_spinner=False)
def _head(path: str) -> pd.DataFrame:
    if path.endswith(".parquet"):
        return pl.read_parquet(path, n_rows=20).to_pandas()
    return pd.read_csv(path, nrows=20)
