"""Lists of tables: those in the workspace with where their journey stands, and the samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import streamlit as st

from mlcore.data.samples import Sample
from mlcore.workspace.store import Card
from pages.ui import cache, session, show, versions, words
from pages.ui.markup import esc

SHOWN = 6


def own(cards: Sequence[Card], again: Callable[[str, str], None]) -> None:
    """The tables of the workspace, newest first, each with its next step; `again` brings one anew, by id and name."""
    shown = cards if session.recall("all_tables") else cards[:SHOWN]
    with st.grid(3, min_column_width=270, gap="small"):
        for card in shown:
            with st.container(border=True, key=f"card_table_{card.id}", height="stretch"):
                _own(card, again)
    if len(cards) > len(shown) and st.button(f"Show all {len(cards)}", type="tertiary", key="all_tables"):
        session.remember("all_tables", True)
        st.rerun()


def _own(card: Card, again: Callable[[str, str], None]) -> None:
    words_on_it, page, run, done = _next(card)
    facts = f"{words.count(card.dataset.rows, 'row')} · {words.count(len(card.dataset.schema), 'column')}"
    when = words.ago(datetime.fromtimestamp(card.created, UTC))
    number = cache.store().version(card.id)
    version = f" · version {number}" if number > 1 else ""
    st.html(
        f'<div class="ts-title">{esc(card.dataset.name)}</div><div class="ts-meta">{facts} · {when}{version}</div>'
        f'<div class="ts-meta">{esc(done)}</div>'
    )
    st.space("stretch")
    if st.button(words_on_it, key=f"open_{card.id}", width="stretch"):
        session.go(page, table=card.id, run=run)
    with st.container(horizontal=True, gap="small", key=f"tools_{card.id}"):
        if versions.can_come_again(card.id) and st.button(
            "Import again", key=f"again_{card.id}", type="tertiary", icon=":material/refresh:", help=versions.AGAIN
        ):
            again(card.id, card.dataset.name)
            st.rerun()
        with st.popover("Remove", type="tertiary", icon=":material/delete:", key=f"removing_{card.id}"):
            _remove(card)


def _remove(card: Card) -> None:
    """Ask once more, and say what goes and what stays."""
    runs = len(cache.store().runs(card.id, limit=100))
    stay = (
        f" Its {words.count(runs, 'training run')} and the bundles made from {'it' if runs == 1 else 'them'} stay, but "
        "can no longer be explained on its rows."
        if runs
        else ""
    )
    show.lede(f"The table, its recipe and what was found out about it are deleted.{stay}")
    st.button("Remove it for good", key=f"remove_{card.id}", on_click=_removed, args=(card.id,))


def _removed(table: str) -> None:
    cache.store().remove_dataset(table)
    if session.chosen().table == table:
        session.choose(table=None)


def _next(card: Card) -> tuple[str, str, str | None, str]:
    """The button, its page, the run to look at, and what was done so far."""
    goal = cache.store().goal(card.id)
    if goal is None:
        return "Look at it", "profile", None, "No goal yet"
    runs = cache.store().runs(card.id, limit=1)
    about = f"Predict {card.dataset.schema[goal.target].shown if goal.target in card.dataset.schema else goal.target}"
    if not runs:
        return "Set the goal", "goal", None, about
    if runs[0].job.active:
        return "See the training", "train", runs[0].id, f"{about}: training"
    done = sum(trial.state == "done" for trial in runs[0].run.trials)
    if not done:
        return "See the training", "train", runs[0].id, f"{about}: {words.STATES[runs[0].run.state][0].lower()}"
    return "Compare models", "compare", runs[0].id, f"{about}: {words.count(done, 'model')} trained"


def samples(begin: Callable[[str, str], None], *, busy: bool) -> None:
    """The tables that come with the app; `begin` imports one, by its key and title."""
    with st.grid(2, min_column_width=300, gap="small"):
        for sample in cache.sample_tables():
            with st.container(border=True, key=f"card_sample_{sample.key}", height="stretch"):
                _sample(sample, begin, busy)


def _sample(sample: Sample, begin: Callable[[str, str], None], busy: bool) -> None:
    st.html(
        f'<div class="ts-title">{esc(sample.title)}</div><p class="ts-about">{esc(sample.description)}</p>'
        f'<p class="ts-meta">{sample.rows:,} rows · predict {esc(sample.target)} ({words.TASKS[sample.task]})</p>'
        f'<details class="ts-source"><summary>Source and licence</summary>{esc(sample.source)}. {esc(sample.licence)}.'
        "</details>"
    )
    st.space("stretch")
    if st.button("Use this table", key=f"sample_{sample.key}", disabled=busy):
        begin(sample.key, sample.title)
        st.rerun()
