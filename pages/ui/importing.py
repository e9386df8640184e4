"""How a file was read: shown, and read again differently when a person knows better."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from mlcore.workspace.store import Job
from pages.ui import cache, jobs, routes, session, show, words
from pages.ui.upload import ACCEPTED, Arrived

FIND = "Find it"
DELIMITERS = {FIND: None, "Comma": ",", "Semicolon": ";", "Tab": "\t", "Pipe": "|", "Space": " "}
ENCODINGS = {FIND: None, "UTF-8": "utf-8", "Windows (Western)": "cp1252", "Latin 1": "iso-8859-1", "UTF-16": "utf-16"}
DECIMALS = {FIND: None, "Point, as in 3.14": ".", "Comma, as in 3,14": ","}
HEADERS = {FIND: None, "Names": True, "Data": False}
FORMATS = {"csv": "CSV", "parquet": "Parquet"}
PREVIEW_ROWS = 20
PREVIEW_COLUMNS = 60


def start(arrived: Arrived, choices: dict[str, Any] | None = None) -> None:
    """Ask for the import of an uploaded file."""
    session.remember("upload", arrived)
    path = routes.upload_path(cache.store().home, arrived.upload)
    jobs.ask("import", f"Import {arrived.name}", path=str(path), name=_title(arrived.name), choices=choices or None)


def reading(table: cache.TableCard) -> None:
    """What was detected, as facts and notes."""
    how = table.dataset.reading
    cells: list[tuple[str, object, str]] = [
        ("Rows", f"{table.rows:,}", f"{how.set_aside:,} set aside" if how.set_aside else "all kept"),
        ("Columns", f"{len(table.schema):,}", ""),
        ("Format", FORMATS.get(how.format, how.format), (how.encoding or "").upper()),
    ]
    if how.delimiter:
        cells.append(("Delimiter", _named(DELIMITERS, how.delimiter), "first row is " + _header(how.header)))
    if how.decimal:
        cells.append(("Decimal mark", "point" if how.decimal == "." else "comma", ""))
    st.header("How it was read", anchor=False)
    show.facts(*cells)
    for note in how.notes:
        show.lede(note)


def preview(table: cache.TableCard) -> None:
    """The first rows as they were understood."""
    names = list(table.schema.names[:PREVIEW_COLUMNS])
    head = pl.read_parquet(table.dataset.path, columns=names, n_rows=PREVIEW_ROWS)
    st.dataframe(head, hide_index=True, key="preview", alt="The first rows of the table")
    more = len(table.schema) - len(names)
    shown = f"The first {len(head):,} of {words.count(table.rows, 'row')}"
    show.lede(f"{shown}; {more:,} more columns are not shown." if more > 0 else f"{shown}.")


def reread(job: Job) -> None:
    """Let a person overrule what was detected."""
    arrived = session.recall("upload")
    if arrived is None or job.args.get("path") != str(routes.upload_path(cache.store().home, arrived.upload)):
        return
    with st.expander("It was read wrongly", expanded=job.state == "failed"), st.form("reread", border=False):
        left, right = st.columns(2)
        delimiter = left.selectbox("Delimiter between columns", list(DELIMITERS), key="choice_delimiter")
        encoding = right.selectbox("Encoding of the text", list(ENCODINGS), key="choice_encoding")
        decimal = left.selectbox("Decimal mark in numbers", list(DECIMALS), key="choice_decimal")
        header = right.selectbox("The first row holds", list(HEADERS), key="choice_header")
        if st.form_submit_button("Read it again"):
            chosen = {
                "delimiter": DELIMITERS[delimiter],
                "encoding": ENCODINGS[encoding],
                "decimal": DECIMALS[decimal],
                "header": HEADERS[header],
            }
            start(arrived, {name: value for name, value in chosen.items() if value is not None})
            st.rerun()


def _named(choices: dict[str, Any], value: str) -> str:
    return next((name.lower() for name, one in choices.items() if one == value), value)


def _title(file: str) -> str:
    """The file's name without what says its format."""
    name = file
    while Path(name).suffix.lower() in ACCEPTED and Path(name).stem:
        name = Path(name).stem
    return name


def _header(header: bool) -> str:
    return "names" if header else "data"
