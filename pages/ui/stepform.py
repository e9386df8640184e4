"""The form for one step of a recipe, drawn from what its repair asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from mlcore.data.expressions import FUNCTIONS_TOLD
from mlcore.data.repairs import Ask, AskKind, Repair
from mlcore.data.repairs.repair import pairs_of
from mlcore.data.schema import Schema
from mlcore.workspace.store import Card
from pages.ui.markup import md


@dataclass(frozen=True)
class Bench:
    """Where a step is made: the columns it meets, the other datasets it may use, and the key of its widgets."""

    schema: Schema
    others: tuple[Card, ...]
    key: str

    def other(self, answers: Mapping[str, Any]) -> Card | None:
        """The other dataset that was chosen, if one was."""
        return next((card for card in self.others if card.id == answers.get("dataset")), None)


def answers(repair: Repair, bench: Bench, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a person answers to the questions of this repair; `given` are the answers so far."""
    found: dict[str, Any] = {}
    known = repair.filled(given)
    for ask in repair.asks:
        if ask.asked({**known, **found}):
            found[ask.key] = _FIELDS[ask.kind](ask, bench, known[ask.key], found)
    return {key: value for key, value in found.items() if value not in (None, "", [])}


def _key(ask: Ask, bench: Bench) -> str:
    return f"{bench.key}_{ask.key}"


def _names(ask: Ask, bench: Bench, found: Mapping[str, Any]) -> list[str]:
    """The columns that may be chosen, of this table or of the other one."""
    if ask.of == "dataset":
        other = bench.other(found)
        keys = {theirs for _, theirs in pairs_of(found.get("keys"))}
        return [] if other is None else [name for name in other.dataset.schema.names if name not in keys]
    return [column.name for column in bench.schema if not ask.storages or column.storage in ask.storages]


def _column(ask: Ask, bench: Bench, value: Any, found: Mapping[str, Any]) -> Any:
    names = _names(ask, bench, found)
    return st.selectbox(
        ask.title,
        names,
        index=names.index(value) if value in names else None,
        format_func=str,
        placeholder="Choose a column" if names else "No column fits",
        key=_key(ask, bench),
        help=ask.help or None,
    )


def _columns(ask: Ask, bench: Bench, value: Any, found: Mapping[str, Any]) -> Any:
    names = _names(ask, bench, found)
    return st.multiselect(
        ask.title,
        names,
        default=[name for name in value or () if name in names],
        format_func=str,
        placeholder="Choose columns" if names else "No column fits",
        key=_key(ask, bench),
        help=ask.help or None,
    )


def _choice(ask: Ask, bench: Bench, value: Any, _: Mapping[str, Any]) -> Any:
    titles = dict(ask.choices)
    keys = list(titles)
    return st.selectbox(
        ask.title,
        keys,
        index=keys.index(value) if value in keys else 0,
        format_func=lambda key: titles[key],
        key=_key(ask, bench),
        help=ask.help or None,
    )


def _number(ask: Ask, bench: Bench, value: Any, _: Mapping[str, Any]) -> Any:
    whole = isinstance(value, int) and not isinstance(value, bool)
    kind = int if whole else float
    low, high = (None if bound is None else kind(bound) for bound in (ask.low, ask.high))
    return st.number_input(
        ask.title,
        value=value if value is None else kind(value),
        min_value=low,
        max_value=high,
        step=1 if whole else None,
        format=None if whole else "%.6g",
        key=_key(ask, bench),
        help=ask.help or None,
    )


def _text(ask: Ask, bench: Bench, value: Any, _: Mapping[str, Any]) -> Any:
    draw: Callable[..., str] = st.text_area if ask.lines else st.text_input
    return draw(ask.title, value=str(value or ""), key=_key(ask, bench), help=ask.help or None)


def _switch(ask: Ask, bench: Bench, value: Any, _: Mapping[str, Any]) -> Any:
    return st.checkbox(ask.title, value=bool(value), key=_key(ask, bench), help=ask.help or None)


def _expression(ask: Ask, bench: Bench, value: Any, _: Mapping[str, Any]) -> Any:
    said = st.text_input(
        ask.title, value=str(value or ""), key=_key(ask, bench), placeholder=ask.help.removeprefix("For example: ")
    )
    with st.popover("Columns and functions", icon=":material/help:"):
        st.markdown("**Columns** " + " · ".join(md(f"[{name}]") for name in bench.schema.names[:60]))
        st.markdown("**Functions**")
        st.markdown("\n".join(f"- `{example}`: {about}" for example, about in FUNCTIONS_TOLD.values()))
    return said


def _dataset(ask: Ask, bench: Bench, value: Any, _: Mapping[str, Any]) -> Any:
    cards = {card.id: card for card in bench.others}
    ids = list(cards)
    return st.selectbox(
        ask.title,
        ids,
        index=ids.index(value) if value in ids else None,
        format_func=lambda key: f"{cards[key].dataset.name} · {cards[key].dataset.rows:,} rows",
        placeholder="Choose a table" if ids else "Import the other table first",
        key=_key(ask, bench),
        help=ask.help or None,
    )


def _pairs(ask: Ask, bench: Bench, value: Any, found: Mapping[str, Any]) -> Any:
    other = bench.other(found)
    rows = [(str(old), "" if new is None else str(new)) for old, new in pairs_of(value)] or [("", "")]
    if "dataset" in found:
        heads = ("Here", "In the other table")
        config = _key_columns(heads, bench.schema.names, () if other is None else other.dataset.schema.names)
    else:
        heads = ("Old", "New")
        config = {head: st.column_config.TextColumn(head) for head in heads}
    st.caption(md(ask.title), help=ask.help or None)
    edited = st.data_editor(
        pd.DataFrame(rows, columns=list(heads), dtype="str").replace("", None),
        num_rows="dynamic",
        hide_index=True,
        column_config=config,
        key=f"{_key(ask, bench)}_{found.get('dataset', '')}",
    )
    pairs = [tuple(None if pd.isna(cell) else str(cell) for cell in row) for row in edited.itertuples(index=False)]
    return [list(pair) for pair in pairs if pair[0] and (pair[1] or "dataset" not in found)]


def _key_columns(heads: tuple[str, str], here: tuple[str, ...], there: tuple[str, ...]) -> dict[str, Any]:
    choices = zip(heads, (here, there), strict=True)
    return {head: st.column_config.SelectboxColumn(head, options=list(names)) for head, names in choices}


_FIELDS: Mapping[AskKind, Callable[[Ask, Bench, Any, Mapping[str, Any]], Any]] = {
    "column": _column, "columns": _columns, "choice": _choice, "number": _number, "text": _text, "switch": _switch,
    "expression": _expression, "dataset": _dataset, "pairs": _pairs,
}  # fmt: skip
