"""Where a table can come from, and what each source asks."""

from __future__ import annotations

import streamlit as st

from pages.ui import importing, show, tables, upload

FILE, SAMPLE = "File", "Sample tables"


def choose() -> None:
    """Choose a source and answer what it asks; once it is known where the table is, a look at it begins."""
    source = st.segmented_control("Where is the table?", [FILE, SAMPLE], default=FILE, required=True, key="source")
    {FILE: _file, SAMPLE: _samples}[str(source)]()


def _file() -> None:
    arrived = upload.uploader("table")
    if arrived is not None:
        importing.start(arrived)
        st.rerun()


def _samples() -> None:
    show.lede("Real, public tables that come with the app. The outcome to predict is already chosen.")
    tables.samples(importing.sample, busy=False)
