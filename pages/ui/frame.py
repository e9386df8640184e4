"""What stands around every page: the look, the logo, and what is going on in the background."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui import cache, markup, session, theme, words
from pages.ui.markup import esc

HERE = Path(__file__).resolve().parent


def dress() -> None:
    """Set title, icon, style and logo; to be called before anything is drawn."""
    st.set_page_config(
        page_title="Tablesmith",
        page_icon=str(HERE / "static" / "favicon.png"),
        layout="wide",
        menu_items={"About": "Tablesmith: from a table to a proven model, without code."},
    )
    st.html(HERE / "style.css")
    mode = theme.mode()
    st.html(f"<style>body {{ color-scheme: {mode}; }}</style>")  # what opens over the page lies outside `.stApp`
    st.logo(
        str(HERE / "static" / f"logo-{mode}.svg"), size="large", icon_image=str(HERE / "static" / f"mark-{mode}.svg")
    )
    session.sync()


def side() -> None:
    """Under the menu: what is being worked on, on any page."""
    with st.sidebar:
        _busy()


@st.fragment(run_every=3)
def _busy() -> None:
    active = cache.store().jobs(active=True, limit=5)
    if not active:
        return
    lines = []
    for job in active:
        share = job.progress if job.progress > 0 else None
        aside = words.share(share) if share is not None else words.STATES[job.state][0]
        lines.append(f"<b>{esc(job.title)}</b>{markup.progress(share, job.message or 'Working', aside)}")
    st.html(f'<div class="ts-side">{"".join(lines)}</div>')
