"""The profile page's parts: the table at a glance, its columns, one column, and the kinds a person corrects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from mlcore.data.profile import ColumnProfile, Profile
from mlcore.data.schema import KINDS, Column
from mlcore.findings import Finding
from pages.ui import cache, charts, jobs, markup, show, words
from pages.ui.markup import Head, Tone, esc

PER_PAGE = 40
SPARKS = 24
MANY_MISSING = 0.2
GROUPS = {"numeric": ("number", ""), "integer": ("number", ""), "datetime": ("date", "")}
WORDS = ("category or text", "categories and texts")
SUSPICIOUS, GIVEN_AWAY = 0.85, 0.975


@dataclass(frozen=True)
class Seen:
    """What was found out about a table."""

    profile: Profile
    findings: tuple[Finding, ...]


def seen(table: cache.TableCard) -> Seen | None:
    """The profile, with the target in view when one is known; it is made on demand."""
    target = _target(table)
    found = _stored(table, target)
    if found is None:
        job = jobs.latest("check", dataset=table.id, target=target)
        if job is None or job.state in ("cancelled", "done"):
            jobs.ask("check", "Look at the columns", dataset=table.id, target=target)
            job = jobs.asked("check")
        if job is not None:
            jobs.follow(job, cancel=False)
        found = _stored(table, None)
    return found


def _target(table: cache.TableCard) -> str | None:
    goal, sample = cache.store().goal(table.id), cache.sample_of(table)
    name = goal.target if goal is not None else sample.target if sample is not None else None
    return name if name in table.schema else None


def _stored(table: cache.TableCard, target: str | None) -> Seen | None:
    store = cache.store()
    profile, findings = store.profile(table.id, target), store.findings(table.id, target)
    return None if profile is None or findings is None else Seen(profile, findings)


def facts(table: cache.TableCard, profile: Profile) -> None:
    """The table at a glance."""
    cells = profile.rows * max(1, len(profile.columns))
    missing = sum(column.missing for column in profile.columns)
    gaps = sum(column.missing > 0 for column in profile.columns)
    show.facts(
        ("Rows", f"{profile.rows:,}"),
        ("Columns", f"{len(profile.columns):,}", _kinds(table)),
        ("Empty cells", words.share(missing / cells if cells else 0.0, 1), f"in {words.count(gaps, 'column')}"),
        ("Repeated rows", f"{profile.duplicates:,}", _repeated(profile)),
    )
    if not profile.exact:
        show.lede(f"Relations to the target come from a sample of {profile.sampled:,} rows, all else from every row.")


def _kinds(table: cache.TableCard) -> str:
    groups = Counter(GROUPS.get(column.kind, WORDS) for column in table.schema)
    return ", ".join(words.count(count, *name) for name, count in groups.items())


def _repeated(profile: Profile) -> str:
    return words.share(profile.duplicates / max(1, profile.rows), 1) if profile.duplicates else "no two are equal"


def columns(table: cache.TableCard, profile: Profile) -> None:
    """All columns as one table, a page at a time when there are many."""
    st.header("Columns", anchor=False)
    shown: Sequence[ColumnProfile] = profile.columns
    if len(shown) > PER_PAGE:
        asked = st.text_input("Find a column", key=f"find_{table.id}", placeholder="Part of its name", width=320)
        shown = [column for column in shown if asked.lower() in column.name.lower()]
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
        heads.append(Head(f"Goes with {profile.target}", "on its own"))
    rows = [(_cells(one, table.schema[one.name], profile, related is not None), "") for one in shown]
    st.html(markup.table(heads, rows, caption="Columns of the table"))


def _cells(one: ColumnProfile, column: Column, profile: Profile, related: bool) -> tuple[str, ...]:
    share = one.missing / max(1, profile.rows)
    tone: Tone = "watch" if share >= MANY_MISSING else ""
    cells = [
        f"<b>{esc(one.name).replace('_', '_<wbr>')}</b>",
        markup.chip(words.KINDS[column.kind], "watch" if column.confidence < 0.6 else ""),
        markup.bar(share, words.share(share), tone) if one.missing else "–",
        f"{one.distinct:,}",
        _spark(one),
        f'<span class="ts-meta">{esc(_range(one, column))}</span>',
    ]
    if related:
        cells.append(_relation(one, profile.target))
    return tuple(cells)


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
        return f"{words.number(one.quantiles[0])} to {words.number(one.quantiles[-1])}"
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
    """One column: its distribution, how it goes with the target, and what kind it is."""
    st.header("One column", anchor=False)
    names = [column.name for column in profile.columns]
    name = st.selectbox("Column", names, format_func=str, key=f"column_{table.id}", width=420)
    one, column = profile[str(name)], table.schema[str(name)]
    related = profile.target is not None and one.relation is not None
    charts.pair(
        charts.draw("distribution", one, rows=profile.rows),
        charts.draw("relation", one, profile.target) if related else None,
        f"column_{table.id}",
    )
    _kind(table, column)


def _kind(table: cache.TableCard, column: Column) -> None:
    with st.container(border=True, key="card_kind"):
        key = f"kind_{table.id}_{column.name}_{column.kind}"

        def chosen() -> None:
            cache.store().set_kind(table.id, column.name, st.session_state[key])

        st.selectbox(
            "This column is a",
            list(KINDS),
            index=KINDS.index(column.kind),
            format_func=lambda kind: words.KINDS[kind],
            key=key,
            on_change=chosen,
            width=320,
        )
        sure = "" if column.confidence >= 1 else f" ({words.share(column.confidence)} sure)"
        show.lede(f"{column.reason[:1].upper()}{column.reason[1:].rstrip('.')}{sure}." if column.reason else "")
