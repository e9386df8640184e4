"""The profile page's frame: what was found out about a table, its facts, and the views one can choose between."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import streamlit as st

from mlcore.data.profile import Profile
from mlcore.findings import Finding
from pages.ui import cache, dictionary, jobs, profiling_columns, profiling_whole, show, words

GROUPS = {"numeric": ("number", ""), "integer": ("number", ""), "datetime": ("date", "")}
WORDS = ("category or text", "categories and texts")
VIEWS = {
    "Columns": profiling_columns.columns,
    "Target": profiling_whole.target,
    "Together": profiling_whole.together,
    "Over time": profiling_whole.over_time,
    "Rows": profiling_whole.rows,
    "Dictionary": dictionary.editor,
}


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
    profile, findings = cache.profile(table.id, target), cache.store().findings(table.id, target)
    return None if profile is None or findings is None else Seen(profile, findings)


def facts(table: cache.TableCard, profile: Profile) -> None:
    """The table at a glance."""
    cells = profile.rows * max(1, len(profile.columns))
    missing = sum(column.missing for column in profile.columns)
    gaps = sum(column.missing > 0 for column in profile.columns)
    show.facts(
        ("Rows", f"{profile.rows:,}"),
        ("Columns", f"{len(profile.columns):,}", _kinds(table)),
        ("Empty cells", *_empty(missing, cells, gaps)),
        ("Repeated rows", f"{profile.duplicates:,}", _repeated(profile)),
    )
    if not profile.exact:
        show.lede(
            "Counts, means and quantiles are of every row; relations to the target come from a sample of "
            f"{profile.sampled:,} rows. Findings and charts that used a sample say so."
        )


def _empty(missing: int, cells: int, gaps: int) -> tuple[str, str]:
    if not missing:
        return "0", "every cell is filled"
    return words.share(missing / cells, 1), f"in {words.count(gaps, 'column')}"


def _kinds(table: cache.TableCard) -> str:
    groups = Counter(GROUPS.get(column.kind, WORDS) for column in table.schema)
    return ", ".join(words.count(count, *name) for name, count in groups.items())


def _repeated(profile: Profile) -> str:
    return words.share(profile.duplicates / max(1, profile.rows), 1) if profile.duplicates else "no two are equal"


def views(table: cache.TableCard, profile: Profile) -> None:
    """One view of the table at a time; only the one that is open is made."""
    made = {"Target": profile.target is not None, "Over time": profile.periods is not None}
    names = [name for name in VIEWS if made.get(name, True)]
    for name, tab in zip(names, st.tabs(names, key=f"views_{table.id}", on_change="rerun"), strict=True):
        if tab.open:
            with tab:
                VIEWS[name](table, profile)
