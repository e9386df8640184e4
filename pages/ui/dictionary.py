"""The data dictionary: a form of all columns, saved by one click, or pasted from a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from mlcore import records
from mlcore.data.dictionary import LONGEST, Entry, entry_of, parsed
from mlcore.data.profile import Profile
from mlcore.errors import UserError
from pages.ui import cache, session, show, words
from pages.ui.markup import md

HEADS = {"name": "Column", "label": "Label", "unit": "Unit", "meaning": "Meaning", "low": "Lowest", "high": "Highest"}
ABOUT = (
    "What a column is called, counts and means: used in every chart, form and report, and sent along with the model. "
    "Values outside of lowest and highest are pointed out by the checks."
)


def editor(table: cache.TableCard, profile: Profile) -> None:
    """All columns with what is said about them; nothing is kept before Save."""
    del profile
    show.lede(ABOUT)
    now = {column.name: entry_of(column) for column in table.schema}
    frame = pd.DataFrame([{"name": name, **records.to_json(entry)} for name, entry in now.items()])
    frame = frame.astype({"low": "float64", "high": "float64"})
    changed = st.data_editor(
        frame,
        hide_index=True,
        disabled=["name"],
        num_rows="fixed",
        placeholder="",
        key=f"dictionary_{table.id}_{records.identity(list(now.values()))}",
        column_config=_config(),
        height=min(520, 38 + 35 * len(frame)),
    )
    entries = {name: entry for name, entry in _entries(changed).items() if entry != now[name]}
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Save the dictionary", type="primary", key="save_dictionary", disabled=not entries):
            _save(table, entries)
        show.lede(f"Not saved yet: {words.count(len(entries), 'column')}." if entries else _saved(table))
    _pasting(table)


def _config() -> dict[str, Any]:
    wide = {"name": "medium", "label": "medium", "unit": "small", "meaning": "large"}
    texts = {
        name: st.column_config.TextColumn(HEADS[name], width=wide[name], max_chars=LONGEST.get(name))  # type: ignore[arg-type]
        for name in wide
    }
    numbers = {name: st.column_config.NumberColumn(HEADS[name], width="small") for name in ("low", "high")}
    return {**texts, **numbers}


def _entries(frame: pd.DataFrame) -> dict[str, Entry]:
    return {str(row["name"]): _entry(row) for row in frame.to_dict("records")}


def _entry(row: Mapping[Any, Any]) -> Entry:
    words_of = {name: "" if pd.isna(row[name]) else " ".join(str(row[name]).split()) for name in LONGEST}
    low, high = (None if pd.isna(row[name]) else float(row[name]) for name in ("low", "high"))
    return Entry(low=low, high=high, **words_of)


def _save(table: cache.TableCard, entries: Mapping[str, Entry]) -> None:
    try:
        cache.store().set_entries(table.id, entries)
    except UserError as error:
        show.user_error(error)
        return
    session.remember(f"dictionary_{table.id}", words.count(len(entries), "column"))
    st.rerun()


def _saved(table: cache.TableCard) -> str:
    saved = session.recall(f"dictionary_{table.id}")
    return f"Saved: {saved}." if saved else ""


def _pasting(table: cache.TableCard) -> None:
    with st.expander("Paste a dictionary you have"):
        text = st.text_area(
            "Cells of a spreadsheet, or lines of a CSV file",
            key=f"paste_{table.id}",
            height=160,
            placeholder="column, label, unit, meaning, low, high\nage, Age, years, at the first visit, 0, 120",
            help=md("The first line names the fields; only column and one of the others are needed."),
        )
        if st.button("Take it over", key="take_dictionary", disabled=not (text or "").strip()):
            try:
                entries, unknown = parsed(str(text), table.schema)
            except UserError as error:
                show.user_error(error)
                return
            if unknown:
                show.failure(f"The table has no column {unknown[0]!r}.", f"{words.count(len(entries), 'column')} fit.")
            if entries:
                _save(table, entries)
