"""The report card of a table: how it stands in each area, what was found, and what one click does about it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import streamlit as st

from mlcore.data.reportcard import AreaGrade, report_card
from mlcore.findings import Finding, worst_first
from pages.ui import cache, fixing, recipe, show, words
from pages.ui.markup import Tone, chip, esc

GRADES: dict[str, tuple[str, Tone]] = {
    "good": ("Good", "ok"),
    "fair": ("Fair", "accent"),
    "look": ("Look", "watch"),
    "act": ("Act", "act"),
}
AT_ONCE = 6


def card(table: cache.TableCard) -> None:
    """The report card, with the target in view when one is known; nothing while the checks have not been run."""
    store = cache.store()
    target = known_target(table)
    for wanted in (target, None):
        profile, found = cache.profile(table.id, wanted), store.findings(table.id, wanted)
        if profile is None or found is None:
            continue
        made = report_card(found, profile)
        st.header("How good is this table?", anchor=False)
        show.lede(made.sentence)
        st.html('<div class="ts-report">' + "".join(_area(one) for one in made.areas) + "</div>")
        findings(table, found, title="", none="")
        return


def known_target(table: cache.TableCard) -> str | None:
    """The column to predict, as far as it is known."""
    goal, sample = cache.store().goal(table.id), cache.sample_of(table)
    name = goal.target if goal is not None else sample.target if sample is not None else None
    return name if name in table.schema else None


def findings(
    table: cache.TableCard,
    found: Sequence[Finding],
    *,
    title: str = "Worth knowing",
    none: str = "The checks found nothing to worry about.",
    instead: Callable[[Finding], bool] | None = None,
    made: bool = True,
) -> None:
    """The findings, worst first, each with its fixes; `instead` may draw other buttons for one, and then says so.

    `made`: what was decided about the table before stands above them, each with a way back.
    """
    ordered = worst_first(tuple(found))
    if title and ordered:
        st.header(title, anchor=False)
    recipe.refused(table)
    recipe.under_way(table)
    if made:
        fixing.made(table)
    if not ordered and none:
        show.lede(none)
    for one in ordered[:AT_ONCE]:
        _finding(table, one, instead)
    if len(ordered) > AT_ONCE:
        with st.expander(words.count(len(ordered) - AT_ONCE, "more finding")):
            for one in ordered[AT_ONCE:]:
                _finding(table, one, instead)


def _finding(table: cache.TableCard, one: Finding, instead: Callable[[Finding], bool] | None) -> None:
    key = f"{table.id}_{one.code}_{_mark(one)}"
    with st.container(border=True, key=f"card_finding_{key}", gap="small"):
        show.finding(one)
        if instead is None or not instead(one):
            fixing.buttons(table, one, key)


def _mark(one: Finding) -> str:
    """Tells two findings of one code apart, in letters a key may hold."""
    return hashlib.sha256("\0".join((one.title, *one.columns)).encode()).hexdigest()[:8]


def _area(one: AreaGrade) -> str:
    word, tone = GRADES[one.grade]
    return f"<div><dt>{esc(one.title)} {chip(word, tone)}</dt><dd>{esc(one.said)}.</dd></div>"
