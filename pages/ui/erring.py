"""The evaluation's views “Row by row” and “Over time”: which rows it gets wrong, why, and whether that grows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from mlcore.data.row_numbers import row_named
from mlcore.data.spreadsheet import csv_text
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import Evaluation
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.sentences import about_row
from mlcore.workspace import erring, row_pages, scorer
from mlcore.workspace.erring import Rows
from mlcore.workspace.row_pages import Wish
from mlcore.workspace.store import RunCard
from pages.ui import cache, charts, menu, show, words
from pages.ui.closer import look
from pages.ui.markup import esc
from pages.ui.row_filter import wished

A_PAGE = 50
SAVED = 10_000
TITLES = {
    "row": "Row", "truth": "Truth", "said": "Said", "error": "Error", "low": "Low", "high": "High",
}  # fmt: skip


def explorer(made: Evaluation, run: RunCard, key: str) -> None:
    """Every row that was predicted out of fold: filter, sort, page, pick one and see why."""
    found = look(
        lambda store: erring.read_rows(store, run.id, key), run, key, "rows", "Lay the rows beside what was said"
    )
    if found is not None:
        _explorer(made, run, key, found)


@st.fragment
def _explorer(made: Evaluation, run: RunCard, key: str, rows: Rows) -> None:
    at = f"{run.id}_{key}"
    st.header("Which rows does it get wrong?", anchor=False)
    show.lede(
        "Every prediction here was made by a model that was not trained on the row. Click a row, or choose it below, "
        "to "
        "see why."
    )
    try:
        wish = wished(made, run, key, rows)
        lines = _found(rows, Path(rows.beside).stat().st_mtime, wish)
    except UserError as error:
        show.user_error(error)
        return
    if not len(lines):
        show.said("No row is like that. Take a condition away, or choose another kind of rows.")
        return
    shown = _page(rows, lines, at)
    picked = _shown(run, rows, shown, at)
    _saved(run, rows, lines, at)
    _why(run, key, rows, shown.row(by_predicate=pl.col("row") == picked, named=True))


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs={Rows: lambda one: one.beside, Wish: repr})
def _found(rows: Rows, laid: float, wish: Wish) -> pl.DataFrame:
    del laid
    return row_pages.found(rows, wish)


def _page(rows: Rows, lines: pl.DataFrame, at: str) -> pl.DataFrame:
    """Some of the rows, with the user's columns."""
    pages = -(-len(lines) // A_PAGE)
    number = 1
    share = f" ({words.share(len(lines) / rows.n, 1)} of {rows.n:,})" if len(lines) < rows.n else ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if pages > 1:
            number = st.number_input("Page", 1, pages, 1, key=f"page_{at}_{len(lines)}", width=140)
        show.lede(f"{words.count(len(lines), 'row')}{share}, page {number:,} of {pages:,}.")
    return row_pages.page(rows, lines.slice((int(number) - 1) * A_PAGE, A_PAGE))


def _shown(run: RunCard, rows: Rows, shown: pl.DataFrame, at: str) -> int:
    """The rows as a table; the position of the one that is picked."""
    places, titles = shown["row"].to_list(), cache.titles_of(run)
    numbers = cache.row_numbers(run, places)
    named = {place: row_named(number, place) for place, number in zip(places, numbers, strict=True)}
    table, pick = f"rows_{at}", f"pick_{at}"

    def clicked() -> None:
        chosen = st.session_state[table].selection.rows
        if chosen:
            st.session_state[pick] = places[chosen[0]]

    if st.session_state.get(pick) not in places:
        st.session_state[pick] = places[0]
    st.dataframe(
        _numbered(run, shown), hide_index=True, key=table, on_select=clicked, selection_mode="single-row",
        placeholder="(empty)", column_config=_config(rows, shown, titles),
        alt="Rows with truth, prediction, error and your columns",
    )  # fmt: skip
    return int(
        st.selectbox(
            "Look at row", places, format_func=named.__getitem__, key=pick, width=220,
            help="The number of the row in the table as it was imported: row 1 is the first below the header.",
        )
    )  # fmt: skip


def _numbered(run: RunCard, shown: pl.DataFrame) -> pl.DataFrame:
    """With the numbers that people know instead of positions; empty for a row that a recipe appended."""
    return shown.with_columns(pl.Series("row", cache.row_numbers(run, shown["row"].to_list()), dtype=pl.Int64))


def _config(rows: Rows, shown: pl.DataFrame, titles: dict[str, str]) -> dict[str, Any]:
    """Titles people know; our columns say what they are."""
    number = st.column_config.NumberColumn
    likely = f"Probability of {rows.positive}" if rows.task == "binary" else "Probability of the answer"
    error = "Truth − prediction" if rows.task == "regression" else "Not given to the truth"
    made: dict[str, Any] = {
        "row": number("Row", format="localized", pinned=True),
        "truth": st.column_config.Column("Truth"),
        "said": st.column_config.Column("Said"),
        "probability": number(likely, format="percent"),
        "error": number(error, format="localized" if rows.task == "regression" else "percent"),
        "low": number("Interval from", format="localized"),
        "high": number("Interval to", format="localized"),
    }
    own = {name: st.column_config.Column(title) for name, title in titles.items() if name in shown.columns}
    return {**own, **{name: one for name, one in made.items() if name in shown.columns}}


def _saved(run: RunCard, rows: Rows, lines: pl.DataFrame, at: str) -> None:
    """The rows as a file that is safe to open in a spreadsheet; made when it is asked for."""
    few = lines.head(SAVED)
    label = "Download these rows" if len(few) == len(lines) else f"Download the first {SAVED:,} rows"

    def file() -> str:
        return csv_text(_numbered(run, row_pages.page(rows, few)).to_pandas())

    st.download_button(
        label, file, file_name="rows.csv", mime="text/csv", on_click="ignore", key=f"save_rows_{at}",
        icon=":material/download:",
    )  # fmt: skip


def _why(run: RunCard, key: str, rows: Rows, line: dict[str, Any]) -> None:
    """Why the model says what it says about the row that is picked."""
    place = int(line["row"])
    row_number = cache.row_numbers(run, [place])[0]
    st.header(f"Why row {row_named(row_number, place)}?", anchor=False)
    number = rows.task == "regression"
    said = words.number(float(line["said"])) if number else str(line["said"])
    cells = [("Truth", words.number(float(line["truth"])) if number else str(line["truth"]), "")]
    cells.append(("Said", said, "by a model that had not seen the row"))
    cells.append(("Error", words.number(line["error"]), "truth − prediction") if number else (
        "Not given to the truth", words.share(line["error"], 1), "of the probability"))  # fmt: skip
    show.facts(*cells)
    try:
        with st.spinner("Asking the model"):
            row = row_pages.row(rows, place)
            why = _explained(run.id, key, json.dumps(row, default=str, ensure_ascii=False))
    except UserError as error:
        show.user_error(error)
        return
    why = cache.in_words(why, run)
    output = why.outputs.index(said) if len(why.outputs) > 1 and said in why.outputs else 0
    show.said(*about_row(why, 0, output=output))
    charts.panel(charts.drawn("waterfall", why, row=0, output=why.outputs[output]), f"why_{run.id}_{key}")
    show.lede(
        "The explanation is that of the final model, which was trained on all rows: it may differ a little from what "
        "was "
        "said above by one that had not seen this row."
    )
    _links(run, key, row_number)


def _links(run: RunCard, key: str, number: int | None) -> None:
    if number is None:
        show.lede("What-if starts from rows of the table as it was imported; this one was appended by the recipe.")
    elif "what_if" in menu.ENTRIES:
        ids = urlencode({"table": run.dataset, "run": run.id, "model": key, "row": number})
        st.html(f'<a class="ts-button" href="what_if?{esc(ids)}" target="_self">{esc("Try changes to this row")}</a>')


@st.cache_resource(max_entries=64, show_spinner=False)
def _explained(run: str, key: str, row: str) -> Explanation:
    return scorer.client().explain_row(run, key, json.loads(row), prepared=True)


def over_time(run: RunCard, key: str) -> None:
    """The error as time goes on, and the further ahead is predicted."""
    _over_time(run, key)


@st.fragment
def _over_time(run: RunCard, key: str) -> None:
    st.header("Does the error grow over time?", anchor=False)
    at = f"{run.id}_{key}"
    found = look(
        lambda store: erring.read_in_time(store, run.id, key), run, key, "in_time", "Measure the error over time"
    )
    if found is None:
        return
    if not found.columns:
        show.said("This table has no column with dates or times, so the error cannot be laid along time.")
        return
    titles = cache.titles_of(run)
    column = found.columns[0]
    if len(found.columns) > 1:
        column = st.selectbox(
            "Time", found.columns, format_func=lambda name: titles.get(name, name), key=f"time_{at}", width=420
        )
    if column != found.columns[0]:
        found = look(
            lambda store: erring.read_in_time(store, run.id, key, column),
            run, key, "in_time", "Measure the error over time", {"column": column},
        )  # fmt: skip
    if found is None or found.over is None:
        return
    charts.panel(charts.drawn("error_over_time", found.over, titles.get(column)), f"over_{at}")
    if found.ahead is not None:
        charts.panel(charts.drawn("error_ahead", found.ahead), f"ahead_{at}")
    else:
        show.lede(
            "How far ahead predictions hold can be measured only when rows are judged forward in time: choose a time "
            "column "
            "on the Goal page."
        )
