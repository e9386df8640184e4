"""What the drafted rule would have done with rows the model had not seen, beside another way to decide."""

from __future__ import annotations

import math

import streamlit as st

from mlcore.evaluation.cases import Cases
from mlcore.evaluation.cuts import cut
from mlcore.evaluation.fairness import LEAST
from mlcore.evaluation.money import money
from mlcore.evaluation.policy import Policy
from mlcore.evaluation.portfolio import Affected, Answers, Portfolio, affected, answers_of, called, portfolio
from mlcore.evaluation.worth import Mask, Sure
from mlcore.learning import ruling
from mlcore.workspace.store import RunCard
from pages.ui import cache, markup, overrides, show, words
from pages.ui.markup import Head, esc

NO_COLUMN = "(nobody in particular)"


def section(
    run: RunCard,
    key: str,
    cases: Cases,
    drafted: Policy,
    now: Policy,
    turn: str,
    present: tuple[Mask | None, str] = (None, ""),
) -> None:
    """Counts, money and who is affected; beside the `present` way to decide, or the rule in use where none is named."""
    mask, named = present
    mine = _obeyed(run, key, cases, drafted)
    before = _obeyed(run, key, cases, now) if mask is None else called(cases, mask)
    against = "the rule in use" if mask is None else f"what you do now ({named[:1].lower()}{named[1:]})"
    made = portfolio(drafted, cases, mine, before)
    st.header("What it would have done", anchor=False)
    show.said(*_sentences(made, drafted, against))
    st.html(markup.table(_heads(made), [_line(made, place, drafted) for place in range(len(made.lines))],
                         caption="Answers it would have given", stacked=True))  # fmt: skip
    _moves(made, drafted, against)
    _who(run, cases, drafted, (mine, before), turn)


def _obeyed(run: RunCard, key: str, cases: Cases, policy: Policy) -> Answers:
    return answers_of(
        cases, ruling.obeyed(policy, cases, cache.store().model_folder(run.id, key), overrides.schema(run))
    )


def _sentences(made: Portfolio, drafted: Policy, against: str) -> list[str]:
    where = f"On {made.n:,} rows the model had not seen"
    if made.changed.value == 0:
        said = [f"{where}, every case gets the same answer as by {against}."]
    else:
        month = f", about {made.changed.value * drafted.volume:,.0f} a month" if drafted.volume else ""
        said = [f"{where}, {_span(made.changed)} of cases get another answer than by {against}{month}."]
    if made.better is not None and made.changed.value > 0:
        thousand = made.better.times(1000)
        said.append(f"On 1,000 cases that brings {_money(thousand, drafted.currency, signed=True)}.")
    return [*said, *_over(made, drafted)]


def _over(made: Portfolio, drafted: Policy) -> list[str]:
    """Whether what is called yes can be seen to, rules and groups included."""
    yes = next((line for line in made.lines if line.title == drafted.positive), None)
    if drafted.capacity is None or not drafted.volume or yes is None:
        return []
    wanted, able = yes.share.value * drafted.volume, drafted.capacity.monthly
    if wanted > able * 1.005:
        return [
            f"About {wanted:,.0f} cases a month are called yes, and {able:,.0f} can be seen to: rules or thresholds "
            f"bring {wanted - able:,.0f} too many."
        ]
    return [f"About {wanted:,.0f} cases a month are called yes; {able:,.0f} can be seen to."]


def _heads(made: Portfolio) -> tuple[Head, ...]:
    heads = [Head("Answer", name=True), Head("Rows", numeric=True), Head("Share"), Head("Before", numeric=True)]
    heads += [Head("Right", "95 % interval", numeric=True)] if any(line.right for line in made.lines) else []
    heads += [Head("They bring", "of 1,000 cases", numeric=True)] if made.worth is not None else []
    return tuple(heads)


def _line(made: Portfolio, place: int, drafted: Policy) -> tuple[tuple[str, ...], str]:
    line = made.lines[place]
    cells = [
        esc(f"“{line.title}”" if line.title in drafted.labels else line.title),
        f"{line.share.value * made.n:,.0f}",
        markup.bar(line.share.value, words.share(line.share.value, 1)),
        words.share(line.before.value, 1),
    ]
    if any(one.right for one in made.lines):
        cells.append("–" if line.right is None else _cell(line.right))
    if made.worth is not None:
        cells.append("–" if line.worth is None else esc(money(1000 * line.worth.value, drafted.currency)))
    return tuple(cells), ""


def _moves(made: Portfolio, drafted: Policy, against: str) -> None:
    if not made.moves:
        return
    heads = [Head("Before", name=True), Head("Now"), Head("Rows", numeric=True), Head("Share", numeric=True)]
    heads += [Head("That brings", "of 1,000 cases", numeric=True)] if made.better is not None else []
    rows = []
    for one in made.moves:
        cells = [esc(one.before), esc(one.after), f"{one.share.value * made.n:,.0f}", words.share(one.share.value, 1)]
        if one.worth is not None:
            cells.append(esc(_money(one.worth.times(1000), drafted.currency, signed=True)))
        rows.append((tuple(cells), ""))
    with st.expander("Which answers change", icon=":material/swap_horiz:"):
        show.lede(f"Before: {against}. A case for a person counts in money as if the model's advice were taken.")
        st.html(markup.table(heads, rows, caption="Answers that change", stacked=True))


@st.fragment
def _who(run: RunCard, cases: Cases, drafted: Policy, answers: tuple[Answers, Answers], turn: str) -> None:
    """By the parts of a column of one's choice."""
    with st.expander("Who is affected", icon=":material/groups:"):
        schema, titles = overrides.schema(run), cache.titles_of(run)
        target = run.plan.goal.target if run.plan is not None else ""
        names = [
            column.name for column in schema if column.name != target and column.kind not in ("identifier", "text")
        ]
        by = st.selectbox(
            "By", [NO_COLUMN, *names], format_func=lambda name: titles.get(name, name), key=f"who_{turn}", width=360
        )
        if by == NO_COLUMN:
            show.lede("Choose a column to see for which of its values answers, errors and money change.")
            return
        parts = cut(cases.column(by), schema[by], least=LEAST)
        found = affected(drafted, cases, *answers, parts)
        st.html(markup.table(_who_heads(found, drafted), [_group(one, found, drafted) for one in found],
                             caption="Who is affected", stacked=True))  # fmt: skip
        small = sum(one.answered is None for one in found)
        if small:
            show.lede(f"{words.count(small, 'part')} of fewer than {LEAST} rows: too few to say anything about.")


def _who_heads(found: tuple[Affected, ...], drafted: Policy) -> tuple[Head, ...]:
    heads = [Head("Part", name=True), Head("Rows", numeric=True)]
    if drafted.task == "binary":
        heads += [Head("Called yes", "95 % interval", numeric=True), Head("Before", numeric=True)]
    else:
        heads.append(Head("Another answer", "95 % interval", numeric=True))
    if drafted.labels:
        heads += [Head("Wrong", "95 % interval", numeric=True), Head("Wrong before", numeric=True)]
    heads += [Head("Brings more", "a case", numeric=True)] if any(one.better for one in found) else []
    return tuple(heads)


def _group(one: Affected, found: tuple[Affected, ...], drafted: Policy) -> tuple[tuple[str, ...], str]:
    cells = [esc(one.label), f"{one.n:,}", _cell(one.answered)]
    if drafted.task == "binary":
        cells.append("–" if one.before is None else words.share(one.before.value, 1))
    if drafted.labels:
        cells += [_cell(one.wrong), "–" if one.wrong_before is None else words.share(one.wrong_before.value, 1)]
    if any(other.better for other in found):
        cells.append("–" if one.better is None else esc(_money(one.better, drafted.currency, signed=True)))
    return tuple(cells), ""


def _cell(sure: Sure | None) -> str:
    if sure is None:
        return "–"
    return f"{words.share(sure.value, 1)}<small>{words.share(sure.low, 1)} to {words.share(sure.high, 1)}</small>"


def _span(sure: Sure) -> str:
    return f"{words.share(sure.value, 1)} ({words.share(sure.low, 1)} to {words.share(sure.high, 1)})"


def _money(sure: Sure, currency: str, *, signed: bool = False) -> str:
    ends = "too few rows to say how sure"
    if math.isfinite(sure.low):
        ends = f"{money(sure.low, currency)} to {money(sure.high, currency)}"
    return f"{money(sure.value, currency, signed=signed)} ({ends})"
