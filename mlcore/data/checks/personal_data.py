"""Columns with data about persons. What is found is never shown."""

from __future__ import annotations

import re

import polars as pl

from mlcore.data.amounts import amount
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check, listed
from mlcore.data.checks.patterns import MOST_VALUES, PATTERNS, Pattern
from mlcore.data.look import Look
from mlcore.data.schema import Column
from mlcore.findings import Finding

_BIRTH = re.compile(
    r"(^|[^a-z])(birth(date|day|_?dt)?|date_?of_?birth|dob|geburtsdatum|geburtstag|naissance)([^a-z]|$)", re.I
)
_LONG = 10**10
"""Whole numbers from here on may be cards or national numbers."""


def _findings(look: Look) -> tuple[Finding, ...]:
    found: dict[str, list[str]] = {}
    for column in look.schema:
        words = _sort_of(look, column) if column.role != "excluded" else ""
        if words:
            found.setdefault(words, []).append(column.name)
    return tuple(_finding(look, words, names) for words, names in found.items())


def _sort_of(look: Look, column: Column) -> str:
    """What personal data the column holds; "" when none is seen."""
    if column.storage == "datetime":
        return "dates of birth" if _BIRTH.search(column.name) and column.distinct > 20 else ""
    if column.distinct < 3 or column.storage == "float":
        return ""
    if column.storage == "integer" and (column.high or 0) < (10**6 if _may_be_dialled(column) else _LONG):
        return ""
    present = look.sample[column.name].drop_nulls()
    values = present.unique(maintain_order=True).head(MOST_VALUES).cast(pl.String).to_list()
    return next((pattern.words for pattern in PATTERNS if _is_of(pattern, column, values)), "")


def _may_be_dialled(column: Column) -> bool:
    return any(pattern.key == "phone" and pattern.named and pattern.named.search(column.name) for pattern in PATTERNS)


def _is_of(pattern: Pattern, column: Column, values: list[str]) -> bool:
    if pattern.only_named and not (pattern.named and pattern.named.search(column.name)):
        return False
    fitting = sum(1 for value in values if pattern.fits(value[:300]))
    return fitting >= pattern.fewest and fitting >= pattern.share * len(values)


def _finding(look: Look, words: str, names: list[str]) -> Finding:
    birth = words == "dates of birth"
    features = [name for name in names if name != look.target]
    basis = f"{look.basis}" if look.rows > look.sample.height else "measured on all rows"
    return Finding(
        code="personal_data",
        level="note" if birth else "watch",
        title=f"Personal data: {words}",
        what=f"{amount(len(names), 'column')} {'looks' if len(names) == 1 else 'look'} like {words}: {listed(names)}, "
        f"{basis}.",
        why="Data about persons must be protected, and a table, report or bundle may travel further than it should.",
        remedy="Remove what the model does not need. The values are not shown here.",
        columns=tuple(names),
        fixes=(fixes.drop(names), *((fixes.leave_out(features),) if features else ())),
    )


PERSONAL_DATA = Check(
    key="personal_data",
    title="Personal data",
    question="Does any column hold names, addresses, or numbers of persons?",
    area="private",
    findings=_findings,
)
