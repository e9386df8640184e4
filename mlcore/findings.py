"""Advice about a table, a plan or a model: said, explained, with a remedy; never an exception or a log line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["note", "watch", "stop"]
"""`note`: good to know. `watch`: look before you trust the result. `stop`: acted on unless the user says otherwise."""

LEVELS: tuple[Level, ...] = ("stop", "watch", "note")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing worth knowing.

    `code` is short and for ever (`"leak"`); `title` names it in plain words; `what` says what was seen, with numbers;
    `why` says why it matters; `remedy` says what to do or what was done; `columns` are the user's own names.
    """

    code: str
    level: Level
    title: str
    what: str
    why: str
    remedy: str
    columns: tuple[str, ...] = ()


def worst_first(findings: tuple[Finding, ...] | list[Finding]) -> tuple[Finding, ...]:
    """The findings by severity, in their own order within a level."""
    return tuple(sorted(findings, key=lambda finding: LEVELS.index(finding.level)))
