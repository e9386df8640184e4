"""A run under way: time spent and left, every candidate's state, and the two ways to end it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mlcore.errors import UserError
from mlcore.learning.plan import Plan
from mlcore.learning.run import Run
from mlcore.plots.panel import Panel
from mlcore.workspace.store import Job, RunCard
from pages.ui import cache, charts, jobs, markup, session, show, trials, words

POLL_SECONDS = 1.0


def timed(job: Job, plan: Plan) -> Plan:
    """The plan with the seconds that its run has: more than were planned when it goes on where another one ended."""
    return replace(plan, seconds=max(plan.seconds, float(job.args.get("seconds", 0.0))))


def _plan(job: Job) -> Plan | None:
    """The plan with the time that the run has; None while it is being made."""
    try:
        return timed(job, cache.store().plan(job.id))
    except UserError:
        return None


@st.fragment(run_every=POLL_SECONDS)
def live(run: str) -> None:
    """The run as it is now, redrawn every second; the page runs again when it ends."""
    job = cache.store().job(run)
    if not job.active:
        st.rerun()
    plan, now = _plan(job), cache.store().run(run)
    with st.container(border=True, key="card_live"):
        st.html(_time(job, plan, now) + trials.under_way(now))
        _endings(job)
    if plan is not None:
        charts.panel(_drawn(run, _ended(now), now, plan), f"live_{run}", bare=True)
    st.html(trials.overview(now, plan))


@st.cache_resource(max_entries=8, show_spinner=False)
def _drawn(run: str, ended: int, _run: Run, _plan: Plan) -> Panel | None:
    """The chart of the course, drawn anew only when another candidate has ended."""
    del run, ended
    return charts.draw("training_progress", _run, _plan)


def _ended(run: Run) -> int:
    return sum(trial.state == "done" for trial in run.trials)


def _time(job: Job, plan: Plan | None, run: Run) -> str:
    if job.asked == "cancel":
        return markup.progress(None, "Ending the processes", "")
    if job.asked == "stop":
        return markup.progress(None, "Stopping: making the best of what is finished", "")
    if job.state == "waiting":
        return markup.progress(None, job.message or "Waiting for the worker", "")
    budget = None if plan is None else plan.seconds
    spent = float(job.args.get("before", 0.0)) + (job.used or job.elapsed)
    left = f"{words.duration(spent) if spent >= 1 else '0 s'} spent"
    if budget is not None:
        rest = budget - spent
        left += f", at most {words.duration(rest)} left" if rest >= 1 else ""
        left += f" of {words.duration(budget)}"
    share = max(job.progress, 0.0) if budget is None or not run.trials else min(0.99, spent / budget)
    said = [job.message.partition(":")[0] or "Training", trials.tally(run)]
    return markup.progress(min(1.0, share) or None, " · ".join(filter(None, said)), left)


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
    tried = words.count(len(card.run.trials) or len(card.plan.candidates), "candidate")
    return f"{tried} to predict {cache.target_title(card)}. {judged.reason.rstrip('.')}."


def finished(card: RunCard) -> bool:
    """Whether there is something to compare."""
    return any(trial.state == "done" for trial in card.run.trials)


def ended(card: RunCard) -> None:
    """How the run ended, and a way to go on when it ended early."""
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


def course(card: RunCard) -> None:
    """The score against the time, and what more time would bring."""
    if card.plan is None or not finished(card):
        return
    plan = timed(card.job, card.plan)
    charts.panel(charts.draw("training_progress", card.run, plan), f"course_{card.id}")
    told = cache.store().forecast(card.id)
    if told is not None and card.job.state in ("done", "stopped"):
        with st.container(horizontal=True, vertical_alignment="center", key="more_time"):
            show.said(told.sentence)
            _longer(card, plan)


def _longer(card: RunCard, plan: Plan) -> None:
    """Go on with the same goal until twice the time is spent."""
    seconds = 2 * plan.seconds
    if st.button(
        f"Train longer, {words.duration(seconds)} in all",
        key="longer",
        icon=":material/more_time:",
        help="Goes on as a new run: what was trained is not trained again, and this run stays as it is.",
    ):
        more = {"seconds": seconds, "continues": card.id, "before": card.run.seconds}
        run = jobs.ask("train", card.job.title, **{**card.job.args, **more})
        session.go("train", table=card.dataset, run=run)


def candidates(card: RunCard) -> None:
    """Every candidate with what came of it, and what was said while planning."""
    st.html(trials.overview(card.run, card.plan))
    kinds = trials.left_out(card.run.findings)
    show.findings([one for one in card.run.findings if one not in kinds], title="Said while planning")


def _budget(card: RunCard) -> str:
    return "" if card.plan is None else f"of {words.duration(timed(card.job, card.plan).seconds)}"
