"""Deciding about a number: how wide its interval is, and which number to act on."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from mlcore.evaluation.cases import Cases
from mlcore.evaluation.conformal import (
    Coverage,
    Way,
    better_way,
    costs_of_leaning,
    coverage_of_intervals,
    interval_for,
    lean_for,
)
from mlcore.evaluation.money import money
from mlcore.evaluation.policy import Policy
from mlcore.evaluation.stated import share
from mlcore.evaluation.worth import mean_of
from mlcore.workspace.store import RunCard
from pages.ui import cache, charts, overrides, portfolio, session, show, words

SHARES = (0.8, 0.9, 0.95, 0.99)
WAYS: dict[str, Way | None] = {
    "Whatever is better (measured)": None,
    "The same everywhere": "even",
    "Growing with the prediction": "growing",
}
PREDICTED = "(predicted value)"
WITHOUT_PARTS = ("identifier", "text", "constant")
"""Kinds of columns that do not part the rows."""


def ask(run: RunCard, key: str, cases: Cases, policy: Policy, turn: str) -> Policy:
    """The interval, the number to act on, the rules; the policy they make."""
    folder = str(cache.store().cases_place(run.id, key))
    drafted = _interval(run, folder, cases, policy, turn)
    drafted = _lean(cases, drafted, policy, turn)
    drafted = replace(drafted, rules=overrides.ask(run, key, cases, policy, turn))
    if drafted.lean is not None or drafted.rules:
        portfolio.section(run, key, cases, drafted, policy, turn)
    return drafted


def _interval(run: RunCard, folder: str, cases: Cases, policy: Policy, turn: str) -> Policy:
    st.header("How wide should the interval be?", anchor=False)
    with st.container(border=True, key="card_interval"):
        known = 0.9 if policy.interval is None else policy.interval.coverage
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            asked = st.segmented_control(
                "The truth should be inside in", SHARES, default=known if known in SHARES else 0.9,
                format_func=words.share, key=f"asked_{turn}", required=True,
                help="Of 100 new cases like these. The wider the surer: a conformal interval.",
            )  # fmt: skip
            chosen = st.selectbox(
                "Width of the interval", list(WAYS), key=f"width_{turn}", width=300,
                help="Growing: wider where predicted numbers of that size were further off.",
            )  # fmt: skip
        way = WAYS[chosen] or _way(folder, asked, cases)
        target = run.plan.goal.target if run.plan is not None else ""
        titles = cache.titles_of(run)
        names = [
            PREDICTED,
            *(one.name for one in overrides.schema(run) if one.name != target and one.kind not in WITHOUT_PARTS),
        ]
        made = interval_for(cases, asked, way)
        slot = st.container()
        by = st.selectbox(
            "Part by part, by", names, format_func=lambda name: titles.get(name, name), key=f"segments_{turn}",
            width=300, help="Whether the truth is inside as often in every part of the table.",
        )  # fmt: skip
        column = None if by == PREDICTED else cases.column(by)
        found = _coverage(folder, asked, way, by, cases, column)
    with slot:
        span = f"{words.share(found.whole.low, 1)} to {words.share(found.whole.high, 1)}"
        show.facts(
            (
                "Inside",
                words.share(found.whole.share, 1),
                span,
            ),
            ("Asked for", words.share(asked), "of new cases"),
            ("Mean width", words.number(found.whole.width), "from the low to the high end"),
            ("Width", "grows" if made.knots else "the same", "with the prediction" if made.knots else "everywhere"),
        )
    named = "predicted value" if by == PREDICTED else f"“{titles.get(by, by)}”"
    charts.panel(charts.draw("coverage", found, cases.predictions.measured, by=named), f"coverage_{turn}")
    return replace(policy, interval=made)


@st.cache_data(max_entries=16, show_spinner=False)
def _way(folder: str, asked: float, _cases: Cases) -> Way:
    del folder
    return better_way(_cases, asked)


@st.cache_data(max_entries=32, show_spinner=False)
def _coverage(folder: str, asked: float, way: Way, by: str, _cases: Cases, _column: pd.Series | None) -> Coverage:
    del folder, by
    return coverage_of_intervals(_cases, asked, way, _column)


def _lean(cases: Cases, drafted: Policy, policy: Policy, turn: str) -> Policy:
    st.header("Which number should be acted on?", anchor=False)
    with st.container(border=True, key="card_lean"):
        known = policy.lean
        with st.grid(3, min_column_width=200, gap="small"):
            under = st.number_input(
                "One unit too little costs", value=None, placeholder="Not asked", step=None, format="%.6g",
                key=session.lasting(f"under_{turn}", known.under if known else None),
                help="What is lost when the truth lies one unit above the number.",
            )  # fmt: skip
            over = st.number_input(
                "One unit too much costs", value=None, placeholder="Not asked", step=None, format="%.6g",
                key=session.lasting(f"over_{turn}", known.over if known else None),
                help="What is lost when the truth lies one unit below the number.",
            )  # fmt: skip
            currency = st.text_input(
                "Currency",
                placeholder="€, CHF, points …",
                max_chars=12,
                key=session.lasting(f"currency_{turn}", policy.currency),
            )
        drafted = replace(drafted, currency=currency.strip())
        if under is None or over is None:
            show.lede("The prediction itself. Say what too little and too much cost when the two are not alike.")
            return replace(drafted, lean=None)
        way: Way = "growing" if drafted.interval is not None and drafted.interval.knots else "even"
        lean = lean_for(cases, under, over, way)
        before, after = costs_of_leaning(cases, under, over, way)
        saved = mean_of(cases, before - after).times(1000)
        told = f"{money(saved.low, drafted.currency)} to {money(saved.high, drafted.currency)}"
        unit = (
            "" if lean.knots else f", the prediction {'+' if lean.shift >= 0 else '−'} {words.number(abs(lean.shift))}"
        )
        sentence = f"Act on the {share(lean.quantile)} quantile{unit}: it stands as “decision” beside the prediction."
        gain = (
            f"It saves {money(saved.value, drafted.currency)} on 1,000 cases ({told}) beside acting on the prediction."
        )
        unsure = (
            f"Whether that saves anything is not sure: {money(saved.value, drafted.currency)} on 1,000 cases ({told})."
        )
        show.said(sentence, gain if saved.low > 0 else unsure)
    return replace(drafted, lean=lean)
