"""Which rows, and in what order: the questions above the table of rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import streamlit as st

from mlcore.evaluation.evaluation import Evaluation
from mlcore.workspace import row_pages
from mlcore.workspace.erring import Rows
from mlcore.workspace.row_pages import OWN, Wish
from mlcore.workspace.store import RunCard
from pages.ui import cache, tasks

KINDS = {
    "all": "All rows",
    "wrong": "Wrong answers",
    "right": "Right answers",
    "false alarms": "False alarms",
    "misses": "Misses",
    "too little": "Said too little",
    "too much": "Said too much",
    "outside": "Outside the interval",
}
ORDERS = {
    "error": "largest error first",
    "probability": "surest first",
    "row": "as in the table",
}
ANY = "(any)"
EMPTY = "(empty)"


def wished(made: Evaluation, run: RunCard, key: str, rows: Rows) -> Wish:
    """What a person asks for; the threshold is that of the slider on the first view."""
    at, titles = f"{run.id}_{key}", cache.titles_of(run)
    threshold = tasks.chosen_threshold(made, run, key) if made.binary is not None else 0.5
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            "Rows", row_pages.kinds(rows), format_func=KINDS.__getitem__, key=f"kind_{at}", width=210,
            help=f"A yes from {threshold:.2f} on: the threshold of the first view." if made.binary else None,
        )  # fmt: skip
        truth, said = _labels(rows, at) if rows.task == "multiclass" else (None, None)
        by = _order(rows, at, titles)
        falling = by != "row"
        if by not in ORDERS:
            falling = st.selectbox("Order", ["falling", "rising"], key=f"falling_{at}", width=120) == "falling"
        condition = where(rows, at, titles)
    return Wish(kind=kind, threshold=threshold, truth=truth, said=said, by=by, falling=falling, **condition)


def where(rows: Rows, at: str, titles: dict[str, str]) -> dict[str, Any]:
    """A condition on a column of the table, as fields of a `Wish`; empty while nothing is said."""
    column = st.selectbox(
        "Only rows where", [name for name in rows.columns if name != rows.target], index=None,
        placeholder="no condition", format_func=lambda name: titles.get(name, name), key=f"where_{at}", width=250,
    )  # fmt: skip
    condition = _condition(rows, column, at) if column is not None else {}
    return {"column": column, **condition} if condition else {}


def _labels(rows: Rows, at: str) -> tuple[str | None, str | None]:
    asked = [
        st.selectbox(title, rows.labels, index=None, placeholder=ANY, key=f"{title}_{at}", width=170)
        for title in ("Truth", "Said")
    ]
    return asked[0], asked[1]


def _order(rows: Rows, at: str, titles: dict[str, str]) -> str:
    own = [name for name in ORDERS if name != "probability" or rows.task != "regression"]
    others = [name for name in rows.columns if name != rows.target and name not in OWN]
    return str(
        st.selectbox(
            "Sorted", [*own, *others], key=f"by_{at}", width=230,
            format_func=lambda name: ORDERS.get(name, f"by {titles.get(name, name)}"),
        )
    )  # fmt: skip


def _condition(rows: Rows, column: str, at: str) -> dict[str, Any]:
    """What the chosen column must hold; nothing while nothing is said."""
    values, low, high = _about(rows.table, column, rows)
    if values is not None:
        chosen = st.multiselect("is one of", [*values, EMPTY], key=f"values_{at}_{column}", width=300)
        if chosen == [EMPTY]:
            return {"empty": True}
        return {"values": tuple(one for one in chosen if one != EMPTY)} if chosen else {}
    if low is None:
        return {"empty": True}
    if isinstance(low, (date, datetime)):
        first, last = (one.date() if isinstance(one, datetime) else one for one in (low, high))
        least = st.date_input("from", None, first, last, key=f"low_{at}_{column}", width=150)
        most = st.date_input("to", None, first, last, key=f"high_{at}_{column}", width=150)
    else:
        least = st.number_input("from", value=None, placeholder=f"{low:g}", key=f"low_{at}_{column}", width=140)
        most = st.number_input("to", value=None, placeholder=f"{high:g}", key=f"high_{at}_{column}", width=140)
    return {name: end for name, end in (("low", least), ("high", most)) if end is not None}


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs={Rows: lambda one: one.table})
def _about(table: str, column: str, rows: Rows) -> tuple[tuple[str, ...] | None, Any, Any]:
    """The words of a column, or its ends."""
    del table
    found = row_pages.words(rows, column)
    return (found, *((None, None) if found is not None else row_pages.ends(rows, column)))
