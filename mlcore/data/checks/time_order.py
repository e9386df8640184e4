"""Rows in time: gaps, the same moment twice, and columns that are written later than the row."""

from __future__ import annotations

import re

import numpy as np

from mlcore.data.amounts import amount
from mlcore.data.chance import Floats
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check, listed
from mlcore.data.distributions import numbers_of
from mlcore.data.look import Look
from mlcore.findings import Finding

_PLANNED = re.compile(
    r"due|end|expir|valid|until|plan|sched|deadline|matur|next|renew|target|forecast|expect|estimat|book|appoint|check",
    re.I,
)
_REGULAR = 0.9
"""The share of steps that are equal in a series of moments measured at a steady pace."""

_HOLE = 5.0
"""How many steps a hole in it must be wide."""

_LATER = 0.98


def _findings(look: Look) -> tuple[Finding, ...]:
    if look.time is None:
        return ()
    moments = np.sort(numbers_of(look.whole(look.time).drop_nulls()))
    if len(moments) < 50:
        return ()
    return (*_later(look), *_holes(look, moments), *_twice(look, moments), *_undeclared(look))


def _later(look: Look) -> tuple[Finding, ...]:
    """Other dates that are later than the row's own in nearly every row: known only afterwards."""
    assert look.time is not None
    if look.schema[look.time].role != "time":
        return ()
    own = numbers_of(look.sample[look.time])
    names = []
    for column in look.features:
        if column.kind != "datetime" or column.name == look.time or _PLANNED.search(column.name):
            continue
        other = numbers_of(look.sample[column.name])
        known = np.isfinite(own) & np.isfinite(other)
        if known.sum() >= 50 and float((other[known] > own[known]).mean()) >= _LATER:
            names.append(column.name)
    if not names:
        return ()
    return (
        Finding(
            code="time_order",
            level="watch",
            title="Dates that are later than the row's own",
            what=f"In nearly every row {listed(names)} {'is' if len(names) == 1 else 'are'} later than '{look.time}', "
            f"by which the rows are ordered, {look.basis}.",
            why="What happens after the moment of prediction is not known when a prediction is made.",
            remedy="Leave it out, unless it is planned ahead and known by then.",
            columns=tuple(names),
            fixes=(fixes.leave_out(names),),
        ),
    )


def _holes(look: Look, moments: Floats) -> tuple[Finding, ...]:
    """Moments that are missing in a series with a steady pace."""
    assert look.time is not None
    different = np.unique(moments)
    steps = np.diff(different)
    if len(steps) < 30:
        return ()
    usual = float(np.median(steps))
    wide = steps >= _HOLE * usual
    if not wide.any() or float((np.abs(steps - usual) <= 0.05 * usual).mean()) < _REGULAR:
        return ()
    missing = int(np.round(steps[wide] / usual - 1).sum())
    place = int(np.argmax(steps))
    start, end = (str(np.datetime64(int(moment), "s"))[:10] for moment in different[[place, place + 1]])
    return (
        Finding(
            code="time_order",
            level="note",
            title="Holes in the time",
            what=f"'{look.time}' goes on at a steady pace, but {amount(int(wide.sum()), 'stretch', 'stretches')} of it "
            f"{'is' if wide.sum() == 1 else 'are'} missing, about {missing:,} moments; the longest from {start} to "
            f"{end}.",
            why="Where rows are missing, what came before and after is not what a model takes it for.",
            remedy="Find out whether rows were lost, or whether nothing happened then.",
            columns=(look.time,),
            fixes=(),
        ),
    )


def _twice(look: Look, moments: Floats) -> tuple[Finding, ...]:
    """The same moment twice in a series in which each occurs once."""
    assert look.time is not None
    again = len(moments) - len(np.unique(moments))
    if not 0 < again <= 0.02 * len(moments):
        return ()
    if not np.all(np.diff(np.unique(moments)) >= 3600):  # busy moments coincide by chance
        return ()
    return (
        Finding(
            code="time_order",
            level="note",
            title="Moments that occur twice",
            what=f"Nearly every moment of '{look.time}' occurs once, but {amount(again, 'row')} of {len(moments):,} "
            f"{'has' if again == 1 else 'have'} one that is there already.",
            why="Two rows for one moment may be the same event entered twice.",
            remedy="Keep the row that is right.",
            columns=(look.time,),
            fixes=(
                fixes.repair("Keep the last of each", "deduplicate", columns=[look.time], keep="last"),
                fixes.repair("Keep the first of each", "deduplicate", columns=[look.time], keep="first"),
            ),
        ),
    )


def _undeclared(look: Look) -> tuple[Finding, ...]:
    """Rows that are written in the order of time, which nobody said yet."""
    assert look.time is not None
    if look.target is None or look.schema[look.time].role == "time" or not _is_written_in_order(look):
        return ()
    return (
        Finding(
            code="time_order",
            level="note",
            title="The rows are in the order of time",
            what=f"The rows are written in the order of '{look.time}'.",
            why="A model that saw the days before and after a row is judged better than it will be on days to come.",
            remedy="If the model is for later rows, order the rows by it; if it is not, nothing to do.",
            columns=(look.time,),
            fixes=(fixes.order_by(look.time),),
        ),
    )


def _is_written_in_order(look: Look) -> bool:
    assert look.time is not None
    moments = numbers_of(look.sample[look.time].drop_nulls())
    steps = np.diff(moments)
    return bool(len(steps)) and (bool((steps >= 0).all()) or bool((steps <= 0).all()))


TIME_ORDER = Check(
    key="time_order",
    title="Order of time",
    question="Is anything odd about the order of the rows in time?",
    area="consistent",
    findings=_findings,
)
