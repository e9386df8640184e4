"""What a page needs before it can say anything: a table, a goal, a run with models, one model."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from mlcore.errors import UserError
from mlcore.workspace.store import RunCard
from pages.ui import cache, session, show


def table(question: str, context: str = "") -> cache.TableCard:
    """The table the tab is at; without one, the page says so and ends."""
    at = session.chosen()
    if at.table is None and at.run is not None:  # a link may name the run alone
        session.choose(table=_table_of(at.run), run=at.run, model=at.model)
    card = cache.table_card(session.chosen().table)
    if card is None:
        newest = cache.store().datasets()
        if newest and session.chosen().table is None:
            session.choose(table=newest[0].id)
            return cache.TableCard(newest[0].id, newest[0].dataset)
        show.header(question, context)
        show.empty(
            "There is no table yet",
            "Bring a file of your own, or start with one of the sample tables.",
            "Go to the tables",
            "home",
        )
        _end()
    return card


def _table_of(run: str) -> str | None:
    try:
        return cache.store().job(run).dataset
    except UserError:
        return None


def run(question: str, context: str = "") -> RunCard:
    """The run the tab is at, or the newest of its table."""
    card = table(question, context)
    at = session.chosen()
    runs = cache.store().runs(card.id)
    found = next((one for one in runs if one.id == at.run), runs[0] if runs else None)
    if found is None:
        show.header(question, context)
        show.empty(
            "Nothing has been trained yet", "Say what to predict; training starts from there.", "Set the goal", "goal"
        )
        _end()
    session.choose(table=card.id, run=found.id)
    return found


def finished(question: str, context: str = "") -> RunCard:
    """A run that has at least one compared model."""
    card = run(question, context)
    if cache.store().leaderboard(card.id) is None:
        show.header(question, context)
        if card.job.active:
            words = "The first one is being trained; it takes a few seconds."
        else:
            words = card.run.reason or "This run ended before a model was finished."
        show.empty("There is no finished model yet", words, "See the training", "train")
        _end()
    return card


def model(question: str, context: str = "") -> tuple[RunCard, str]:
    """A run and the key of one of its finished models: the one the tab is at, or the recommended one."""
    card = finished(question, context)
    done = [trial.key for trial in card.run.trials if trial.state == "done"]
    asked = session.chosen().model
    key = asked if asked in done else card.run.best if card.run.best in done else None
    if key is None:
        board = cache.store().leaderboard(card.id)
        key = next((row.key for row in board.rows if row.recommended), done[0]) if board and done else None
    if key is None:
        show.header(question, context)
        show.empty("There is no finished model yet", "Look how the training went.", "See the training", "train")
        _end()
    session.choose(run=card.id, model=key)
    return card, key


def user_error(error: UserError) -> NoReturn:
    """End the page with what the person can mend."""
    show.user_error(error)
    _end()


def _end() -> NoReturn:
    st.stop()
    raise AssertionError("st.stop returned")
