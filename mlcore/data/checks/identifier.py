"""Columns that name the row instead of describing it."""

from __future__ import annotations

from mlcore.data.checks.check import Check, listed
from mlcore.data.look import Look
from mlcore.findings import Finding


def _findings(look: Look) -> tuple[Finding, ...]:
    columns = [column for column in look.features if column.kind == "identifier"]
    if not columns:
        return ()
    reasons = "; ".join(f"'{column.name}': {column.reason}" for column in columns[:3])
    return (
        Finding(
            code="identifier",
            level="watch",
            title="Identifiers",
            what=f"{listed([column.name for column in columns])} look like identifiers ({reasons})."
            if len(columns) > 1
            else f"'{columns[0].name}' looks like an identifier ({columns[0].reason}).",
            why="A model can learn rows by heart from an identifier, and is lost when new rows come.",
            remedy="It is left out. Change its kind on the Profile page if it does describe the row.",
            columns=tuple(column.name for column in columns),
        ),
    )


IDENTIFIER = Check(
    key="identifier", title="Identifiers", question="Does any column merely number the rows?", findings=_findings
)
