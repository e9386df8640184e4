"""A form for one row, made from the model's schema and filled with a row of the table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from mlcore.data.outline import lineage
from mlcore.data.schema import Column
from mlcore.learning.plan import Plan
from pages.ui import cache, words
from pages.ui.markup import md

IN_FRONT = 12
AT_MOST = 120
EMPTY = "(empty)"
LONGEST_SLIDER = 1e12


def ask(columns: Sequence[Column], table: cache.TableCard | None, key: str) -> dict[str, Any] | None:
    """The row a person asks about, by column name; None until they do."""
    number, start = _start(table, key) if table is not None else (1, {})
    return _form(columns, start, f"{key}_{number}")


def by_importance(run: str, key: str, plan: Plan) -> list[Column]:
    """The columns that a row must have; when the model was explained, those that move the predictions most first.

    Last are those that only the decision rule looks at. With a recipe these are raw columns: one moves predictions as
    the strongest of the columns made from it does.
    """
    schema = plan.schema if plan.inputs is None else plan.inputs
    known = {column.name for column in plan.asked}
    looked_at = [schema[name] for name in cache.store().policy(run, key).columns if name not in known]
    folder = cache.store().explanation_folder(run, key)
    if folder is None:
        return [*plan.asked, *looked_at]
    order = cache.by_importance(cache.explanation(str(folder), folder.stat().st_mtime), None)
    sources = lineage(plan.recipe, plan.inputs.names) if plan.inputs is not None else {}
    place: dict[str, int] = {}
    for at, name in enumerate(order):
        for raw in sources.get(name, (name,)):
            place.setdefault(raw, at)
    return [*sorted(plan.asked, key=lambda column: place.get(column.name, len(order))), *looked_at]


def _start(table: cache.TableCard, key: str) -> tuple[int, dict[str, Any]]:
    number = st.number_input(
        "Start from row",
        min_value=1,
        max_value=max(1, table.rows),
        value=1,
        key=f"start_{key}",
        width=220,
        help="The form is filled with this row of your table; change what you like.",
    )
    return int(number), row_at(table.dataset.path, int(number) - 1)


@st.cache_data(max_entries=32, show_spinner=False)
def row_at(path: str, at: int) -> dict[str, Any]:
    """One row of a stored table, by its position."""
    return pl.scan_parquet(path, glob=False).slice(at, 1).collect().to_dicts()[0]


def _form(columns: Sequence[Column], start: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    with st.form(f"form_{key}", border=False):
        row = {column.name: start.get(column.name) for column in columns}
        row.update(_fields(columns[:IN_FRONT], start, key))
        rest = columns[IN_FRONT:AT_MOST]
        if rest:
            hidden = len(columns) - IN_FRONT - len(rest)
            more = f"; {hidden:,} others stay as in the row" if hidden > 0 else ""
            with st.expander(f"{words.count(len(rest), 'more column')}{more}"):
                row.update(_fields(rest, start, key))
        asked = st.form_submit_button("Predict", type="primary", icon=":material/bolt:")
    return row if asked else None


def _fields(columns: Sequence[Column], start: Mapping[str, Any], key: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    with st.grid(2, min_column_width=200, gap="small"):
        for column in columns:
            made[column.name] = field(column, start.get(column.name), f"field_{key}_{column.name}")
    return made


def field(column: Column, value: Any, key: str, *, slide: bool = False) -> Any:
    """A widget for one cell, and what it holds; with `slide` numbers are sliders over what was seen."""
    label = md(column.titled) or "(no name)"
    if column.categories and column.kind in ("boolean", "categorical", "ordinal"):
        return _category(column, value, label, key)
    if column.storage in ("float", "integer") and not isinstance(value, str):
        return (
            _slider(column, value, label, key)
            if slide and _slides(column, value)
            else _number(column, value, label, key)
        )
    shown = "" if value is None else str(value).removesuffix(" 00:00:00")
    given = st.text_input(label, value=shown, key=key, placeholder=EMPTY, help=_help(column, _range(column)))
    return given if given != "" else None


def _slides(column: Column, value: Any) -> bool:
    """Whether there is a range to slide in, and a cell to start from."""
    ends = (column.low, column.high, value)
    if any(end is None or not math.isfinite(end) or abs(end) > LONGEST_SLIDER for end in ends):
        return False
    return column.low != column.high


def _slider(column: Column, value: float, label: str, key: str) -> float | int:
    """Bounded by what was seen in training, or by the row itself where that lies outside."""
    low, high = min(column.low or 0.0, value), max(column.high or 0.0, value)
    if column.storage == "integer":
        ends = {"min_value": int(low), "max_value": int(high), "value": int(value), "step": 1}
        return int(st.slider(label, **ends, key=key, help=_help(column, _range(column))))
    digits = max(0, 2 - math.floor(math.log10(high - low)))
    step = 10.0**-digits
    return float(
        st.slider(
            label,
            min_value=math.floor(low / step) * step,
            max_value=math.ceil(high / step) * step,
            value=float(value),
            step=step,
            format="%.6g",
            key=key,
            help=_help(column, _range(column)),
        )
    )


def _number(column: Column, value: Any, label: str, key: str) -> float | int | None:
    whole = column.storage == "integer"
    return st.number_input(
        label,
        value=None if value is None else int(value) if whole else float(value),
        step=1 if whole else None,
        format=None if whole else "%.6g",
        key=key,
        placeholder=EMPTY,
        help=_help(column, _range(column)),
    )


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
        help=_help(column, f"{words.count(len(column.categories), 'value')} seen in training; others can be typed."),
    )
    return None if chosen in (None, EMPTY) else _stored(str(chosen), column)


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _stored(text: str, column: Column) -> Any:
    """The text as the column's storage holds it; what does not fit stays text, and the model says so."""
    if column.storage not in ("float", "integer"):
        return text
    try:
        return int(text) if column.storage == "integer" else float(text)
    except ValueError:
        return text


def _help(column: Column, seen: str | None) -> str | None:
    """What the column means, by the data dictionary, and what was seen of it."""
    meaning = md(column.meaning.rstrip(".") + ".") if column.meaning else ""
    named = f"In the file: {md(column.name)}." if column.label else ""
    return " ".join(part for part in (meaning, seen, named) if part) or None


def _range(column: Column) -> str | None:
    if column.storage == "datetime":
        return "As in 2026-01-31 or 2026-01-31 14:30."
    if column.low is None or column.high is None:
        return None
    return f"{words.number(column.low)} to {words.number(column.high)} in training."
