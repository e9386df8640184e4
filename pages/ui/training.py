"""A run under way: time spent and left, every candidate's state, and the two ways to end it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS, Metric
from mlcore.learning.plan import Plan
from mlcore.learning.run import Run, Trial
from mlcore.workspace.store import Job, RunCard
from pages.ui import board, cache, charts, jobs, markup, session, show, words
from pages.ui.markup import Head, Tone, esc

POLL_SECONDS = 1.0


def plan_of(run: str) -> Plan | None:
    """The plan; None while it is being made."""
    try:
        return cache.store().plan(run)
    except UserError:
        return None


@st.fragment(run_every=POLL_SECONDS)
def live(run: str) -> None:
    """The run as it is now, redrawn every second; the page runs again when it ends."""
    job = cache.store().job(run)
    if not job.active:
        st.rerun()
    plan = plan_of(run)
    with st.container(border=True, key="card_live"):
        st.html(_time(job, plan))
        _endings(job)
    st.html(trials(cache.store().run(run), plan))


def trials(run: Run, plan: Plan | None) -> str:
    """Every candidate with its state, its score so far and its time; those that were not tried folded away."""
    metric = METRICS[plan.goal.metric] if plan is not None else None
    score = Head(metric.term, board.direction(metric), numeric=True) if metric else Head("Score", numeric=True)
    heads = (Head("Candidate", name=True), Head("State"), score, Head("Time", numeric=True))
    tried = [trial for trial in run.trials if trial.state != "skipped"]
    left = [trial for trial in run.trials if trial.state == "skipped"]
    if not tried and not left:
        return '<p class="ts-note">The table is being split and the candidates are being chosen.</p>'
    rows = [(_cells(trial, metric), "faded" if trial.state == "waiting" else "") for trial in tried]
    return markup.table(heads, rows, caption="Candidates") + _left_out(left)


def _left_out(trials: Sequence[Trial]) -> str:
    if not trials:
        return ""
    rows = [((esc(trial.title), esc(trial.reason)), "") for trial in trials]
    heads = (Head("Candidate", name=True), Head("Why", name=True))
    table = markup.table(heads, rows, caption="Candidates that were not tried")
    return markup.folded(f"{words.count(len(trials), 'candidate')} not tried", table)


def _cells(trial: Trial, metric: Metric | None) -> tuple[str, ...]:
    state, tone = _state(trial)
    reason = f"<small>{esc(trial.reason)}</small>" if trial.reason else ""
    notes = "".join(f"<small>{esc(note)}</small>" for note in trial.notes)
    shown = metric.shown(trial.score) if metric is not None else words.number(trial.score)
    return (
        f"<b>{esc(trial.title)}</b>{reason}{notes}",
        markup.chip(state, tone),
        esc(shown),
        esc(words.duration(trial.seconds) if trial.seconds else "–"),
    )


def _state(trial: Trial) -> tuple[str, Tone]:
    """A candidate that was given up for want of time has not gone wrong."""
    late = trial.state == "failed" and trial.reason.startswith("ran out of time")
    return ("Out of time", "") if late else words.STATES[trial.state]


def _time(job: Job, plan: Plan | None) -> str:
    if job.asked == "cancel":
        return markup.progress(None, "Ending the processes", "")
    if job.asked == "stop":
        return markup.progress(None, "Stopping: making the best of what is finished", "")
    if job.state == "waiting":
        return markup.progress(None, "Waiting for the worker", "")
    budget = plan.seconds if plan is not None else None
    spent = job.used or job.elapsed
    left = f"{words.duration(spent)} spent"
    if budget is not None:
        left += f", at most {words.duration(max(0.0, budget - spent))} left of {words.duration(budget)}"
    share = min(1.0, max(job.progress, 0.0)) if job.progress else None
    return markup.progress(share, job.message or "Training", left)


def _endings(job: Job) -> None:
    with st.container(horizontal=True):
        st.button(
            "Stop and keep",
            key="stop_run",
            icon=":material/stop_circle:",
            disabled=job.asked is not None,
            on_click=cache.store().stop,
            args=(job.id,),
            help="End the search now and compare what is finished.",
        )
        st.button(
            "Cancel",
            key="cancel_run",
            type="tertiary",
            disabled=job.asked is not None,
            on_click=cache.store().cancel,
            args=(job.id,),
            help="End everything now. Finished candidates stay visible; nothing is compared.",
        )


def context(card: RunCard) -> str:
    """What is being done, in one line."""
    about = "Each candidate is judged on rows it was not trained on. You may close this page; the training goes on."
    if card.job.active or card.plan is None:
        return about
    judged = card.plan.validation
    tried = words.count(len(card.plan.candidates), "candidate")
    return f"{tried} to predict {cache.target_title(card)}. {judged.reason.rstrip('.')}."


def finished(card: RunCard) -> bool:
    """Whether there is something to compare."""
    return any(trial.state == "done" for trial in card.run.trials)


def ended(card: RunCard) -> None:
    """How the run ended, with all its candidates, and a way to go on when it ended early."""
    state, _ = words.STATES[card.job.state]
    done = sum(trial.state == "done" for trial in card.run.trials)
    show.facts(
        ("State", state),
        ("Models trained", f"{done}", f"of {len(card.run.trials)} candidates"),
        ("Time", words.duration(card.run.seconds or card.job.used or card.job.elapsed), _budget(card)),
    )
    if card.job.state == "failed":
        jobs.failed(card.job)
    if card.job.state in ("failed", "cancelled") or (card.job.state == "stopped" and not finished(card)):
        with st.container(horizontal=True):
            if st.button(
                "Go on from here", key="resume", icon=":material/resume:", help="Finished candidates are kept."
            ):
                cache.store().resume(card.id)
                st.rerun()
            if st.button("Change the goal", key="regoal"):
                session.go("goal", table=card.dataset)
    st.html(trials(card.run, card.plan))


def course(card: RunCard) -> None:
    """The score against the time spent."""
    if card.plan is not None and sum(trial.state == "done" for trial in card.run.trials) > 1:
        charts.panel(charts.draw("training_progress", card.run, card.plan), f"course_{card.id}")


def _budget(card: RunCard) -> str:
    return f"of {words.duration(card.plan.seconds)}" if card.plan is not None else ""
