"""Values that stand for "not known": -1, 999, 1900-01-01, "unknown"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from mlcore.data.amounts import amount, percent
from mlcore.data.chance import Floats
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check
from mlcore.data.distributions import numbers_of
from mlcore.data.look import Look
from mlcore.data.schema import Column
from mlcore.findings import Finding

WORDS = (
    "unknown", "unk", "n/a", "na", "#n/a", "#na", "nan", "null", "nil", "missing", "not available", "not known",
    "not specified", "not stated", "not given", "not recorded", "no data", "unspecified", "undefined", "undetermined",
    "?", "??", "-", "--", "---", ".", "..", "...", "*", "tbd", "tba", "xxx", "(blank)", "blank", "empty", "(null)",
    "unbekannt", "keine angabe", "k.a.", "k. a.", "inconnu", "non renseigné", "desconocido", "sconosciuto",
)  # fmt: skip
NUMBERS = (
    -1, -9, -99, -999, -9999, -99999, -999999, -88, -888, -77, -777, -1000,
    99, 999, 9999, 99999, 999999, 9999999, 88888, 888888, 77777, 1e10, 99999999, 999999999,
)  # fmt: skip
DAYS = (
    "0001-01-01", "1582-10-14", "1582-10-15", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1900-01-02",
    "1901-01-01", "1970-01-01", "2099-12-31", "2999-12-31", "3000-01-01", "9999-12-31",
)  # fmt: skip
_ZERO = ("weight", "height", "bmi", "glucose", "bloodpressure", "blood_pressure", "pulse", "heart_rate", "cholesterol")
"""Measures of a living body, in the names of which 0 cannot be a value."""

_LEAST = 3
_LEAST_SHARE = 0.002
_OTHERS = 10
"""Different values a column must have beside the one in question: codes of a short list are what they are."""


def _findings(look: Look) -> tuple[Finding, ...]:
    return tuple(found for column in look.features if (found := _finding(look, column)) is not None)


def _finding(look: Look, column: Column) -> Finding | None:
    values = look.sample[column.name].drop_nulls()
    found = dict(_disguises(column, values))
    if not found:
        return None
    rows = sum(found.values())
    shown = ", ".join(f"'{_words(value)}' in {amount(count, 'row')}" for value, count in list(found.items())[:5])
    return Finding(
        code="disguised_missing",
        level="watch" if column.storage != "text" else "note",
        title=f"'{column.name}' may hold a value that means “not known”",
        what=f"{shown} ({percent(rows / max(look.sample.height, 1), 1)}), {look.basis}.",
        why="A model would take it for a value like any other."
        if column.storage == "text"
        else "A model and every average would take it for a value, far from all others.",
        remedy="Make it missing if nobody measured it; keep it if it is real.",
        columns=(column.name,),
        fixes=(fixes.make_missing([column.name], list(found), _title(list(found))),),
    )


def _words(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _title(values: list[str | float]) -> str:
    return f"Make '{_words(values[0])}' missing" if len(values) == 1 else "Make them missing"


def _disguises(column: Column, values: pl.Series) -> Iterator[tuple[str | float, int]]:
    """The values in question with their rows."""
    if len(values) < 30:
        return
    if column.storage == "text":
        if column.kind in ("categorical", "ordinal", "boolean", "text", "identifier"):
            yield from _text(values)
    elif column.storage == "datetime":
        yield from _dates(values)
    elif column.kind in ("numeric", "integer") and column.distinct > _OTHERS:
        yield from _numbers(column, numbers_of(values))


def _text(values: pl.Series) -> Iterator[tuple[str, int]]:
    lowered = values.str.strip_chars().str.to_lowercase()
    counts = values.filter(lowered.is_in(list(WORDS))).rename("value").value_counts(name="count", sort=True)
    for value, count in counts.iter_rows():
        if count < 0.9 * len(values):
            yield str(value), int(count)


def _dates(values: pl.Series) -> Iterator[tuple[str, int]]:
    days = values.dt.date()
    for text in DAYS:
        day = date.fromisoformat(text)
        here = days == day
        count = int(here.sum())
        if count < _LEAST or count == len(values):
            continue
        others = days.filter(~here)
        seconds = numbers_of(values.filter(~here))
        gap = min(abs((other - day).days) for other in (others.min(), others.max()) if isinstance(other, date))
        outside = day < others.min() or day > others.max()  # type: ignore[operator]
        spread = float(np.ptp(np.quantile(seconds, (0.01, 0.99)))) / 86400
        if outside and gap > max(365, 0.1 * spread):
            yield text, count


def _numbers(column: Column, values: Floats) -> Iterator[tuple[float, int]]:
    candidates = [number for number in NUMBERS if (column.low or 0) <= number <= (column.high or 0)]
    body = [0] if any(word in column.name.lower() for word in _ZERO) and column.low == 0 else []
    suspects = [number for number in (*candidates, *body) if (values == number).any()]
    others = values[~np.isin(values, suspects)]
    if len(others) < 20 or len(np.unique(others)) < _OTHERS:
        return
    for number in suspects:
        count = int((values == number).sum())
        if count >= max(_LEAST, _LEAST_SHARE * len(values)) and _stands_apart(number, others, count):
            yield float(number), count


def is_disguise(values: Floats) -> bool:
    """Whether all of these are numbers that usually stand for something missing, and many enough to be no slip."""
    return len(values) >= _LEAST and set(np.unique(values).tolist()) <= set(NUMBERS)


def _stands_apart(number: float, others: Floats, count: int) -> bool:
    """Whether the number lies outside of the others: far from them, or the only one below zero."""
    low, high = float(others.min()), float(others.max())
    first, last = np.quantile(others, (0.01, 0.99))
    spread = float(last - first)
    if low <= number <= high:
        return False
    gap = low - number if number < low else number - high
    if number == 0:
        return gap > 0.25 * spread
    alone = number == -1 and low >= 0 and spread >= 10 and (gap >= 5 or count >= 2 * int((others == low).sum()))
    return gap > 0.5 * spread or alone


DISGUISED_MISSING = Check(
    key="disguised_missing",
    title="Values that mean “not known”",
    question="Does a number, date or word stand for a missing value?",
    area="complete",
    findings=_findings,
)
