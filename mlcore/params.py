"""What can be set on a catalogue entry: enough to draw a form, check a value and document it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlcore.errors import UserError

Value = bool | int | float | str | None


@dataclass(frozen=True, kw_only=True)
class Param:
    """One setting: a key for machines, a title and help for people, a default and its bounds."""

    key: str
    title: str
    kind: Literal["integer", "number", "choice", "switch"]
    default: Value
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    help: str = ""

    def checked(self, value: Value) -> Value:
        """The value itself, or a `UserError` that says what would fit."""
        if self.kind == "switch":
            fits, wanted = isinstance(value, bool), "yes or no"
        elif self.kind == "choice":
            fits, wanted = value in self.choices, "one of " + ", ".join(self.choices)
        else:
            fits, wanted = self._within(value), f"between {self.low} and {self.high}"
        if not fits:
            raise UserError(f"{self.title} cannot be {value!r}", remedy=f"It must be {wanted}.")
        return value

    def _within(self, value: Value) -> bool:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        if self.kind == "integer" and value != int(value):
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)
