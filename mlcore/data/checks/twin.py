"""Columns that are equal in every row."""

from __future__ import annotations

from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check
from mlcore.data.look import Look
from mlcore.findings import Finding


def _findings(look: Look) -> tuple[Finding, ...]:
    names = tuple(column.name for column in look.features if column.distinct > 1)
    groups: dict[int, list[str]] = {}
    for name in names:
        groups.setdefault(look.swept.column_hashes[name], []).append(name)
    return tuple(_finding(group) for group in groups.values() if len(group) > 1)


def _finding(names: list[str]) -> Finding:
    first, *others = names
    shown = ", ".join(f"'{name}'" for name in others[:5]) + (" and more" if len(others) > 5 else "")
    return Finding(
        code="twin",
        level="note",
        title="Equal columns",
        what=f"'{first}' holds the same in every row as {shown}.",
        why="Equal columns share their importance between them, so each looks less important than it is.",
        remedy=f"Leave out all but one of them: {shown}.",
        columns=tuple(names),
        fixes=(fixes.drop(others),),
    )


TWIN = Check(
    key="twin",
    title="Equal columns",
    question="Are any two columns equal?",
    area="consistent",
    findings=_findings,
)
