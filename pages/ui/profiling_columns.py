"""The columns of a table: all of them side by side, one of them in full, and the kind a person corrects."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mlcore.data.amounts import compact
from mlcore.data.profile import ColumnProfile, Profile
from mlcore.data.schema import KINDS, Column, Schema
from pages.ui import cache, charts, markup, show, words
from pages.ui.markup import Head, Tone, esc, md

PER_PAGE = 40
SPARKS = 24
MANY_MISSING = 0.2
SUSPICIOUS, GIVEN_AWAY = 0.85, 0.975


def columns(table: cache.TableCard, profile: Profile) -> None:
    """All columns as one table, a page at a time when there are many; below it, one of them."""
    shown: Sequence[ColumnProfile] = profile.columns
    if len(shown) > PER_PAGE:
        asked = st.text_input("Find a column", key=f"find_{table.id}", placeholder="Part of its name", width=320)
        shown = [column for column in shown if asked.lower() in _searched(table, column.name)]
        pages = max(1, -(-len(shown) // PER_PAGE))
        page = st.pagination(pages, key=f"page_{table.id}_{asked}") if pages > 1 else 1
        shown = shown[(page - 1) * PER_PAGE : page * PER_PAGE]
    related = next((one.relation for one in profile.columns if one.relation is not None), None)
    heads = [
        Head("Column", name=True),
        Head("Kind"),
        Head("Empty"),
        Head("Distinct", numeric=True),
        Head("Values"),
        Head("Range, or most frequent", name=True),
    ]
    if related is not None:
        heads.append(Head(f"Goes with {table.title(profile.target)}", "on its own"))
    rows = [(_cells(one, table.schema[one.name], profile, related is not None), "") for one in shown]
    st.html(markup.table(heads, rows, caption="Columns of the table"))
    one_column(table, profile)


def _searched(table: cache.TableCard, name: str) -> str:
    return f"{name} {table.schema[name].label}".lower()


def _cells(one: ColumnProfile, column: Column, profile: Profile, related: bool) -> tuple[str, ...]:
    share = one.missing / max(1, profile.rows)
    tone: Tone = "watch" if share >= MANY_MISSING else ""
    cells = [
        _named(column),
        markup.chip(words.KINDS[column.kind], "watch" if column.confidence < 0.6 else ""),
        markup.bar(share, words.share(share), tone) if one.missing else "–",
        f"{one.distinct:,}",
        _spark(one),
        f'<span class="ts-meta">{esc(_range(one, column))}</span>',
    ]
    if related:
        cells.append(_relation(one, profile.target))
    return tuple(cells)


def _named(column: Column) -> str:
    """What people call the column, and below it the name that the file gave it."""
    name = esc(column.name).replace("_", "_<wbr>")
    unit = f' <span class="ts-meta">{esc(column.unit)}</span>' if column.unit else ""
    if not column.label:
        return f"<b>{name}</b>{unit}"
    return f"<b>{esc(column.label)}</b>{unit}<small>{name}</small>"


def _spark(one: ColumnProfile) -> str:
    if one.histogram is not None:
        return markup.spark(_thinned(one.histogram.counts), label=f"Distribution of {one.name}")
    if one.top:
        counts = [counted.count for counted in one.top[:SPARKS]]
        rest = one.other + sum(counted.count for counted in one.top[SPARKS:])
        return markup.spark([*counts, rest] if rest else counts, rest=bool(rest), label=f"Frequencies of {one.name}")
    return ""


def _thinned(counts: Sequence[float]) -> list[float]:
    step = max(1, -(-len(counts) // SPARKS))
    return [sum(counts[at : at + step]) for at in range(0, len(counts), step)]


def _range(one: ColumnProfile, column: Column) -> str:
    if one.quantiles and column.storage == "datetime":
        return f"{words.day(one.quantiles[0])} to {words.day(one.quantiles[-1])}"
    if one.quantiles:
        unit = f" {column.unit}" if column.unit else ""
        return f"{compact(one.quantiles[0])} to {compact(one.quantiles[-1])}{unit}"
    return ", ".join(str(counted.value) for counted in one.top[:3]) or column.example


def _relation(one: ColumnProfile, target: str | None) -> str:
    if one.name == target:
        return markup.chip("Target", "accent")
    if one.relation is None:
        return "–"
    value = one.relation.value
    tone: Tone = "act" if value >= GIVEN_AWAY else "watch" if value >= SUSPICIOUS else ""
    return markup.bar(one.relation.strength, f"{value:.2f} {one.relation.measure}", tone)


@st.fragment
def one_column(table: cache.TableCard, profile: Profile) -> None:
    """One column: its distribution, how it goes with the target, its course, and what kind it is."""
    st.header("One column", anchor=False)
    names = [column.name for column in profile.columns]
    name = st.selectbox(
        "Column",
        names,
        index=telling(table.schema, names),
        format_func=table.chosen,
        key=f"column_{table.id}",
        width=420,
    )
    one, column = profile[str(name)], table.schema[str(name)]
    if column.meaning:
        show.lede(column.meaning)
    related = profile.target is not None and one.relation is not None
    charts.pair(
        charts.draw("distribution", one, column, rows=profile.rows),
        charts.draw("relation", one, profile.target, table.schema) if related else None,
        f"column_{table.id}",
    )
    if one.over_time is not None:
        charts.panel(charts.draw("periods", profile, one.name, table.schema), f"course_{table.id}")
    _kind(table, column)


def telling(schema: Schema, names: Sequence[str]) -> int:
    """The first column that has something to show: what only numbers the rows, or never changes, has not."""
    return next((at for at, name in enumerate(names) if schema[name].kind not in ("identifier", "constant")), 0)


def _kind(table: cache.TableCard, column: Column) -> None:
    with st.container(border=True, key="card_kind"):
        key = f"kind_{table.id}_{column.name}_{column.kind}"

        def chosen() -> None:
            cache.store().set_kind(table.id, column.name, st.session_state[key])

        st.selectbox(
            f"{md(column.shown)} is a",
            list(KINDS),
            index=KINDS.index(column.kind),
            format_func=lambda kind: words.KINDS[kind],
            key=key,
            on_change=chosen,
            width=320,
        )
        sure = "" if column.confidence >= 1 else f" ({words.share(column.confidence)} sure)"
        show.lede(f"{column.reason[:1].upper()}{column.reason[1:].rstrip('.')}{sure}." if column.reason else "")
