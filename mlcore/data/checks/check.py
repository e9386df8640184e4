"""What a check is: a question about a table, answered by findings or by nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mlcore.data.look import Look
from mlcore.findings import Finding


@dataclass(frozen=True, kw_only=True)
class Check:
    """A question with its answer. `findings` returns nothing when all is well."""

    key: str
    title: str
    question: str
    findings: Callable[[Look], tuple[Finding, ...]]


def listed(names: Sequence[str], most: int = 5) -> str:
    """Column names in a sentence: all of a few, the first of many."""
    shown = ", ".join(f"'{name}'" for name in names[:most])
    return shown + (f" and {len(names) - most:,} more" if len(names) > most else "")
