"""What a person decided about a table before there is a goal for it: prefilled when the goal is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Hints:
    """Columns to leave out, the column that orders the rows, the one whose equal values belong together.

    `kinds` are the kinds that columns had before a fix changed them, so that it can be undone.
    """

    exclude: tuple[str, ...] = ()
    time: str | None = None
    group: str | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)
