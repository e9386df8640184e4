"""Columns that name the row instead of describing it."""

from __future__ import annotations

from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check, listed
from mlcore.data.look import Look
from mlcore.data.schema import Column
from mlcore.findings import Finding, Fix


def _findings(look: Look) -> tuple[Finding, ...]:
    columns = [column for column in look.features if column.kind == "identifier"]
    if not columns:
        return ()
    reasons = "; ".join(f"'{column.name}': {column.reason}" for column in columns[:3])
    names = [column.name for column in columns]
    return (
        Finding(
            code="identifier",
            level="watch",
            title="Identifiers",
            what=f"{listed(names)} look like identifiers ({reasons})."
            if len(columns) > 1
            else f"'{columns[0].name}' looks like an identifier ({columns[0].reason}).",
            why="A model can learn rows by heart from an identifier, and is lost when new rows come.",
            remedy="It is left out. Change its kind on the Profile page if it does describe the row.",
            columns=tuple(names),
            fixes=(fixes.drop(names), *(_describes(column) for column in columns[:2] if column.storage == "integer")),
        ),
    )


def _describes(column: Column) -> Fix:
    return fixes.take_as(column.name, "integer", f"Use '{column.name}': it describes the row")


IDENTIFIER = Check(
    key="identifier",
    title="Identifiers",
    question="Does any column merely number the rows?",
    area="leakage",
    findings=_findings,
)
