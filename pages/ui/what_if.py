"""The what-if page's parts: the row to start from, the form beside the answers, the scenarios that were saved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from mlcore.data.amounts import compact
from mlcore.data.schema import Column
from mlcore.errors import UserError
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.likeness import Likeness
from mlcore.workspace import scorer
from mlcore.workspace.scenarios import Scenario
from mlcore.workspace.store import RunCard
from pages.ui import cache, charts, markup, rowform, session, show, words
from pages.ui.markup import Head, esc

AT = "row"
TYPICAL = "The row that is nearest to all others: a typical one."


@dataclass(frozen=True)
class Start:
    """The row that is changed: its number (1 is the first), its cells, and the columns that the model asks for."""

    number: int
    row: Mapping[str, Any]
    columns: tuple[Column, ...]


def context(run: RunCard, key: str) -> str:
    """What is answered here and what is not."""
    about = f"“{cache.model_title(run.id, key)}”, predicting {cache.target_title(run)}."
    return f"{about} It shows what would be predicted for a changed row, not what a change would bring about."


def start(run: RunCard, key: str) -> Start | None:
    """The row of the table to start from: by its number, by the URL, or a typical one."""
    table = cache.raw_card(run.dataset)
    if run.plan is None or table is None or not table.rows:
        show.failure("There is no table to take a row from.", "Import it again.")
        return None
    place = f"what_if_row_{run.id}"
    if place not in st.session_state:
        st.session_state[place] = _asked(table.rows)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.number_input(
            "Row of the table", min_value=1, max_value=table.rows, key=place, width=220,
            help="Row 1 is the first below the header.",
        )  # fmt: skip
        st.button("A typical row", key="typical", help=TYPICAL, on_click=_go_to_typical, args=(run.id, key, place))
    _in_url(int(number))
    if problem := session.recall("what_if_problem"):
        session.remember("what_if_problem", None)
        show.failure(problem)
    found = rowform.row_at(table.dataset.path, int(number) - 1)
    try:
        columns = cache.told(run, rowform.by_importance(run.id, key, run.plan))
    except UserError as error:
        show.user_error(error)
        return None
    absent = [column.shown for column in columns if column.name not in found]
    if absent:
        show.failure(f"The table lacks {', '.join(absent[:5])}, which the model needs.", "Choose another model.")
        return None
    row = json.loads(json.dumps({column.name: found[column.name] for column in columns}, default=str))
    return Start(int(number), row, columns)


def _in_url(number: int) -> None:
    if number > 1:
        st.query_params[AT] = str(number)
    elif AT in st.query_params:
        del st.query_params[AT]


def _asked(rows: int) -> int:
    given = str(st.query_params.get(AT, ""))
    return min(max(int(given), 1), rows) if given.isdecimal() and len(given) < 12 else 1


def _go_to_typical(run: str, key: str, place: str) -> None:
    try:
        st.session_state[place] = scorer.client().typical(run, key) + 1
    except UserError as error:
        session.remember("what_if_problem", str(error))


def put(run: str, number: int, row: Mapping[str, Any]) -> None:
    """Fill the form with these cells."""
    kept = _kept(run, number)
    session.remember(kept, (session.recall(kept, (0, None))[0] + 1, dict(row)))


def _kept(run: str, number: int) -> str:
    return f"what_if_{run}_{number}"


def compare(run: RunCard, key: str, at: Start) -> dict[str, Any]:
    """The form, and beside it what the model says about the row as it is and as it is changed; the changed row."""
    left, right = st.columns([5, 4], gap="large")
    with left:
        asked = _form(run.id, at)
    with right, st.container(key="what_if_answer"):
        try:
            with st.spinner("Asking the model"):
                mark = cache.store().policy_mark(run.id, key)
                before, after = (_told(run.id, key, mark, _text(row)) for row in (at.row, asked))
        except UserError as error:
            show.user_error(error)
            return asked
        output = _output(key, before)
        _answers(before, after, output)
        _unlike(after.likeness)
        show.said(*_changes(at, asked))
    _waterfalls(run, before, after, output, changed=dict(at.row) != asked)
    return asked


def _form(run: str, at: Start) -> dict[str, Any]:
    version, filled = session.recall(_kept(run, at.number), (0, None))
    cells = {**at.row, **(filled or {})}
    shown, rest = at.columns[: rowform.IN_FRONT], at.columns[rowform.IN_FRONT : rowform.AT_MOST]
    stem = f"what_if_{run}_{at.number}_{version}"
    row = {**cells, **_fields(shown, cells, stem)}
    if rest:
        with st.expander(words.count(len(rest), "more column")):
            row.update(_fields(rest, cells, stem))
    st.button("Back to the row as it is", key="back", on_click=put, args=(run, at.number, at.row), type="tertiary")
    plain: dict[str, Any] = json.loads(_text(row))
    return plain


def _fields(columns: tuple[Column, ...], cells: Mapping[str, Any], stem: str) -> dict[str, Any]:
    with st.grid(2, min_column_width=200, gap="small"):
        return {
            column.name: rowform.field(column, cells.get(column.name), f"{stem}_{column.name}", slide=True)
            for column in columns
        }


@dataclass(frozen=True)
class Told:
    """What the model says about a row, why, and how like seen rows it is."""

    said: Mapping[str, Any]
    why: Explanation
    likeness: Likeness


@st.cache_resource(max_entries=64, show_spinner=False)
def _told(run: str, key: str, mark: str, row: str) -> Told:
    """`mark` changes with the policy, by which the answer may be another one."""
    del mark
    asked, door = json.loads(row), scorer.client()
    return Told(
        door.predict(run, key, [asked])[0], door.explain_row(run, key, asked), door.likeness(run, key, [asked])[0]
    )


def _text(row: Mapping[str, Any]) -> str:
    return json.dumps(dict(row), default=str, ensure_ascii=False)


def _output(key: str, before: Told) -> int:
    """Which label is looked at, where there are several."""
    names = before.why.outputs
    if len(names) == 1:
        return 0
    first = names.index(str(before.said["prediction"])) if str(before.said["prediction"]) in names else 0
    chosen = st.selectbox(
        "Probability of", range(len(names)), index=first, format_func=lambda at: names[at], key=f"what_if_of_{key}"
    )
    return int(chosen)


def _answers(before: Told, after: Told, output: int) -> None:
    one, other = (float(told.why.output[0, output]) for told in (before, after))
    if before.why.task == "regression":
        gap = f"{'+' if other >= one else '−'}{words.number(abs(other - one))}" if other != one else "the same"
        show.facts(("The row as it is", words.number(one)), ("As changed", words.number(other), gap))
        return
    gap = f"{100 * (other - one):+.1f} points".replace("-", "−") if abs(other - one) >= 5e-4 else "the same"
    show.facts(
        ("The row as it is", before.said["prediction"], f"{before.why.outputs[output]}: {words.share(one, 1)}"),
        ("As changed", after.said["prediction"], f"{after.why.outputs[output]}: {words.share(other, 1)}, {gap}"),
    )


def _unlike(likeness: Likeness) -> None:
    if not (likeness.unlike or likeness.strange):
        return
    word = "Unlike anything seen" if likeness.unlike else "Never seen before"
    lines = "".join(f"<p>{esc(sentence)}</p>" for sentence in likeness.sentences[:4])
    st.html(f'<div class="ts-said" role="status">{markup.chip(word, "watch")}{lines}</div>')


def _changes(at: Start, asked: Mapping[str, Any]) -> list[str]:
    changed = [column for column in at.columns if asked.get(column.name) != at.row.get(column.name)]
    if not changed:
        return ["Move a slider or choose another value: the answer follows."]
    return [f"{one.shown}: {cell(at.row.get(one.name))} → {cell(asked.get(one.name))}" for one in changed[:8]]


def cell(value: Any) -> str:
    """A cell in words."""
    if value is None or value == "":
        return "(empty)"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return compact(value, 6)
    text = str(value).removesuffix(" 00:00:00")
    return text if len(text) <= 40 else text[:40] + "…"


def _waterfalls(run: RunCard, before: Told, after: Told, output: int, *, changed: bool) -> None:
    name = before.why.outputs[output]
    drawn = [charts.draw("waterfall", cache.in_words(told.why, run), row=0, output=name) for told in (before, after)]
    if not changed:
        charts.panel(drawn[0], "what_if_before")
        return
    titles = ("How the answer comes about: the row as it is", "The same for the row as changed")
    for place, panel, title in zip(st.columns(2, gap="small"), drawn, titles, strict=True):
        with place:
            made = None if panel is None else replace(panel, title=title)
            charts.panel(made, f"what_if_{'before' if title is titles[0] else 'after'}", stretch=True)


def scenarios(run: RunCard, key: str, at: Start, asked: Mapping[str, Any]) -> None:
    """Keep the row of the form under a name; those that were kept, side by side."""
    st.header("Scenarios", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name", key="scenario_name", placeholder="What it is about", max_chars=80, width=320)
        st.button("Save this row", key="scenario_save", icon=":material/bookmark_add:", on_click=_save,
                  args=(run.id, key, name, dict(asked), at.number))  # fmt: skip
    every = cache.store().scenarios(run.id, key)
    if not every:
        show.lede("Rows that you save are listed here and can be compared.")
        return
    try:
        said = scorer.client().predict(run.id, key, [one.row for one in every])
        like = scorer.client().likeness(run.id, key, [one.row for one in every])
    except UserError as error:
        show.user_error(error)
        return
    heads = (Head("Scenario", name=True), Head("Would be predicted"), Head("Changed"), Head("Rows like it"))
    rows = [
        ((esc(one.name), esc(answer(told)), esc(_against(run, one, at.columns)),
          markup.chip("unlike anything seen", "watch") if seen.unlike else "seen"), "")
        for one, told, seen in zip(every, said, like, strict=True)
    ]  # fmt: skip
    st.html(markup.table(heads, rows, caption="Scenarios", stacked=True))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Scenario", every, format_func=lambda one: one.name, key="scenario_chosen", width=320)
        st.button("Open it", key="scenario_open", on_click=_open, args=(run.id, chosen, at.number))
        st.button("Remove it", key="scenario_forget", on_click=_forget, args=(run.id, key, chosen.id))


def answer(said: Mapping[str, Any]) -> str:
    """What the model says, in a few words."""
    if "low" in said:
        return f"{words.number(said['prediction'])} ({words.number(said['low'])} to {words.number(said['high'])})"
    label = str(said["prediction"])
    return f"{label}, {words.share(said.get(f'probability_{label}'), 1)}"


def _against(run: RunCard, one: Scenario, columns: tuple[Column, ...]) -> str:
    table = cache.raw_card(run.dataset)
    if table is None or one.start is None or one.start >= table.rows:
        return ""
    before = json.loads(_text(rowform.row_at(table.dataset.path, one.start)))
    changed = [column for column in columns if one.row.get(column.name) != before.get(column.name)]
    told = [f"{column.shown} {cell(one.row.get(column.name))}" for column in changed[:4]]
    more = f" and {len(changed) - 4} more" if len(changed) > 4 else ""
    return f"Row {one.start + 1:,}: {', '.join(told)}{more}" if told else f"Row {one.start + 1:,} as it is"


def _save(run: str, key: str, name: str, row: Mapping[str, Any], number: int) -> None:
    try:
        named = name.strip() or f"Scenario {len(cache.store().scenarios(run, key)) + 1}"
        cache.store().save_scenario(run, key, named, row, number - 1)
    except UserError as error:
        session.remember("what_if_problem", str(error))


def _open(run: str, one: Scenario, number: int) -> None:
    at = number if one.start is None else one.start + 1
    st.session_state[f"what_if_row_{run}"] = at
    put(run, at, one.row)


def _forget(run: str, key: str, identifier: str) -> None:
    cache.store().forget_scenario(run, key, identifier)
