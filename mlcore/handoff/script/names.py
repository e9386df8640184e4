"""Readable names for the internal columns of a model, and for the lists of them that its steps take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mlcore.handoff.script.source import filled, quoted

_TITLES = {
    "gap": "numbers_with_gaps", "whole": "numbers_without_gaps", "fill": "numbers", "gone": "missing_flags",
    "line": "numbers", "bin": "numbers", "straight": "parts_of_dates", "cycle": "round_parts_of_dates",
    "sine": "round_parts_of_dates", "cosine": "round_parts_of_dates", "hot": "few_levels", "common": "many_levels",
    "rate": "many_levels", "code": "many_levels", "share": "many_levels", "light": "mostly_zero",
    "scant": "mostly_zero", "scantgap": "mostly_zero_with_gaps",
}  # fmt: skip


def readable(columns: Sequence[str], fields: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Internal column → the user's column and what of it (`seen, month`); internal names where two would be equal."""
    titles = {str(field["id"]): str(field["name"]) for field in fields}
    made = {}
    for column in columns:
        owner, _, part = column.partition("_")
        earlier = titles.get(part.removeprefix("since"))
        said = f"days since {earlier}" if earlier else {"missing": "is missing"}.get(part, part)
        made[column] = f"{titles[owner]}, {said}" if part else titles[owner]
    return made if len(set(made.values())) == len(made) else {column: column for column in columns}


class Lists:
    """The lists of columns that steps take, each written once under a name that says what is in it."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._found: dict[tuple[str, ...], str] = {}

    def of(self, places: Any) -> str:
        """The code for one column, or for a list of them."""
        if isinstance(places, str):
            return quoted(self._names[places])
        key = tuple(map(str, places))
        return self._found.setdefault(key, f"columns_{len(self._found) + 1}")

    def called(self, steps: Sequence[tuple[str, Any, Any]]) -> None:
        """Give the lists of these steps the names of what they hold."""
        for step, _, places in steps:
            if not isinstance(places, str):
                self._found.setdefault(tuple(map(str, places)), self._free(_TITLES.get(step, "columns")))

    def _free(self, title: str) -> str:
        taken = {re.sub(r"_\d+$", "", name) for name in self._found.values()}
        number = sum(re.sub(r"_\d+$", "", name) == title for name in self._found.values()) + 1
        return title if title not in taken else f"{title}_{number}"

    def code(self) -> str:
        """A line for each list."""
        made = [
            f"{name} = {filled('[', [quoted(self._names[column]) for column in columns], ']')}"
            for columns, name in self._found.items()
        ]
        return "\n".join(made)
