"""Learning from all rows, on the evaluation page: offered once the locked rows have judged a model."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mlcore.learning.run import Trial
from mlcore.workspace.store import RunCard
from pages.ui import jobs, session, show


def version(run: RunCard, key: str) -> Trial | None:
    """The trial `key` when it has learned from all rows."""
    return next((trial for trial in run.run.trials if trial.key == key and trial.all_rows), None)


def basis(trial: Trial) -> str:
    """What every number about such a model is."""
    return f"Every number is that of the model it comes from, on rows that one was not trained on. {trial.notes[0]}"


def offered(run: RunCard, key: str) -> None:
    """The version that learned from all rows: made on demand as a model of its own, then the way to it."""
    there = next((one for one in made(run) if one.of == key), None)
    if there is not None:
        show.lede(f"“{there.title}” stands beside this model. {there.notes[0]}")
        _way(run, there)
        return
    job = jobs.latest("again", run=run.id, key=key)
    if job is not None and (job.active or job.state == "failed"):
        jobs.follow(job, cancel=False)
        return
    show.lede(
        "These rows have done their work as judges: the same settings can now be fitted once more on all rows, which "
        "helps most where rows are few."
    )
    if st.button(
        "Let it learn from all rows",
        key="again",
        icon=":material/all_inclusive:",
        help="It becomes a model of its own; this one stays as it is. The scores above are the last that can be "
        "measured: no row is left that could judge the new one.",
    ):
        jobs.ask("again", "Let it learn from all rows", run=run.id, key=key)
        st.rerun()


def beside(run: RunCard) -> None:
    """Below the leaderboard: the models that take no part in it, and the way to each."""
    for trial in made(run):
        show.lede(f"“{trial.title}” is not compared: {trial.notes[0]}")
        _way(run, trial)


def made(run: RunCard) -> Sequence[Trial]:
    """The models of the run that have learned from all rows."""
    return [trial for trial in run.run.trials if trial.all_rows and trial.state == "done"]


def _way(run: RunCard, trial: Trial) -> None:
    if st.button("Take it along", key=f"take_{trial.key}", icon=":material/ios_share:"):
        session.go("export", run=run.id, model=trial.key)
