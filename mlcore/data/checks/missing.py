"""Columns with many missing values."""

from __future__ import annotations

from mlcore.data.amounts import amount, percent
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check
from mlcore.data.look import Look
from mlcore.findings import Finding

_NOTE, _WATCH = 0.05, 0.5
_SHOWN = 5


def _findings(look: Look) -> tuple[Finding, ...]:
    gaps = sorted((c for c in look.features if c.distinct > 0 and c.missing >= _NOTE), key=lambda c: -c.missing)
    many = [(column.name, column.missing) for column in gaps if column.missing >= _WATCH]
    some = [(column.name, column.missing) for column in gaps if column.missing < _WATCH]
    return (*((_mostly(many),) if many else ()), *((_partly(some),) if some else ()))


def _mostly(gaps: list[tuple[str, float]]) -> Finding:
    names = [name for name, _ in gaps]
    return Finding(
        code="missing",
        level="watch",
        title="Mostly missing values",
        what=f"Half of the values or more are missing in {amount(len(gaps), 'column')}: {_shares(gaps)}.",
        why="Why a value is missing can say more than the value, and may change after the model is in use.",
        remedy="Find out why they are missing; leave a column out when it is filled in after the outcome.",
        columns=tuple(names),
        fixes=(fixes.leave_out(names), fixes.drop(names)),
    )


def _partly(gaps: list[tuple[str, float]]) -> Finding:
    return Finding(
        code="missing",
        level="note",
        title="Missing values",
        what=f"Values are missing in {amount(len(gaps), 'column')}: {_shares(gaps)}.",
        why="Models need to be told what to do about gaps.",
        remedy="Nothing to do: every model fills or uses gaps in its own way, learned inside each fold.",
        columns=tuple(name for name, _ in gaps),
    )


def _shares(gaps: list[tuple[str, float]]) -> str:
    shown = ", ".join(f"'{name}' {percent(share)}" for name, share in gaps[:_SHOWN])
    return shown + (f" and {len(gaps) - _SHOWN:,} more" if len(gaps) > _SHOWN else "")


MISSING = Check(
    key="missing",
    title="Missing values",
    question="Are values missing in any column?",
    area="complete",
    findings=_findings,
)
