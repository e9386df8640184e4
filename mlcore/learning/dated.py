"""Rows with dates of which nobody said that they are in order: what is measured, decided and said about them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from mlcore.evaluation.metrics import METRICS
from mlcore.findings import Finding
from mlcore.learning.audit import Audit
from mlcore.learning.flattery import Flattery, flattery

AS_RANDOM = "choose random rows as their order on the Goal page (--time none)"


def ordered(table: pd.DataFrame, checked: Audit, *, seconds: float, seed: int) -> tuple[Audit, tuple[Finding, ...]]:
    """The goal with a time column where random rows would flatter, and what is worth knowing about it.

    With groups nothing is measured: whole groups stay together already.
    """
    goal, schema = checked.goal, checked.schema
    names = tuple(column.name for column in schema.features if column.kind == "datetime")
    if not names or goal.time is not None or goal.at_random:
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
