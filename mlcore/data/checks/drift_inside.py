"""Columns that look different in the last third of the rows' time than in the first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlcore.data.amounts import compact, percent
from mlcore.data.chance import Floats, adjusted, far_apart, uneven
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check, listed
from mlcore.data.distributions import numbers_of
from mlcore.data.look import Look
from mlcore.data.schema import Column
from mlcore.findings import Finding

Places = NDArray[np.int64]

_FEWEST = 100
"""Rows in each third."""

_FAR = 0.3
"""The largest difference of two cumulative shares, or the share of rows with another label, from which it matters."""

_CALENDAR = 0.95
"""Columns whose order is that of time itself (a year, a running number) drift by nature."""

_SURE = 0.001


@dataclass(frozen=True, kw_only=True)
class _Shift:
    column: Column
    far: float
    chance: float
    said: str


def _findings(look: Look) -> tuple[Finding, ...]:
    if look.time is None:
        return ()
    moments = numbers_of(look.sample[look.time])
    known = np.flatnonzero(np.isfinite(moments))
    if len(known) < 3 * _FEWEST:
        return ()
    order = known[np.argsort(moments[known], kind="stable")].astype(np.int64)
    first, last = order[: len(order) // 3], order[-(len(order) // 3) :]
    if moments[first[-1]] >= moments[last[0]]:
        return ()
    shifts = [shift for column in look.schema if (shift := _shift(look, column, moments, first, last)) is not None]
    sure = adjusted([shift.chance for shift in shifts]) < _SURE
    found = [shift for shift, is_sure in zip(shifts, sure, strict=True) if is_sure and shift.far >= _FAR]
    found.sort(key=lambda shift: (shift.column.name != look.target, -shift.far))
    return (_finding(look, found),) if found else ()


def _shift(look: Look, column: Column, moments: Floats, first: Places, last: Places) -> _Shift | None:
    if column.kind in ("datetime", "identifier", "constant", "text") or column.role == "excluded":
        return None
    values = look.sample[column.name]
    if column.storage == "text" or column.kind in ("categorical", "boolean", "ordinal"):
        return _labels(column, values, first, last)
    numbers = numbers_of(values)
    before, after = (numbers[rows][np.isfinite(numbers[rows])] for rows in (first, last))
    if min(len(before), len(after)) < _FEWEST:
        return None
    far, chance = far_apart(before, after)
    known = np.isfinite(numbers) & np.isfinite(moments)
    if far >= _FAR and abs(_order(numbers[known], moments[known])) >= _CALENDAR:
        return None
    first_middle, last_middle = (compact(float(np.median(part))) for part in (before, after))
    said = f"the middle value of '{column.name}' is {first_middle} at first and {last_middle} at last"
    return _Shift(column=column, far=far, chance=chance, said=said)


def _labels(column: Column, values: pl.Series, first: Places, last: Places) -> _Shift | None:
    if column.distinct > 50:
        return None
    texts = values.cast(pl.String).fill_null("missing")
    names, codes = texts.unique().sort(), texts.rank("dense").to_numpy().astype(np.int64) - 1
    size = len(names)
    counts = np.stack([np.bincount(codes[rows], minlength=size) for rows in (first, last)]).astype(np.float64)
    shares = counts / counts.sum(axis=1, keepdims=True)
    moved = shares[1] - shares[0]
    top = int(np.argmax(np.abs(moved)))
    label = names[top]
    _, chance = uneven(counts)
    first_share, last_share = (percent(shares[part, top]) for part in (0, 1))
    said = f"'{column.name}' is '{label}' in {first_share} of the rows at first and {last_share} at last"
    return _Shift(column=column, far=float(np.abs(moved).sum() / 2), chance=chance, said=said)


def _order(one: Floats, other: Floats) -> float:
    """The rank correlation of two columns of numbers."""
    if len(one) < 3 or one.min() == one.max():
        return 0.0
    ranks = np.stack([pl.Series(values).rank("average").to_numpy() for values in (one, other)])
    return float(np.corrcoef(ranks)[0, 1])


def _finding(look: Look, found: list[_Shift]) -> Finding:
    assert look.time is not None
    names = [shift.column.name for shift in found]
    of_target = names[0] == look.target
    return Finding(
        code="drift_inside",
        level="watch" if of_target else "note",
        title="The target changes over time" if of_target else "Columns that change over time",
        what=f"Between the first and the last third of the time in '{look.time}', {listed(names)} "
        f"{'differs' if len(names) == 1 else 'differ'} clearly: {found[0].said}, {look.basis}.",
        why="What was learned from the past may not hold for rows to come, and random folds do not show that.",
        remedy="Order the rows by time, so that models are judged on later rows than they learned from.",
        columns=tuple(names),
        fixes=(fixes.order_by(look.time),),
    )


DRIFT_INSIDE = Check(
    key="drift_inside",
    title="Changes over time",
    question="Does any column look different in the last third of the time than in the first?",
    area="consistent",
    findings=_findings,
)
