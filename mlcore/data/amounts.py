"""Numbers of things in sentences."""

from __future__ import annotations


def amount(count: int, one: str, many: str = "") -> str:
    """The count with its noun: "1 row", "1,204 rows"."""
    return f"1 {one}" if count == 1 else f"{count:,} {many or one + 's'}"
