"""Numbers in sentences: of things, and measured ones."""

from __future__ import annotations

from math import floor, isfinite, log10


def amount(count: int, one: str, many: str = "") -> str:
    """The count with its noun: "1 row", "1,204 rows"."""
    return f"1 {one}" if count == 1 else f"{count:,} {many or one + 's'}"


def compact(value: float, digits: int = 4) -> str:
    """A number in `digits` significant digits, with no exponent within reason.

    Thousands are set apart from 10,000 on: before that a number may be a year.
    """
    size = abs(value)
    if not isfinite(size) or size >= 1e12 or 0 < size < 1e-6:
        return f"{value:.3g}"
    places = 0 if size == 0 else max(0, digits - 1 - floor(log10(size)))
    text = f"{value:,.{places}f}" if size >= 10_000 else f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float, digits: int = 0) -> str:
    """A share as a person reads it, on one line."""
    return f"{100 * share:.{digits}f}\u00a0%"
