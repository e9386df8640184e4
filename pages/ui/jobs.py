"""Work in the background as a page follows it: asked for once, polled while it lasts, shown when it ends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import streamlit as st

from mlcore.workspace.store import Job, JobKind
from pages.ui import cache, markup, session, show, words

REPEATABLE: tuple[JobKind, ...] = (
    "check", "evaluate", "explain", "probe", "open_holdout", "compact", "closer", "gather", "beside", "growth",
    "calibrate", "again",
)  # fmt: skip
POLL_SECONDS = 0.8


def ask(kind: JobKind, title: str, **args: Any) -> str:
    """Submit work and remember it under its kind in this tab."""
    job = cache.store().submit(kind, args, title)
    session.remember(f"job_{kind}", job)
    return job


def asked(kind: JobKind) -> Job | None:
    """The work of this kind that this tab asked for last."""
    identifier = session.recall(f"job_{kind}")
    return None if identifier is None else cache.store().job(identifier)


def forget(kind: JobKind) -> None:
    """Let go of the last work of this kind; it goes on."""
    session.remember(f"job_{kind}", None)


def active(kind: JobKind, **args: Any) -> Job | None:
    """Work of this kind under way with these arguments, whoever asked for it."""
    return next((job for job in cache.store().jobs(active=True, kind=kind) if _fits(job, args)), None)


def latest(kind: JobKind, **args: Any) -> Job | None:
    """The newest work of this kind with these arguments, under way or ended."""
    return next((job for job in cache.store().jobs(kind=kind, limit=100) if _fits(job, args)), None)


def _fits(job: Job, args: Mapping[str, Any]) -> bool:
    return all(job.args.get(name) == value for name, value in args.items())


def follow(job: Job, *, cancel: bool = True) -> None:
    """Show the work: its progress while it lasts (the page runs again when it ends), its failure if it failed."""
    if job.active:
        with st.container(border=True, key=f"card_job_{job.id}"):
            _progress(job.id, cancel)
    elif job.state == "failed":
        failed(job)
        if job.kind in REPEATABLE and st.button("Try again", key=f"again_{job.id}", icon=":material/refresh:"):
            ask(job.kind, job.title, **dict(job.args))
            st.rerun()
    elif job.state == "cancelled":
        show.lede(f"{job.title}: cancelled.")


def failed(job: Job) -> None:
    """Why the work failed, what to do about it, and the technical detail folded."""
    what, remedy = first_sentence(job.error or "The work ended without saying why.")
    show.failure(what, remedy, detail=cache.store().detail(job.id))


def first_sentence(error: str) -> tuple[str, str]:
    """An error as its first sentence and the rest: sentences begin with a capital letter."""
    found = re.search(r"(?<=[.!?]) (?=[A-Z])", error)
    return (error, "") if found is None else (error[: found.start()], error[found.end() :])


def share(job: Job) -> float | None:
    """How much of the work is done: 0 while it waits, None while it works on what cannot be counted."""
    if job.state == "waiting":
        return 0.0
    return job.progress if job.progress > 0 else None


@st.fragment(run_every=POLL_SECONDS)
def _progress(identifier: str, cancel: bool) -> None:
    job = cache.store().job(identifier)
    if not job.active:
        st.rerun()
    st.html(markup.progress(share(job), _said(job), words.duration(job.elapsed) if job.elapsed else ""))
    if cancel:
        store = cache.store()
        st.button(
            "Cancel",
            key=f"cancel_{identifier}",
            disabled=job.asked is not None,
            on_click=store.cancel,
            args=(identifier,),
        )


def _said(job: Job) -> str:
    if job.asked:
        return "Ending"
    if job.state == "waiting":
        return f"{job.title}: waiting for the worker"
    return job.message or job.title
