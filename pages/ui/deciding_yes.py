"""Deciding about a yes or a no: amounts and a capacity in, a threshold out, and what it is worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from mlcore.errors import UserError
from mlcore.evaluation.cases import Cases
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.decide import WHY, Cut, Decision, band_for, cut_for, decision, referred
from mlcore.evaluation.money import money
from mlcore.evaluation.policy import MONTHS, Capacity, Period, Policy
from mlcore.evaluation.stated import share
from mlcore.evaluation.worth import Drawn, Mask, Sure, drawn
from mlcore.learning import ruling
from mlcore.workspace.store import RunCard
from pages.ui import cache, charts, demanding, markup, overrides, portfolio, session, show, words
from pages.ui.markup import Head, esc

BY_AMOUNTS, MY_OWN = "By your amounts", "My own"
NOTHING, A_CUT, A_RULE = "Nothing that can be compared", "A threshold of this model", "A rule on a column"


def ask(run: RunCard, key: str, cases: Cases, policy: Policy, turn: str) -> Policy:
    """The amounts, then what follows from them; the policy they make."""
    made = _draws(str(cache.store().cases_place(run.id, key)), cases)
    costs, drafted = _amounts(run, policy, turn)
    cut = _cut(made, costs, drafted, policy, turn)
    drafted = replace(drafted, threshold=cut.threshold, costs=costs)
    slot = st.container()
    drafted = _person(made, drafted, cut, turn)
    drafted = replace(drafted, rules=overrides.ask(run, key, cases, policy, turn))
    mask, named = _present(run, key, cases, made, turn)
    told = _whole(run, key, cases, made, costs, cut, drafted, mask, named)
    with slot:
        _said(told, drafted)
        charts.panel(charts.draw("worth", made, told, costs, drafted.currency), f"worth_{turn}")
    _compared(told, drafted)
    charts.panel(charts.draw("break_even", made, told, costs, drafted.currency), f"even_{turn}")
    portfolio.section(run, key, cases, drafted, policy, turn, (mask, named))
    return drafted


def _draws(folder: str, cases: Cases) -> Drawn:
    return _kept(folder, id(cases), cases)


@st.cache_resource(max_entries=3, show_spinner=False)
def _kept(folder: str, which: int, _cases: Cases) -> Drawn:
    del folder, which
    return drawn(_cases)


def _amounts(run: RunCard, policy: Policy, turn: str) -> tuple[Costs, Policy]:
    agreed = run.plan.goal.costs if run.plan is not None else None
    known = policy.costs or agreed or demanding.USUAL
    st.header("What is a case worth?", anchor=False)
    with st.container(border=True, key="card_amounts"):
        with st.grid(4, min_column_width=190, gap="small"):
            values = {
                name: st.number_input(
                    title,
                    step=None,
                    format="%.6g",
                    help=help,
                    key=session.lasting(f"{name}_{turn}", float(getattr(known, name))),
                )
                for name, title, help in demanding.OUTCOMES
            }
        with st.grid(4, min_column_width=190, gap="small"):
            currency = st.text_input(
                "Currency",
                placeholder="€, CHF, points …",
                max_chars=12,
                key=session.lasting(f"currency_{turn}", policy.currency),
            )
            volume = st.number_input(
                "Cases a month", value=None, placeholder="Not known", step=None, format="%.6g",
                key=session.lasting(f"volume_{turn}", policy.volume),
                help="How many new cases come in a month; worth is told by the month then.",
            )  # fmt: skip
            able = st.number_input(
                "You can see to", value=None, placeholder="No limit", step=None, format="%.6g",
                key=session.lasting(f"capacity_{turn}", policy.capacity.cases if policy.capacity else None),
                help="How many cases called yes can be handled, for example 500 calls a month.",
            )  # fmt: skip
            periods: list[Period] = list(MONTHS)
            usual = policy.capacity.per if policy.capacity else "month"
            per = st.selectbox("cases a", periods, key=session.lasting(f"per_{turn}", usual))
        if policy.costs is None and agreed is None and Costs(**values) == demanding.USUAL:
            show.lede("These are example amounts: put in your own. Costs are below 0.")
    capacity = None if able is None else Capacity(cases=able, per=per)
    drafted = replace(policy, currency=currency.strip(), volume=volume, capacity=capacity)
    for value, name in ((volume, "Cases a month"), (able, "The capacity")):
        if value is not None and value <= 0:
            raise UserError(f"{name} must be above 0", remedy="Leave it empty where there is no limit.")
    return Costs(**values), drafted


def _cut(made: Drawn, costs: Costs, drafted: Policy, policy: Policy, turn: str) -> Cut:
    found = cut_for(made, costs, capacity=drafted.capacity, volume=drafted.volume)
    now = policy.threshold if policy.threshold is not None else 0.5
    saved = policy.costs is not None and abs(now - found.threshold) > 1e-9 and policy.costs == costs
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        way = st.segmented_control(
            "Threshold", [BY_AMOUNTS, MY_OWN], default=MY_OWN if saved else BY_AMOUNTS, key=f"way_{turn}", required=True
        )
        if way == BY_AMOUNTS:
            return found
        own = st.number_input(
            "Yes from a probability of, in %", min_value=0.0, max_value=100.0, step=1.0, format="%.2f", width=260,
            value=round(100 * min(1.0, now if saved else found.threshold), 2), key=f"own_{turn}",
        )  # fmt: skip
    return Cut(threshold=own / 100, by="you")


def _person(made: Drawn, drafted: Policy, cut: Cut, turn: str) -> Policy:
    with st.expander("Cases for a person", icon=":material/person:"):
        before = None if drafted.refer is None else referred(made, cut.threshold, drafted.refer).share.value
        asked = st.slider(
            "Share of cases to send to a person, in %", 0, 50, value=round(100 * (before or 0.0)), key=f"refer_{turn}",
            help="Those nearest to the threshold, where the model is least sure. They are flagged `refer`.",
        )  # fmt: skip
        band = band_for(made, cut.threshold, asked / 100) if asked else None
        if band is None:
            show.lede("No case goes to a person: every answer is the model's.")
            return replace(drafted, refer=None)
        found = referred(made, cut.threshold, band)
        ends = f"from {share(round(band.low, 4))} and below {share(round(band.high, 4))}"
        before_it = words.share(found.wrong_before.value, 1)
        show.said(
            f"Cases {ends} go to a person: {_between(found.share, 1)} of all. Of the others "
            f"{_between(found.wrong, 1)} get a wrong answer, instead of {before_it} of all."
        )
    return replace(drafted, refer=band)


def _present(run: RunCard, key: str, cases: Cases, made: Drawn, turn: str) -> tuple[Mask | None, str]:
    """The cases that are called yes by what is done now, and what that is."""
    with st.expander("Compare with what you do now", icon=":material/compare_arrows:"):
        way = st.segmented_control(
            "You decide now by", [NOTHING, A_CUT, A_RULE], default=NOTHING, key=f"present_{turn}", required=True
        )
        if way == A_CUT:
            at = st.number_input("Yes from, in %", 0.0, 100.0, 50.0, 1.0, key=f"present_cut_{turn}", width=220)
            return made.score >= at / 100, f"Yes from {share(at / 100)}"
        if way == A_RULE:
            rule = overrides.condition(run, f"present_{turn}")
            if rule is not None:
                folder, schema = cache.store().model_folder(run.id, key), overrides.schema(run)
                field = ruling.described(folder, schema, rule.column)
                return ruling.where(rule, cases.column(rule.column), field), f"Yes {overrides.when(rule)}"
    return None, ""


def _whole(
    run: RunCard, key: str, cases: Cases, made: Drawn, costs: Costs, cut: Cut, drafted: Policy, present: Mask | None,
    named: str,
) -> Decision:  # fmt: skip
    yes = None
    if drafted.rules or drafted.group_thresholds is not None:
        said = ruling.obeyed(drafted, cases, cache.store().model_folder(run.id, key), overrides.schema(run))
        yes = np.asarray(said["prediction"] == cases.predictions.labels[cases.predictions.positive_index])
    return decision(made, costs, cut, says_yes=yes, present=present, named=named)


def _said(told: Decision, drafted: Policy) -> None:
    mine, cut = told["model"], told.cut
    monthly = drafted.volume
    thousand = mine.worth.times(1000)
    st.header("What follows", anchor=False)
    facts = [
        ("Yes from", share(round(cut.threshold, 4)) if cut.threshold <= 1 else "never", "probability, the threshold"),
        ("Called yes", words.share(mine.share, 1), _of(mine.share, monthly, told.n)),
        (
            "Right when yes",
            words.share(told.right.value, 1),
            f"finds {words.share(told.found.value, 1)} of all yes cases",
        ),
        ("1,000 cases are worth", money(thousand.value, drafted.currency), _span(thousand, drafted.currency)),
    ]
    if monthly:
        month = mine.worth.times(monthly)
        facts.append(("A month is worth", money(month.value, drafted.currency), _span(month, drafted.currency)))
    show.facts(*facts)
    sentences = [f"The threshold is {share(round(cut.threshold, 4))}: {WHY[cut.by]}.", *cut.notes]
    nobody, everybody = told["nobody"], told["everybody"]
    best = max((nobody, everybody), key=lambda option: option.worth.value)
    assert best.better is not None
    sentences.append(
        f"Beside {best.title[:1].lower()}{best.title[1:]}, 1,000 cases {_gain(best.better, drafted.currency)}."
    )
    show.said(*sentences)


def _gain(better: Sure, currency: str) -> str:
    gain = better.times(1000)
    span = f"({_span(gain, currency)})"
    if gain.low > 0:
        return f"bring {money(gain.value, currency)} more {span}"
    if gain.high < 0:
        return f"bring {money(-gain.value, currency)} less {span}: the model does not pay at these amounts"
    return f"bring about as much: the difference of {money(gain.value, currency, signed=True)} may be chance {span}"


def _span(sure: Sure, currency: str) -> str:
    if not np.isfinite(sure.low):
        return "too few rows to say how sure"
    return f"{money(sure.low, currency)} to {money(sure.high, currency)}"


def _between(sure: Sure, places: int) -> str:
    ends = f"{words.share(sure.low, places)} to {words.share(sure.high, places)}"
    return f"{words.share(sure.value, places)} ({ends})"


def _of(part: float, monthly: float | None, n: int) -> str:
    return f"about {part * monthly:,.0f} of {monthly:,.0f} a month" if monthly else f"of {n:,} rows"


def _compared(told: Decision, drafted: Policy) -> None:
    heads = [
        Head("Way to decide", name=True),
        Head("Called yes"),
        Head("1,000 cases are worth", "95 % interval", numeric=True),
        Head("This rule brings more by", "for 1,000 cases", numeric=True),
    ]
    rows = []
    for option in told.options:
        worth, better = option.worth.times(1000), option.better
        more = "" if better is None else _cell(better.times(1000), drafted.currency, signed=True)
        cells = (
            f"<b>{esc(option.title)}</b>" if better is None else esc(option.title),
            markup.bar(option.share, words.share(option.share, 1)),
            _cell(worth, drafted.currency),
            more,
        )
        rows.append((cells, "picked" if better is None else ""))
    st.header("Beside other ways to decide", anchor=False)
    st.html(markup.table(heads, rows, caption="Ways to decide", stacked=True))
    show.lede(f"On {told.n:,} rows the model had not seen, of which {words.share(told.prevalence, 1)} are yes cases.")


def _cell(sure: Sure, currency: str, *, signed: bool = False) -> str:
    return f"{esc(money(sure.value, currency, signed=signed))}<small>{esc(_span(sure, currency))}</small>"
