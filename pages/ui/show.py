"""The parts every page is made of: header, facts, findings, panels, empty states, the next step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import polars as pl
import streamlit as st

from mlcore.errors import UserError
from mlcore.findings import Finding, worst_first
from pages.ui import cache, markup, session
from pages.ui.markup import Tone, esc, md

LEVELS: dict[str, tuple[str, Tone]] = {"stop": ("Stop", "act"), "watch": ("Watch", "watch"), "note": ("Note", "")}


def header(question: str, context: str = "") -> AbstractContextManager[Any]:
    """The page's question and its one line of context; the returned slot, top right, holds the primary action."""
    where = _crumb()
    if where:
        st.html(f'<div class="ts-crumb">{where}</div>')
    left, right = st.columns([3, 1], vertical_alignment="bottom", gap="medium")
    with left:
        st.title(md(question), anchor=False)
        if context:
            st.html(f'<p class="ts-lede">{esc(context)}</p>')
    return right


def _crumb() -> str:
    at = session.chosen()
    parts = []
    card = cache.table_card(at.table)
    if card is not None:
        parts.append(f"<span><b>{esc(card.name)}</b></span>")
        goal = cache.store().goal(card.id)
        if goal is not None:
            parts.append(f"<span>predict <b>{esc(card.title(goal.target))}</b></span>")
    if at.model and at.run:
        parts.append(f"<span><b>{esc(cache.model_title(at.run, at.model))}</b></span>")
    return "".join(parts)


def lede(words: str) -> None:
    """A sentence under a section's title."""
    st.html(f'<p class="ts-note">{esc(words)}</p>')


def facts(*cells: tuple[str, object] | tuple[str, object, str]) -> None:
    """A row of numbers with their names."""
    st.html(markup.facts((cell[0], cell[1], cell[2] if len(cell) > 2 else "") for cell in cells))


def rows(head: pl.DataFrame, *, key: str, alt: str) -> None:
    """Rows as they are stored; days without a time of day, which is midnight in all of them, are shown as days."""
    moments = [name for name, kind in head.schema.items() if kind == pl.Datetime]
    days = [name for name in moments if (head[name].dt.truncate("1d") == head[name]).all()]
    config = {name: st.column_config.DateColumn(format="YYYY-MM-DD") for name in days}
    st.dataframe(head, hide_index=True, key=key, column_config=config, placeholder="(empty)", alt=alt)


def findings(found: Iterable[Finding], *, title: str = "Worth knowing", none: str = "") -> None:
    """The findings, worst first, each folded to its sentence."""
    ordered = worst_first(tuple(found))
    if not ordered:
        if none:
            lede(none)
        return
    if title:
        st.header(title, anchor=False)
    st.html('<div class="ts-findings">' + "".join(_finding(one) for one in ordered) + "</div>")


def finding(one: Finding) -> None:
    """One finding, folded to its sentence, in whatever holds it."""
    st.html(f'<div class="ts-findings one">{_finding(one)}</div>')


def _finding(one: Finding) -> str:
    word, tone = LEVELS[one.level]
    head = f"{markup.chip(word, tone)}<div><b>{esc(one.title.rstrip('.'))}.</b> {esc(one.what)}</div>"
    body = "".join(f"<p>{esc(part)}</p>" for part in (one.why, one.remedy) if part)
    opened = " open" if one.level == "stop" else ""
    return f'<details{opened}><summary>{head}</summary><div class="body">{body}</div></details>'


def failure(what: str, remedy: str = "", detail: str = "") -> None:
    """What went wrong and what to do; the technical detail is folded."""
    more = f"<p>{esc(remedy)}</p>" if remedy else ""
    st.html(f'<div class="ts-failure" role="alert"><p><b>{esc(what)}</b></p>{more}</div>')
    if detail:
        with st.expander("Technical detail"):
            st.code(detail, language=None)


def user_error(error: UserError) -> None:
    """A `UserError` as a failure."""
    place = f" ({error.where})" if error.where else ""
    failure(f"{error.what.rstrip('.')}{place}.", error.remedy)


def empty(title: str, words: str, button: str, page: str) -> None:
    """What this page needs first, and a button to get it."""
    st.html(f'<div class="ts-empty"><h2>{esc(title)}</h2><p>{esc(words)}</p></div>')
    with st.container(horizontal_alignment="center"):
        if st.button(button, type="primary", key=f"empty_{page}"):
            session.go(page)


def footer(words: str) -> AbstractContextManager[Any]:
    """The end of a page: a sentence, and a slot for the primary action."""
    with st.container(key="nextstep"):
        left, right = st.columns([3, 1], vertical_alignment="center", gap="medium")
    with left:
        st.html(f'<p class="ts-lede">{esc(words)}</p>')
    return right


def next_step(words: str, button: str, page: str, **ids: str | None) -> None:
    """Where the journey goes on from here."""
    with footer(words):
        if st.button(button, type="primary", key=f"next_{page}", icon=":material/arrow_forward:", width="stretch"):
            session.go(page, **ids)


def said(*sentences: str) -> None:
    """Sentences the page wants to be read, each on a line of its own."""
    st.html('<div class="ts-said">' + "".join(f"<p>{esc(one)}</p>" for one in sentences) + "</div>")


def chips(words: Sequence[tuple[str, Tone]]) -> None:
    """Short labels in a row."""
    st.html(" ".join(markup.chip(word, tone) for word, tone in words))
