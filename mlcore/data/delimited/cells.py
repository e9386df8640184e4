"""What single cells look like: missing, a number, a date. The grammar; `typing` applies it to whole columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

ALWAYS_MISSING = ("na", "n/a", "#n/a", "#na", "nan", "null", "<na>", "nat", "#null!", "#value!", "#ref!", "#div/0!")
"""Words that mean "no value" in every column, in small letters."""

MISSING_AMONG_VALUES = (*ALWAYS_MISSING, "", "-", "--", ".", "?", "none", "nil", "missing", "unknown", "-nan")
"""Words that mean "no value" in a column whose other cells are numbers or dates."""

ALWAYS_PATTERN = "(?i)^(" + "|".join(re.escape(word) for word in ALWAYS_MISSING) + ")$"
AMONG_PATTERN = "(?i)^(" + "|".join(re.escape(word) for word in MISSING_AMONG_VALUES) + ")$"
"""The same words as patterns for whole cells: six times faster than small letters and a list."""

INFINITE = ("inf", "-inf", "+inf", "infinity", "-infinity", "+infinity")

PLAIN = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
LEADING_ZERO = r"^[+-]?0\d"

_SPACES = " \u00a0\u202f\u2009"
_CURRENCY = "$€£¥₹"


@dataclass(frozen=True, kw_only=True)
class Style:
    """How numbers are written: the mark before the fraction and the marks between thousands."""

    decimal: str
    thousands: str

    @property
    def pattern(self) -> str:
        """A regular expression for a whole cell without currency or percent sign."""
        mark, groups = re.escape(self.decimal), "".join(re.escape(character) for character in self.thousands)
        return rf"^[+-]?(\d{{1,3}}([{groups}]\d{{3}})+|\d+|)({mark}\d*)?([eE][+-]?\d+)?$"


POINT = Style(decimal=".", thousands="," + _SPACES + "'’")
COMMA = Style(decimal=",", thousands="." + _SPACES + "'’")

SIGNS = f"[{_CURRENCY}%]|EUR|USD|GBP|CHF"
"""Currency and percent signs that may stand before or after a number."""


@dataclass(frozen=True, kw_only=True)
class Dates:
    """One way of writing dates, with or without the time of day. `gate` fits the beginning of every such cell."""

    key: str
    title: str
    gate: str
    formats: tuple[str, ...]
    zoned: bool = False

    @property
    def day_first(self) -> bool | None:
        """Whether 01/02/2025 is the first of February; None for forms that leave no doubt."""
        return self.key.startswith("day") if self.key.startswith(("day", "month")) else None


def _with_times(*days: str) -> tuple[str, ...]:
    times = ("", " %H:%M:%S%.f", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
    return tuple(day + time for day in days for time in times)


_ISO = tuple(f"%Y-%m-%d{mark}{time}" for mark in " T" for time in ("%H:%M:%S%.f", "%H:%M:%S", "%H:%M"))

DATES = (
    Dates(key="iso", title="year-month-day", gate=r"^\d{4}-\d{1,2}-\d", formats=("%Y-%m-%d", *_ISO)),
    Dates(
        key="iso-zone",
        title="year-month-day with a time zone",
        gate=r"^\d{4}-\d{1,2}-\d",
        formats=tuple(f"{form}{gap}%#z" for form in _ISO for gap in ("", " ")),
        zoned=True,
    ),
    Dates(key="ymd", title="year/month/day", gate=r"^\d{4}/\d{1,2}/\d", formats=_with_times("%Y/%m/%d")),
    *(
        Dates(
            key=f"{order}{mark}{year}",
            title=f"{title}{mark}year".replace("*", mark),
            gate=rf"^\d{{1,2}}{re.escape(mark)}\d{{1,2}}{re.escape(mark)}{digits}(\D|$)",
            formats=_with_times(form.replace("*", mark) + mark + year),
        )
        for mark in "/.-"
        for year, digits in (("%Y", r"\d{4}"), ("%y", r"\d{2}"))
        for order, title, form in (("day", "day*month", "%d*%m"), ("month", "month*day", "%m*%d"))
    ),
    *(
        Dates(
            key=f"{form}{mark}",
            title="day month-name year",
            gate=rf"^\d{{1,2}}{mark}[A-Za-z]{{3,9}}{mark}\d{{4}}",
            formats=_with_times(f"%d{mark}{form}{mark}%Y"),
        )
        for form in ("%b", "%B")
        for mark in (" ", "-")
    ),
    *(
        Dates(
            key=f"us{form}",
            title="month-name day, year",
            gate=r"^[A-Za-z]{3,9} \d{1,2},? \d{4}",
            formats=_with_times(f"{form} %d, %Y", f"{form} %d %Y"),
        )
        for form in ("%b", "%B")
    ),
)

_NUMBER = re.compile("|".join((PLAIN, POINT.pattern, COMMA.pattern)))
_GATES = re.compile("|".join(f"(?:{dates.gate})" for dates in DATES))
_SIGNS = re.compile(SIGNS)


def plain_number(cell: str) -> bool:
    """Whether the cell is a number that any program would read as one."""
    return re.match(PLAIN, cell.strip()) is not None


def number_like(cell: str) -> bool:
    """Whether the cell reads as a number in any style, with or without currency sign."""
    bare = _SIGNS.sub("", cell).strip(_SPACES)
    return bool(bare) and any(letter.isdigit() for letter in bare) and _NUMBER.match(bare) is not None


def date_like(cell: str) -> bool:
    """Whether the cell begins as a date does."""
    return _GATES.match(cell.strip()) is not None


def missing_like(cell: str) -> bool:
    """Whether the cell would mean "no value" among numbers."""
    return cell.strip().lower() in MISSING_AMONG_VALUES


def value_like(cell: str) -> bool:
    """Whether the cell is a number or a date: something a column name seldom is."""
    return number_like(cell) or date_like(cell) or cell.strip().lower() in INFINITE
