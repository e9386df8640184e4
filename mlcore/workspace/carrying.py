"""What a person said about a table is said about its next version too, as far as the columns are still there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mlcore.data.amounts import amount
from mlcore.data.dictionary import Entry
from mlcore.findings import Finding
from mlcore.workspace.store import Store

Carry = Callable[[Store, str, str], tuple[Finding, ...]]
"""From one dataset to another; findings about what could not be carried over. May be repeated."""


def carried(store: Store, old: str, new: str) -> tuple[Finding, ...]:
    """Carry everything over."""
    return tuple(finding for carry in CARRIED for finding in carry(store, old, new))


def _kinds(store: Store, old: str, new: str) -> tuple[Finding, ...]:
    before = {column.name: column for table in (store.raw(old), store.dataset(old)) for column in table.schema}
    now, lost = store.dataset(new).schema, []
    for column, kind in store.kinds(old).items():
        if column in now and column in before and now[column].storage == before[column].storage:
            store.set_kind(new, column, kind)
        elif column in now:
            lost.append(column)
    return (_not_carried("kind", "its kind, as you chose it,", tuple(lost)),) if lost else ()


def _dictionary(store: Store, old: str, new: str) -> tuple[Finding, ...]:
    now = store.dataset(new).schema
    here = {name: entry for name, entry in store.dictionary(old).items() if name in now}
    fits = {name: _bounded(entry, now[name].storage in ("float", "integer")) for name, entry in here.items()}
    store.set_entries(new, fits)
    lost = tuple(name for name in here if fits[name] != here[name])
    return (_not_carried("range", "the expected range", lost),) if lost else ()


def _bounded(entry: Entry, numbers: bool) -> Entry:
    return entry if numbers else replace(entry, low=None, high=None)


def _goal(store: Store, old: str, new: str) -> tuple[Finding, ...]:
    goal, names = store.goal(old), store.dataset(new).schema.names
    if goal is None:
        return ()
    if goal.target not in names:
        return (_not_carried("goal", f"the goal to predict {goal.target!r}", (goal.target,)),)
    served = {goal.time, goal.group, goal.weight, goal.split, *goal.monotone}
    timed = goal.time is None or goal.time in names
    store.save_goal(
        new,
        replace(
            goal,
            time=goal.time if goal.time in names else None,
            group=goal.group if goal.group in names else None,
            weight=goal.weight if goal.weight in names else None,
            split=goal.split if goal.split in names else None,
            gap=goal.gap if timed else 0.0,
            recent=goal.recent if timed else None,
            monotone={name: way for name, way in goal.monotone.items() if name in names},
            exclude=tuple(name for name in goal.exclude if name in names),
            keep=tuple(name for name in goal.keep if name in names),
        ),
    )
    lost = tuple(sorted(name for name in served if name is not None and name not in names))
    return (_not_carried("goal", "what the goal says about such columns", lost),) if lost else ()


def _hints(store: Store, old: str, new: str) -> tuple[Finding, ...]:
    hints, names = store.hints(old), store.dataset(new).schema.names
    kept = replace(
        hints,
        exclude=tuple(name for name in hints.exclude if name in names),
        time=hints.time if hints.time in names else None,
        group=hints.group if hints.group in names else None,
        kinds={name: kind for name, kind in hints.kinds.items() if name in names},
    )
    if kept != store.hints(new):
        store.set_hint(new, kept)
    return ()


def _not_carried(what: str, words: str, columns: tuple[str, ...]) -> Finding:
    named = ", ".join(repr(name) for name in columns[:8])
    return Finding(
        code=f"{what}_not_carried",
        level="watch",
        title="Something was not carried over",
        what=f"{amount(len(columns), 'column')} changed or went away ({named}), so {words} was left behind.",
        why="What was said about the version before does not fit this one.",
        remedy="Look at it again for this version.",
        columns=columns,
    )


CARRIED: tuple[Carry, ...] = (_kinds, _dictionary, _hints, _goal)
