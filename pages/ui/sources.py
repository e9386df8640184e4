"""Where a table can come from, and what each source asks before a look at it begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from mlcore.data.sources import SOURCES, origin_of
from mlcore.errors import UserError
from pages.ui import databases, folders, importing, show, tables, upload


def choose() -> None:
    """Choose a source and answer what it asks; once it is known where the table is, a look at it begins."""
    titles = {"file": "File", "sql": "Database", "url": "Link", "path": "Server folder", "sample": "Sample tables"}
    source = st.segmented_control(
        "Where is the table?",
        [one.key for one in SOURCES],
        default="file",
        format_func=lambda key: titles.get(key, SOURCES[key].title),
        required=True,
        key="source",
        persist_state="page",
    )
    barred = SOURCES[str(source)].barred()
    if barred:
        show.lede(f"{SOURCES[str(source)].help} This is turned off here. {barred}")
    else:
        {"file": _file, "sql": _database, "url": _link, "path": _folder, "sample": _samples}[str(source)]()


def _file() -> None:
    arrived = upload.uploader("table")
    if arrived is not None:
        importing.start(arrived)
        st.rerun()


def _database() -> None:
    params = databases.ask()
    if params is not None:
        name = params.pop("name", "")
        _look("sql", params, name)


def _link() -> None:
    with st.form("link", border=False):
        url = st.text_input("Address of the file", placeholder="https://…", key="url", persist_state="page")
        asked = st.form_submit_button("Look at it", type="primary", key="look_url")
    show.lede("Only addresses of the public internet. The file is fetched by this app, without passwords or cookies.")
    if asked:
        _look("url", {"url": url.strip()})


def _folder() -> None:
    path = folders.pick("table")
    if st.button("Look at it", type="primary", key="look_path", disabled=path is None):
        _look("path", {"path": path})


def _samples() -> None:
    show.lede("Real, public tables that come with the app. The outcome to predict is already chosen.")
    tables.samples(importing.sample, busy=False)


def _look(kind: str, params: Mapping[str, Any], name: str = "") -> None:
    """Begin the look, or say what does not fit."""
    try:
        origin = origin_of(kind, params)
    except UserError as error:
        show.user_error(error)
        return
    importing.look({"origin": {"kind": kind, "params": dict(params)}, "name": name or origin.title})
    st.rerun()
