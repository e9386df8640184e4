"""Classes of the target with very few rows."""

from __future__ import annotations

from mlcore.data.amounts import amount
from mlcore.data.checks.check import Check
from mlcore.data.look import Look
from mlcore.findings import Finding

FEWEST = 10
"""Rows a class should have at least."""


def _findings(look: Look) -> tuple[Finding, ...]:
    rare = [(label, count) for label, count in look.labels.items() if count < FEWEST]
    if not rare or look.target is None or len(look.labels) < 2:
        return ()
    shown = ", ".join(f"'{label}' ({amount(count, 'row')})" for label, count in rare[:5])
    more = f" and {len(rare) - 5:,} more" if len(rare) > 5 else ""
    return (
        Finding(
            code="rare_class",
            level="watch",
            title="Classes with very few rows",
            what=f"Fewer than {FEWEST} rows each: {shown}{more}.",
            why="A class with so few rows can neither be learned nor be judged.",
            remedy="Merge it with a similar class or leave its rows out, or bring more of them.",
            columns=(look.target,),
        ),
    )


RARE_CLASS = Check(
    key="rare_class",
    title="Rare classes",
    question="Does any class of the target have too few rows to be learned?",
    findings=_findings,
)
