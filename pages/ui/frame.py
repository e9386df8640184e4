"""What stands around every page: the look, the logo, and what is going on in the background."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mlcore.workspace.store import Job
from pages.ui import cache, jobs, markup, session, theme, words
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
    st.html(f'<div class="ts-side">{"".join(line(job) for job in active)}</div>')


def line(job: Job) -> str:
    """A job in little room: its title with how far it is, and what it does now where that can be counted."""
    share = jobs.share(job)
    if job.state == "waiting":
        aside = words.STATES[job.state][0]
    elif share is not None:
        aside = words.share(share)
    else:
        aside = words.duration(job.elapsed) if job.elapsed >= 1 else ""
    now = f"<p>{esc(job.message)}</p>" if share and job.message else ""
    return markup.progress(share, job.title, aside) + now
