"""Columns of categories with very many different values."""

from __future__ import annotations

from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check
from mlcore.data.look import Look
from mlcore.data.schema import Column
from mlcore.findings import Finding

_MANY = 50
_THIN = 20.0
"""Rows per value below which little can be learned about a single value."""

_RARE = 0.5
"""The per cent of rows below which values are put together."""


def _findings(look: Look) -> tuple[Finding, ...]:
    return tuple(_finding(column, look) for column in look.features if _has_too_many(column, look.rows))


def _has_too_many(column: Column, rows: int) -> bool:
    if column.kind != "categorical" or column.distinct <= _MANY:
        return False
    return column.distinct > 1000 or rows * (1 - column.missing) / column.distinct < _THIN


def _finding(column: Column, look: Look) -> Finding:
    each = look.rows * (1 - column.missing) / column.distinct
    return Finding(
        code="high_cardinality",
        level="watch" if each < 5 else "note",
        title=f"'{column.name}' has very many different values",
        what=f"{column.distinct:,} different values, {each:.1f} rows each on average.",
        why="Little can be learned about a value that few rows have, and new values will turn up later.",
        remedy="Rare values are put together. A coarser column (region instead of street) often works better.",
        columns=(column.name,),
        fixes=(
            fixes.repair("Merge rare values", "merge_rare", columns=[column.name], by="share", share=_RARE),
            fixes.leave_out([column.name]),
        ),
    )


HIGH_CARDINALITY = Check(
    key="high_cardinality",
    title="Many different values",
    question="Does any column of categories have more values than can be learned?",
    area="consistent",
    findings=_findings,
)
