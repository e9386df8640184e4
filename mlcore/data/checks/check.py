"""What a check is: a question about a table, answered by findings or by nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from mlcore.data.look import Look
from mlcore.findings import Finding

Area = Literal["readable", "complete", "consistent", "plausible", "enough", "leakage", "private"]
"""What a report card grades a table on."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A question with its answer. `findings` returns nothing when all is well; `key` is their code.

    `area` is where the report card counts it. `unfixed` says why one click cannot mend what it finds; empty when the
    findings bring their fixes.
    """

    key: str
    title: str
    question: str
    area: Area
    findings: Callable[[Look], tuple[Finding, ...]]
    unfixed: str = ""


def listed(names: Sequence[str], most: int = 5) -> str:
    """Column names in a sentence: all of a few, the first of many."""
    shown = ", ".join(f"'{name}'" for name in names[:most])
    return shown + (f" and {len(names) - most:,} more" if len(names) > most else "")
