"""Numbers, times and sizes as people read them, and the words for states and tasks."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from pages.ui.markup import Tone

TASKS = {"binary": "yes or no", "multiclass": "one of several labels", "regression": "a number"}
STATES: dict[str, tuple[str, Tone]] = {
    "waiting": ("Waiting", ""),
    "running": ("Running", "accent"),
    "done": ("Done", "ok"),
    "stopped": ("Stopped, kept", "ok"),
    "failed": ("Failed", "act"),
    "cancelled": ("Cancelled", ""),
    "skipped": ("Skipped", ""),
}
KINDS = {
    "numeric": "number",
    "integer": "whole number",
    "boolean": "yes or no",
    "categorical": "category",
    "ordinal": "ordered category",
    "datetime": "date or time",
    "text": "free text",
    "identifier": "identifier",
    "constant": "constant",
}


def number(value: float | None, digits: int = 4) -> str:
    """A measured value with about `digits` significant digits; a dash when it is not known."""
    if value is None or not math.isfinite(value):
        return "–"
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 10 ** (digits - 1) or (size >= 1 and float(value).is_integer()):
        return f"{value:,.0f}" if size >= 10_000 else f"{value:.0f}"  # a year is no quantity
    if size and size < 10 ** (1 - digits):
        return f"{value:.2g}"
    places = max(0, digits - 1 - (math.floor(math.log10(size)) if size >= 1 else 0))
    return f"{value:,.{places}f}"


def share(value: float | None, places: int = 0) -> str:
    """A share of one as per cent; a share that rounds to none but is not says so."""
    if value is None or not math.isfinite(value):
        return "–"
    if 0 < value < 0.5 * 10 ** -(places + 2):
        return f"< {10**-places:g} %"
    return f"{100 * value:.{places}f} %"


def count(value: int, one: str, many: str = "") -> str:
    """`1 row`, `2 rows`."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def setting(value: object) -> object:
    """What something is set to; a switch is a yes or a no."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def duration(seconds: float | None) -> str:
    """A span of time in its two largest units."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    if 0 < seconds < 0.0005:
        return "< 1 ms"
    if seconds < 0.95:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def megabytes(value: float | None) -> str:
    """A size given in megabytes."""
    if value is None:
        return "–"
    return f"{1000 * value:.0f} kB" if value < 0.95 else f"{value:.1f} MB"


def size(path_bytes: int) -> str:
    """A size given in bytes."""
    return megabytes(path_bytes / 1e6)


def day(seconds: float) -> str:
    """A moment in seconds since 1970 as its date, with the time when it is not midnight."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%d" if seconds % 86400 == 0 else "%Y-%m-%d %H:%M")


def long_day(iso: str) -> str:
    """`2025-02-03` as `3 February 2025`."""
    moment = datetime.strptime(iso, "%Y-%m-%d").replace(tzinfo=UTC)
    return f"{moment.day} {moment:%B} {moment.year}"


def ago(when: datetime | None, now: datetime | None = None) -> str:
    """How long ago something was, roughly."""
    if when is None:
        return ""
    moment = when if when.tzinfo else when.replace(tzinfo=UTC)
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    for limit, unit, words in ((90, 1, ""), (5400, 60, "min"), (129600, 3600, "h"), (math.inf, 86400, "days")):
        if seconds < limit:
            return f"{max(1, round(seconds / unit))} {words} ago" if words else "just now"
    return ""
