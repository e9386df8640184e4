"""A table that is brought again: its versions, what changed from one to the next, and the way to a newer one."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from mlcore.data.sources import SOURCES
from mlcore.workspace.store import Card
from pages.ui import cache, session, show, words

AGAIN = (
    "It becomes the next version of this table. What you said about its columns and its goal is kept as far as the "
    "columns are still there, and you are told what changed."
)


def can_come_again(table: str) -> bool:
    """Whether the place the table came from can be asked again; an uploaded file is gone, a sample never changes."""
    origin = cache.store().origin(table)
    return origin is not None and origin.kind != "sample" and SOURCES[origin.kind].lasting


def is_sample(table: str) -> bool:
    """Whether it came with the app."""
    origin = cache.store().origin(table)
    return origin is not None and origin.kind == "sample"


def choice(table: cache.TableCard) -> None:
    """Where the table came from, and its versions when there are several."""
    store = cache.store()
    origin, known = store.origin(table.id), store.versions(table.id)
    if origin is not None and origin.title:
        show.lede(f"From {origin.title}.")
    if len(known) < 2:
        return
    by_id = {card.id: card for card in reversed(known)}
    chosen = st.selectbox(
        "Version",
        list(by_id),
        index=list(by_id).index(table.id),
        format_func=lambda one: _said(by_id[one]),
        key=f"version_{table.id}",
        width=420,
    )
    session.show_table(str(chosen))


def changed(table: cache.TableCard) -> None:
    """What is different from the version before."""
    store = cache.store()
    number = store.version(table.id)
    if number > 1:
        show.findings(store.changes(table.id), title=f"What changed since version {number - 1}")


def _said(card: Card) -> str:
    when = words.ago(datetime.fromtimestamp(card.created, UTC))
    return f"Version {cache.store().version(card.id)} · {words.count(card.dataset.rows, 'row')} · {when}"
