"""Columns that hold one value only, or none."""

from __future__ import annotations

from mlcore.data.amounts import amount
from mlcore.data.checks.check import Check, listed
from mlcore.data.look import Look
from mlcore.findings import Finding


def _findings(look: Look) -> tuple[Finding, ...]:
    empty = [column.name for column in look.features if column.distinct == 0]
    single = [column.name for column in look.features if column.distinct == 1 and column.missing == 0]
    found = []
    if empty:
        found.append(_finding(empty, "Empty columns", f"Without any value: {amount(len(empty), 'column')}"))
    if single:
        found.append(_finding(single, "Constant columns", f"The same in every row: {amount(len(single), 'column')}"))
    return tuple(found)


def _finding(names: list[str], title: str, what: str) -> Finding:
    return Finding(
        code="constant",
        level="note",
        title=title,
        what=f"{what} ({listed(names)}).",
        why="What is the same in every row cannot tell rows apart.",
        remedy="No model uses them; check the source if they should vary.",
        columns=tuple(names),
    )


CONSTANT = Check(
    key="constant",
    title="Constant columns",
    question="Does any column hold the same in every row?",
    findings=_findings,
)
