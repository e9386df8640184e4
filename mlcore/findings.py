"""Advice about a table, a plan or a model: said, explained, with a remedy; never an exception or a log line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["note", "watch", "stop"]
"""`note`: good to know. `watch`: look before you trust the result. `stop`: acted on unless the user says otherwise."""

LEVELS: tuple[Level, ...] = ("stop", "watch", "note")


@dataclass(frozen=True, kw_only=True)
class Fix:
    """What one click does about a finding, and another click undoes.

    `title` is the words on the button. `acts_on` "recipe": adds the step `step` of the repairs catalogue with `params`
    to the table's recipe. "goal": changes the agreement (`step` is one of "exclude", "time", "group"; `params` has
    `columns`). "kind": says what a column is (`params` has `column` and `kind`).
    """

    title: str
    acts_on: Literal["recipe", "goal", "kind"]
    step: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing worth knowing.

    `code` is short and for ever (`"leak"`); `title` names it in plain words; `what` says what was seen, with numbers;
    `why` says why it matters; `remedy` says what to do or what was done; `columns` are the user's own names.
    `fixes` are what one click can do about it, the best first.
    """

    code: str
    level: Level
    title: str
    what: str
    why: str
    remedy: str
    columns: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()


def worst_first(findings: tuple[Finding, ...] | list[Finding]) -> tuple[Finding, ...]:
    """The findings by severity, in their own order within a level."""
    return tuple(sorted(findings, key=lambda finding: LEVELS.index(finding.level)))
