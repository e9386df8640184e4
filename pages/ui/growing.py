"""Whether there are enough rows: asked for once, followed while parts are learned from, shown as a curve."""

from __future__ import annotations

import streamlit as st

from mlcore.evaluation.compare import Leaderboard
from mlcore.workspace.store import RunCard
from pages.ui import cache, charts, jobs, show, words

SHARE = 1.5
"""Of the time that all folds of a model took: the parts together have about as many rows, and starting takes time."""


def section(run: RunCard, board: Leaderboard) -> None:
    """The learning curve of the recommended model, or the button that has it measured."""
    key = board.recommended
    if key is None or key == board.baseline:
        return
    made = cache.store().growth(run.id, key)
    if made is not None:
        charts.panel(charts.draw("growth", made), f"growth_{run.id}")
        if made.note:
            show.lede(made.note)
        return
    st.header("Do you have enough rows?", anchor=False)
    job = jobs.latest("growth", run=run.id, key=key)
    if job is not None and (job.active or job.state == "failed"):
        jobs.follow(job)
        return
    title = board[key].title
    show.lede(
        f"“{title}” learns from growing parts of the rows; the curve through what it reaches tells what more rows "
        f"would bring. {_time(run, key)}"
    )
    if st.button("Find out", key="ask_growth", icon=":material/show_chart:"):
        jobs.ask("growth", "Learn from parts of the rows", run=run.id, key=key)
        st.rerun()


def _time(run: RunCard, key: str) -> str:
    """About how long it takes, from what one round of folds took."""
    trials = {trial.key: trial for trial in run.run.trials}
    trial = trials.get(key)
    if trial is not None and trial.of:
        trial = trials.get(trial.of)
    if trial is not None and trial.weights:
        trial = trials.get(max(trial.weights, key=lambda one: one[1])[0])
    if trial is None or not trial.round_seconds:
        return "You may go on meanwhile."
    return f"That takes about {words.duration(max(5.0, SHARE * trial.round_seconds))}; you may go on meanwhile."
