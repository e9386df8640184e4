"""What would have to be different about a row for another answer: what is wanted, what may change, what was found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from mlcore import records
from mlcore.data.schema import Column
from mlcore.errors import UserError
from mlcore.explanation.answers import Counterfactual, Found, Wanted
from mlcore.explanation.moves import Limit
from mlcore.workspace import scorer
from mlcore.workspace.store import RunCard
from pages.ui import cache, markup, session, show, words
from pages.ui.markup import Head, esc
from pages.ui.what_if import Start, answer, cell, put

SECONDS = {"5 seconds": 5.0, "15 seconds": 15.0, "60 seconds": 60.0}


def search(run: RunCard, key: str, at: Start, row: Mapping[str, Any]) -> tuple[Wanted, list[Limit]] | None:
    """Ask what is wanted, search, and show what was found for this row; what is wanted within which limits."""
    if run.plan is None:
        return None
    st.header("What would have to be different?", anchor=False)
    show.lede(
        "The smallest changes to the row in the form after which the model would say what you want. They tell what "
        "would be predicted, not what would happen."
    )
    with st.container(border=True, key="card_turning"):
        wanted = _wanted(run, key, row)
        limits = _limits(run.id, at.columns)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            time = st.selectbox("Search for at most", list(SECONDS), key="turning_seconds", width=180)
            asked = st.button("Search", type="primary", icon=":material/search:", key="turning_search")
    if wanted is None:
        return None
    question = json.dumps(records.to_json([run.id, key, row, wanted, limits]), sort_keys=True, default=str)
    if asked:
        try:
            with st.spinner("Trying variants of the row"):
                found = scorer.client().counterfactuals(run.id, key, row, wanted, limits, seconds=SECONDS[str(time)])
            session.remember("turning", (question, found))
        except UserError as error:
            show.user_error(error)
            return wanted, limits
    kept = session.recall("turning")
    if kept is not None and kept[0] == question:
        _found(run, at, kept[1])
    return wanted, limits


def _wanted(run: RunCard, key: str, row: Mapping[str, Any]) -> Wanted | None:
    if run.plan is None:
        return None
    if run.plan.goal.task == "regression":
        return _number(run, key, row)
    said = _said(run.id, key, row)
    labels = [name.removeprefix("probability_") for name in said if name.startswith("probability_")]
    if not labels:
        return None
    now = str(said.get("prediction"))
    others = [label for label in labels if label != now] or labels
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox("It should say", labels, index=labels.index(others[0]), key=f"turning_label_{key}",
                             width=260)  # fmt: skip
        least = st.number_input(
            "With a probability of at least, per cent", min_value=1.0, max_value=100.0, value=None, step=5.0, width=320,
            key=f"turning_least_{key}", placeholder="as the decision rule has it",
            help="Empty: whenever that is the answer, by the threshold and the rules of the model.",
        )  # fmt: skip
    return Wanted(label=str(label), probability=None if least is None else float(least) / 100)


def _number(run: RunCard, key: str, row: Mapping[str, Any]) -> Wanted | None:
    said = _said(run.id, key, row)
    if "prediction" not in said:
        return None
    now = float(said["prediction"])
    unit = cache.target_unit(run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        side = st.segmented_control(
            "It should say", ["At least", "At most"], default="At least", key=f"turning_side_{key}", required=True
        )
        name = f"{cache.target_title(run)}{f' ({unit})' if unit else ''}"
        value = st.number_input(
            markup.md(name), value=_rounded(now * 1.1 if side == "At least" else now * 0.9), format="%.6g", width=260,
            key=f"turning_value_{key}_{side}", help=f"For the row in the form it says {words.number(now)}.",
        )  # fmt: skip
    return Wanted(low=float(value)) if side == "At least" else Wanted(high=float(value))


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")


def _said(run: str, key: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return scorer.client().predict(run, key, [row])[0]
    except UserError:
        return {}  # the form above has said why


def _limits(run: str, columns: tuple[Column, ...]) -> list[Limit]:
    names = [column.name for column in columns]
    titles = {column.name: column.shown for column in columns}
    numbers = [column.name for column in columns if column.storage in ("float", "integer", "datetime")]
    fixed = st.multiselect(
        "May not change", names, format_func=titles.__getitem__, key=f"turning_fixed_{run}",
        placeholder="Every column may change", help="What nobody can or may change: age, sex, what lies in the past.",
    )  # fmt: skip
    free = [name for name in numbers if name not in fixed]
    with st.expander("Directions, steps and bounds"):
        rising = st.multiselect("May only rise", free, format_func=titles.__getitem__, key=f"turning_up_{run}")
        falling = st.multiselect("May only fall", [name for name in free if name not in rising],
                                 format_func=titles.__getitem__, key=f"turning_down_{run}")  # fmt: skip
        bounds = _bounds(run, [column for column in columns if column.name in free and column.storage != "datetime"])
    limits = [Limit(column=name, fixed=True) for name in fixed]
    for name in dict.fromkeys([*rising, *falling, *bounds]):
        direction = "up" if name in rising else "down" if name in falling else "either"
        limits.append(Limit(column=name, direction=direction, **bounds.get(name, {})))
    return limits


def _bounds(run: str, columns: list[Column]) -> dict[str, dict[str, float]]:
    """By column its step, low and high, as far as they were filled in."""
    if not columns:
        return {}
    frame = pd.DataFrame({
        "Column": [column.shown for column in columns],
        **{title: pd.Series([None] * len(columns), dtype="Float64") for title in ("Step", "Lowest", "Highest")},
    })  # fmt: skip
    names = "|".join(column.name for column in columns)
    edited = st.data_editor(frame, hide_index=True, disabled=["Column"], key=f"turning_bounds_{run}_{hash(names)}",
                            width="stretch")  # fmt: skip
    keys = {"Step": "step", "Lowest": "low", "Highest": "high"}
    given = {
        column.name: {key: float(line[title]) for title, key in keys.items() if not pd.isna(line[title])}
        for column, line in zip(columns, edited.to_dict("records"), strict=True)
    }
    return {name: some for name, some in given.items() if some}


def _found(run: RunCard, at: Start, found: Found) -> None:
    show.said(found.sentence)
    titles = {column.name: column.shown for column in at.columns}
    for number, one in enumerate(found.answers, start=1):
        with st.container(border=True, key=f"card_turned_{number}"):
            _way(titles, one, number)
            st.button("Try it in the form", key=f"turned_{number}", on_click=put, args=(run.id, at.number, one.row))


def _way(titles: Mapping[str, str], one: Counterfactual, number: int) -> None:
    rows = [
        ((esc(titles.get(change.column, change.column)), esc(cell(change.before)), f"<b>{esc(cell(change.after))}</b>"),
         "")
        for change in one.changes
    ]  # fmt: skip
    heads = (Head("Column", name=True), Head("Now"), Head("Instead"))
    st.html(f"<p><b>{number}.</b> Would be predicted: <b>{esc(answer(one.said))}</b></p>")
    st.html(markup.table(heads, rows, caption=f"Way {number}"))
    show.lede(" ".join(one.likeness.sentences[:2]))
