"""The decide page's parts: what is in use, the questions of the task, and the button that makes it the rule."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import streamlit as st

from mlcore.errors import UserError
from mlcore.evaluation import cases as stored
from mlcore.evaluation.cases import Cases
from mlcore.evaluation.policy import Policy
from mlcore.evaluation.stated import sentences
from mlcore.workspace.store import RunCard
from pages.ui import cache, deciding_labels, deciding_numbers, deciding_yes, jobs, overrides, session, show

ASKED = {"binary": deciding_yes.ask, "multiclass": deciding_labels.ask, "regression": deciding_numbers.ask}


def context(run: RunCard, key: str) -> str:
    """What it is about, and what it rests on."""
    title = cache.model_title(run.id, key)
    return f"“{title}”: from what it says to what is done. Found on rows it had not seen; the locked rows stay locked."


def cases(run: RunCard, key: str) -> Cases | None:
    """What the model said about rows it had not seen, gathered on demand."""
    folder = cache.store().cases_place(run.id, key)
    if folder.is_dir():
        return gathered(str(folder), folder.stat().st_mtime)
    job = jobs.latest("gather", run=run.id, key=key)
    if job is None or job.state in ("cancelled", "done"):
        jobs.ask("gather", "Gather what it said", run=run.id, key=key)
        job = jobs.asked("gather")
    if job is not None:
        jobs.follow(job, cancel=False)
    return None


@st.cache_resource(max_entries=4, show_spinner=False)
def gathered(folder: str, made: float) -> Cases:
    """The cases in a folder, kept while they do not change."""
    del made
    return stored.read(Path(folder))


def in_use(run: RunCard, key: str) -> None:
    """The rule that every way to score obeys now, and the way back."""
    policy = cache.store().policy(run.id, key)
    own = bool(cache.store().policy_mark(run.id, key))
    with st.container(border=True, key="card_in_use"):
        left, right = st.columns([3, 1], vertical_alignment="center", gap="medium")
        with left:
            show.said(f"In use{'' if own else ', as the model was made'}: {' '.join(sentences(policy))}")
        with right:
            st.button(
                "Back to the default",
                key="forget",
                disabled=not own,
                icon=":material/undo:",
                width="stretch",
                on_click=_forget,
                args=(run.id, key),
                help="Takes the saved rule away; the model decides as it was made.",
            )


def _forget(run: str, key: str) -> None:
    cache.store().forget_policy(run, key)
    overrides.forget(run, key)
    turn = f"decide_turn_{run}_{key}"
    session.remember(turn, session.recall(turn, 0) + 1)


def ask(run: RunCard, key: str, cases: Cases) -> Policy | None:
    """The rule that the answers on the page make; None when something in them cannot be meant."""
    policy = cache.store().policy(run.id, key)
    turn = f"{run.id}_{key}_{session.recall(f'decide_turn_{run.id}_{key}', 0)}"
    try:
        return ASKED[cases.predictions.task](run, key, cases, policy, turn)
    except UserError as error:
        show.user_error(error)
        return None


def use(run: RunCard, key: str, draft: Policy | None, action: AbstractContextManager[Any]) -> None:
    """The button that makes the draft the rule."""
    now = cache.store().policy(run.id, key)
    same = draft is not None and draft == now and bool(cache.store().policy_mark(run.id, key))
    with action:
        pressed = st.button(
            "In use" if same else "Use this decision rule",
            type="primary",
            key="use_policy",
            icon=":material/check:" if same else ":material/gavel:",
            disabled=draft is None or same,
            width="stretch",
            help="Every way to score obeys it at once: this app, files, and bundles built from now on.",
        )
    if not pressed or draft is None:
        return
    try:
        cache.store().save_policy(run.id, key, draft)
    except UserError as error:
        show.user_error(error)
        return
    st.rerun()
