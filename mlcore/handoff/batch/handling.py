"""What a person wants done with cells that are not as the model expects them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from mlcore.errors import ChoiceError, UserError

Action = Literal["reject", "flag", "fill"]
"""`reject`: no row of the file is scored. `flag`: the row is scored and says so. `fill`: the cell counts as empty, and
the model fills it as it fills every gap; nothing is said in the row."""

ACTIONS: tuple[Action, ...] = get_args(Action)
HANDLED = ("column", "unreadable", "unseen", "range", "missing")
"""What can be wrong, by the codes of faults.py."""


@dataclass(frozen=True, kw_only=True)
class Handling:
    """An action for each kind of fault. A column that is not there makes a file unfit, unless a person says so."""

    column: Action = "reject"
    unreadable: Action = "flag"
    unseen: Action = "flag"
    range: Action = "flag"
    missing: Action = "flag"

    def of(self, code: str) -> Action:
        """The action for a kind of fault; what is no fault of a cell is flagged."""
        found: Action = getattr(self, code, "flag") if code in HANDLED else "flag"
        return found

    @classmethod
    def like(cls, asked: Mapping[str, str] | None) -> Handling:
        """From a mapping of kinds to actions, as a job has it; what is not named stays as it is."""
        for code, action in (asked or {}).items():
            if code not in HANDLED:
                raise ChoiceError(code, HANDLED, of="kind")
            if action not in ACTIONS:
                raise ChoiceError(str(action), ACTIONS, of="action")
        return cls(**dict(asked or {}))  # type: ignore[arg-type]

    @classmethod
    def told(cls, text: str) -> Handling:
        """From words: `fill`, or `unreadable=reject,column=fill`. One word alone is about cells, not columns."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if len(parts) == 1 and "=" not in parts[0]:
            return cls.like({code: parts[0] for code in HANDLED if code != "column"})
        pairs = [part.partition("=") for part in parts]
        if not pairs or any(not mark for _, mark, _ in pairs):
            raise UserError(f"{text!r} is no choice", remedy="Write reject, flag or fill, or for example range=fill.")
        return cls.like({code.strip(): action.strip() for code, _, action in pairs})
