"""Panels on a page: the figure in this tab's colours, the sentence that reads it, its basis, the table behind it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlcore.errors import UserError
from mlcore.plots import CHARTS, tokens
from mlcore.plots.panel import Panel
from pages.ui import files, theme
from pages.ui.markup import esc, md

CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}


def draw(chart: str, *records: Any, **settings: Any) -> Panel | None:
    """The panel of a chart of the catalogue; None when these records hold nothing to draw."""
    try:
        return CHARTS[chart].draw(*records, **settings)
    except UserError:
        return None


def drawn(chart: str, *records: Any, **settings: Any) -> Panel | str:
    """The panel of a chart of the catalogue; the sentence that says why there is none."""
    try:
        return CHARTS[chart].draw(*records, **settings)
    except UserError as error:
        return f"{error.what.rstrip('.')}."


def panel(made: Panel | str | None, key: str, *, card: bool = True, stretch: bool = False, bare: bool = False) -> None:
    """Draw one panel, in a card of its own unless it lies in one already; `bare`: without the table behind it.

    A sentence in its place is shown as such.
    """
    if made is None:
        return
    if isinstance(made, str):
        st.html(f'<p class="ts-note">{esc(made)}</p>')
        return
    height = "stretch" if stretch else "content"
    with st.container(border=card, key=f"card_{key}" if card else f"plain_{key}", height=height):
        st.html(f'<div class="ts-panel-title">{esc(made.title)}</div>')
        figure = tokens.dress(made.figure, theme.mode())
        st.plotly_chart(figure, theme=None, key=key, config=CONFIG, width="stretch", alt=made.alt or made.reading)
        st.html(f'<p>{esc(made.reading)}</p><p class="ts-note">{esc(made.basis)}</p>')
        if bare:
            return
        if stretch:
            st.space("stretch")
        with st.container(horizontal=True):
            with st.popover("Table", type="tertiary", icon=":material/table_rows:"):
                st.dataframe(made.frame, hide_index=True, key=f"{key}_frame")
                files.table_button(made.frame, made.title, key)
            if made.help:
                with st.popover("How to read it", type="tertiary", icon=":material/help:"):
                    st.markdown(md(made.help))


def pair(left: Panel | str | None, right: Panel | str | None, key: str) -> None:
    """Two panels side by side on a wide screen; sentences in their place come below."""
    made = [one for one in (left, right) if isinstance(one, Panel)]
    for place, one in zip(st.columns(2, gap="small") if len(made) == 2 else [st.container()], made, strict=False):
        with place:
            panel(one, f"{key}_{one.key}", stretch=len(made) == 2)
    for sentence in dict.fromkeys(one for one in (left, right) if isinstance(one, str)):
        panel(sentence, key)
