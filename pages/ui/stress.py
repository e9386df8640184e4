"""The Stress tab: how the model takes worse input, asked for by a person and measured by the worker."""

from __future__ import annotations

import streamlit as st

from mlcore.learning.stress_told import sentences
from mlcore.workspace import closer
from mlcore.workspace.store import RunCard
from pages.ui import cache, charts, jobs, show

TITLE = "Put it under stress"


def tab(run: RunCard, key: str) -> None:
    """What was measured, or a button to measure it."""
    st.header("How does it take worse input?", anchor=False)
    show.lede(
        "Noise on numbers, missing values, shifted values and categories never seen, stronger and stronger; then each "
        "column failing alone. Locked rows stay locked: they are used only where they were opened for this model."
    )
    args = {"run": run.id, "key": key, "look": "stress"}
    job = jobs.latest("closer", **args)
    if job is not None and job.active:
        jobs.follow(job)
        return
    made = closer.read_stress(cache.store(), run.id, key)
    if made is not None:
        titles = cache.titles_of(run)
        drawn = [charts.draw("stress_curves", made), charts.draw("stress_columns", made, titles)]
        read = [one.reading for one in drawn if one is not None]
        show.said(*(one for one in sentences(made, titles) if one not in read))
        for one in drawn:
            charts.panel(one, f"stress_{'' if one is None else one.key}_{run.id}_{key}")
    elif job is not None and job.state == "failed":
        jobs.follow(job)
        return
    else:
        show.lede("Takes about half a minute, and before that the time of one fit; it can be cancelled.")
    if made is None or made.progress < 1:
        word = TITLE if made is None else "Measure all of it"
        if st.button(word, key=f"stress_{run.id}_{key}", icon=":material/bolt:"):
            jobs.ask("closer", TITLE, **args)
            st.rerun()
