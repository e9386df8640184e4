"""Lengths of time as people write them: "7 days", "36h", "2 weeks"."""

from __future__ import annotations

import re

from mlcore.errors import UserError

UNITS = {"s": 1.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 7 * 86_400.0}
NAMES = {"w": "week", "d": "day", "h": "hour", "min": "minute", "s": "second"}
_WORDS = {
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "wk", "week", "weeks"), "w"),
}
_FORM = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)


def seconds_in(text: str, what: str = "gap") -> float:
    """Seconds; a bare number is seconds already. `UserError` when the text is no length of time."""
    match = _FORM.fullmatch(text)
    unit = _WORDS.get(match.group(2).lower()) if match else None
    if match is None or unit is None:
        raise UserError(
            f"The {what} {text!r} is no length of time",
            remedy="Give a number with a unit, such as 7d, 36h, 2 weeks or 30min.",
        )
    return float(match.group(1)) * UNITS[unit]


def said(seconds: float) -> str:
    """In the largest unit that does not hide much: "7 days", "36 hours"."""
    for unit, length in sorted(UNITS.items(), key=lambda one: -one[1]):
        count = seconds / length
        if (unit != "w" and count >= 2) or count == round(count) >= 1:
            shown = f"{count:,.0f}" if count >= 10 or count == round(count) else f"{count:.1f}"
            return f"{shown} {NAMES[unit]}{'' if shown == '1' else 's'}"
    return f"{seconds:g} seconds"
