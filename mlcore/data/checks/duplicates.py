"""Rows that occur more than once."""

from __future__ import annotations

from mlcore.data.amounts import amount
from mlcore.data.checks.check import Check
from mlcore.data.look import Look
from mlcore.findings import Finding

_WATCH = 0.01


def _findings(look: Look) -> tuple[Finding, ...]:
    if not look.duplicates:
        return ()
    share = look.duplicates / look.rows
    return (
        Finding(
            code="duplicates",
            level="watch" if share >= _WATCH else "note",
            title="Equal rows",
            what=f"Equal to an earlier row in every column: {amount(look.duplicates, 'row')} of {look.rows:,} "
            f"({share:.1%}).",
            why="The same row in training and test makes a model look better than it is.",
            remedy="Equal rows are kept on one side of every split. Remove them from the file if they are mistakes.",
        ),
    )


DUPLICATES = Check(
    key="duplicates", title="Equal rows", question="Does any row occur more than once?", findings=_findings
)
