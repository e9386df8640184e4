"""Rows with dates of which nobody said that they are in order: what is measured, decided and said about them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from mlcore.evaluation.metrics import METRICS
from mlcore.findings import Finding
from mlcore.learning.audit import Audit, without
from mlcore.learning.durations import said
from mlcore.learning.flattery import Flattery, flattery
from mlcore.learning.goal import Goal
from mlcore.learning.recency import Recency, recency
from mlcore.learning.trend import Trend, positions

AS_RANDOM = "choose random rows as their order on the Goal page (--time none)"


def ordered(table: pd.DataFrame, checked: Audit, *, seconds: float, seed: int) -> tuple[Audit, tuple[Finding, ...]]:
    """The goal with a time column where random rows would flatter, and what is worth knowing about it.

    With groups nothing is measured: whole groups stay together already. A split that the table gives is taken as it is.
    """
    goal, schema = checked.goal, checked.schema
    names = tuple(column.name for column in schema.features if column.kind == "datetime")
    if not names or goal.time is not None or goal.at_random or goal.split is not None:
        return checked, ()
    measured = None
    if goal.group is None:
        measured = flattery(table, schema, goal, checked.target, seconds=seconds, seed=seed)
    if measured is None:
        return checked, (_not_declared(names),)
    seen = _seen(measured, goal.metric)
    if not measured.flatters:
        return checked, (_at_random(measured, seen),)
    column = replace(schema[measured.column], role="time")
    found = replace(checked, goal=replace(goal, time=column.name), schema=schema.with_column(column))
    return found, (_found(measured, seen),)


def placed(
    table: pd.DataFrame, checked: Audit, *, seconds: float, seed: int
) -> tuple[Audit, bool, tuple[Finding, ...]]:
    """Whether models are told how late a row is, and what was measured about it; if not, without columns that tell."""
    goal, schema = checked.goal, checked.schema
    if goal.time is None or goal.split is not None:
        return checked, True, ()
    measured = positions(table, schema, goal, checked.target, seconds=seconds, seed=seed)
    dates = tuple(column.name for column in schema.features if column.kind == "datetime")
    if measured is None or not (dates or measured.counters):
        return checked, True, ()
    if measured.helps:
        return checked, True, (_told(measured, goal, dates),)
    left = without(schema, set(measured.counters) - set(goal.keep))
    return replace(checked, schema=left), False, (_not_told(measured, goal, dates),)


def _told(measured: Trend, goal: Goal, dates: tuple[str, ...]) -> Finding:
    return Finding(
        code="trend_told",
        level="note",
        title="Models are told how late a row is: it helps on later rows",
        what=_with_and_without(measured, goal),
        why="The level moves with time, in each of the later parts alike.",
        remedy="Nothing to do.",
        columns=(*dates, *measured.counters),
    )


def _not_told(measured: Trend, goal: Goal, dates: tuple[str, ...]) -> Finding:
    left = [name for name in measured.counters if name not in goal.keep]
    counting = f" {', '.join(map(repr, left))}: left out, because it only counts time." if left else ""
    return Finding(
        code="trend_not_told",
        level="note",
        title="Models are told where in the calendar a row lies, not how late it is",
        what=_with_and_without(measured, goal) + counting,
        why="Rows to come are later than all that was learned from, and what is said of times never seen is a guess. "
        "It would have to help clearly, in each of the later parts.",
        remedy="Nothing to do. To learn from a column that was left out all the same, keep it (--keep).",
        columns=(*dates, *measured.counters),
    )


def _with_and_without(measured: Trend, goal: Goal) -> str:
    shown = METRICS[goal.metric].shown
    return (
        f"On {measured.rows:,} later rows a quick model reached {METRICS[goal.metric].term} "
        f"{shown(measured.position)} when it was told how late a row is, and {shown(measured.calendar)} when it was "
        "told only where in the calendar."
    )


def aged(
    table: pd.DataFrame, checked: Audit, *, seconds: float, seed: int, trend: bool
) -> tuple[Audit, tuple[Finding, ...]]:
    """The goal with a half-life where recent rows should count more, and what was measured about it."""
    goal = checked.goal
    if goal.time is None or goal.recent is not None or goal.split is not None:
        return checked, ()
    measured = recency(table, checked.schema, goal, checked.target, seconds=seconds, seed=seed, trend=trend)
    if measured is None:
        return checked, ()
    numbers = pd.api.types.is_numeric_dtype(table[goal.time].dtype)
    length = f"{measured.half_life:.3g}" if numbers else said(measured.half_life)
    if not measured.helps:
        return checked, (_alike(measured, goal, length),)
    return replace(checked, goal=replace(goal, recent=measured.half_life)), (_recent(measured, goal, length),)


def _compared(measured: Recency, goal: Goal, length: str) -> str:
    metric = METRICS[goal.metric]
    return (
        f"On {measured.rows:,} later rows a quick model reached {metric.term} {metric.shown(measured.weighted)} when a "
        f"row that is {length} older counted half, and {metric.shown(measured.alike)} when all counted alike."
    )


def _recent(measured: Recency, goal: Goal, length: str) -> Finding:
    return Finding(
        code="recent_count_more",
        level="note",
        title=f"Recent rows count more: one that is {length} older counts half",
        what=_compared(measured, goal, length),
        why="What holds changes with time, so later rows are more like recent ones. That is more than chance would be.",
        remedy="Nothing to do. To count all rows alike, say so on the Goal page (--recent none).",
        columns=(goal.time or "",),
    )


def _alike(measured: Recency, goal: Goal, length: str) -> Finding:
    return Finding(
        code="recent_count_alike",
        level="note",
        title="Old rows count as much as recent ones",
        what=_compared(measured, goal, length),
        why="Counting recent rows more was tried, and the difference could be chance or is trifling.",
        remedy="Nothing to do. To count recent rows more all the same, give a half-life (--recent).",
        columns=(goal.time or "",),
    )


def _seen(measured: Flattery, metric: str) -> str:
    shown, told = METRICS[metric].shown, METRICS["roc_auc"].shown(measured.told)
    apart = "" if measured.told is None else f" Even without dates, new rows are told from old with ROC AUC {told}."
    return (
        f"On the newest fifth of {measured.rows:,} rows by {measured.column!r}, a quick model reached "
        f"{METRICS[metric].term} {shown(measured.forward)} when it learned from earlier rows only, and "
        f"{shown(measured.dealt)} when rows of the same time were among them.{apart}"
    )


def _found(measured: Flattery, seen: str) -> Finding:
    return Finding(
        code="time_found",
        level="watch",
        title=f"Models are judged on later rows, by {measured.column!r}: random ones would flatter",
        what=seen,
        why="Random rows have neighbours in time to learn from; rows to come have none, so the score would not last.",
        remedy=f"Nothing to do. If the model is not for later rows, {AS_RANDOM}.",
        columns=(measured.column,),
    )


def _at_random(measured: Flattery, seen: str) -> Finding:
    return Finding(
        code="time_measured",
        level="note",
        title="Rows have dates, and random ones do not flatter",
        what=seen,
        why="The difference could be chance or is trifling, so all rows may be dealt at random.",
        remedy=f"Nothing to do. To judge on later rows all the same, name {measured.column!r} as the order of rows.",
        columns=(measured.column,),
    )


def _not_declared(names: tuple[str, ...]) -> Finding:
    return Finding(
        code="time_not_declared",
        level="watch",
        title="Rows have dates, but models are judged on random ones",
        what=f"{', '.join(map(repr, names[:3]))} {'holds' if len(names) == 1 else 'hold'} dates, no column was named "
        "by which the rows are ordered, and whether random rows flatter could not be measured.",
        why="A model that saw the days before and after a row is judged better than it will be on days to come.",
        remedy=f"If the model is for later rows, name the column that orders them; if it is not, {AS_RANDOM}.",
        columns=names,
    )
