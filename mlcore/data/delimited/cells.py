"""What single cells look like: missing, a number, a date. The grammar; `typing` applies it to whole columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

ALWAYS_MISSING = (
    "NA", "na", "N/A", "n/a", "#N/A", "#n/a", "#NA", "NaN", "nan", "NAN", "NULL", "null", "Null", "<NA>", "<na>", "NaT",
    "\\N", "#NULL!", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!", "#NV", "#WERT!", "#BEZUG!", "#ZAHL!", "#N/D",
    "#VALEUR!",
)  # fmt: skip
"""Words that mean "no value" in every column, in exactly these letters: Nan, Nat and Na are people."""

MISSING_AMONG_VALUES = (
    *dict.fromkeys(word.lower() for word in ALWAYS_MISSING),
    "", "-", "--", "---", "–", "—", ".", "..", "...", "…", "?", "none", "nil", "missing", "unknown", "-nan", "nat",
    "n.a.", "n.d.", "n/d", "k.a.", "(null)", "(blank)", "(empty)", "not available", "no data", "keine angabe",
)  # fmt: skip
"""Words that mean "no value" in a column whose other cells are numbers or dates, in small letters."""

ALWAYS_PATTERN = "^(?:" + "|".join(re.escape(word) for word in ALWAYS_MISSING) + ")$"
AMONG_PATTERN = "(?i)^(?:" + "|".join(re.escape(word) for word in MISSING_AMONG_VALUES) + ")$"
"""The same words as patterns for whole cells: six times faster than small letters and a list."""

INFINITE = ("inf", "-inf", "+inf", "infinity", "-infinity", "+infinity")

PLAIN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
LEADING_ZERO = r"^[+-]?0[0-9]"

SPACES = " \u00a0\u202f\u2009"
MARKS = (",", ".", SPACES, "'’")
"""What may stand between groups of three digits; characters of one entry mean the same."""


@dataclass(frozen=True, kw_only=True)
class Style:
    """How numbers are written: the mark before the fraction and the marks between thousands.

    A number has marks of one kind only, no leading zero before them, and three digits after each; with commas also
    groups of two before the last three, as in India.
    """

    decimal: str
    thousands: str

    @property
    def pattern(self) -> str:
        """A regular expression for a whole cell without currency or per cent sign."""
        kinds = [kind for kind in MARKS if kind[0] in self.thousands]
        groups = [rf"[1-9][0-9]{{0,2}}(?:[{kind}][0-9]{{3}})+" for kind in kinds]
        if "," in self.thousands:
            groups.append("[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")
        whole, mark = "|".join((*groups, "[0-9]+")), re.escape(self.decimal)
        return rf"^[+-]?(?:(?:{whole})(?:{mark}[0-9]*)?|{mark}[0-9]+)(?:[eE][+-]?[0-9]+)?$"

    def only(self, thousands: str | None) -> Style | None:
        """The same with this mark alone between thousands ("": none); None when it is the mark of the fraction."""
        if thousands is None:
            return self
        kind = next((kind for kind in MARKS if thousands and thousands in kind), thousands)
        return None if kind == self.decimal else Style(decimal=self.decimal, thousands=kind)


POINT = Style(decimal=".", thousands="," + SPACES + "'’")
COMMA = Style(decimal=",", thousands="." + SPACES + "'’")


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What is known of the marks in numbers before a cell is seen: chosen by a person (None: open), or `usual`, the
    decimal mark that is likelier where no cell of the file tells.
    """

    decimal: str | None = None
    thousands: str | None = None
    usual: str = "."

    @property
    def point(self) -> Style | None:
        """How numbers with a decimal point are written; None when there are none."""
        return None if self.decimal == "," else POINT.only(self.thousands)

    @property
    def comma(self) -> Style | None:
        """The same for a decimal comma."""
        return None if self.decimal == "." else COMMA.only(self.thousands)


CURRENCIES = (
    r"(?:US|A|C|R|S|HK|NZ|MX)?\$|[€£¥₹₩₽₺₫₪฿₴₦¢元円]|S?Fr\.|Rs\.?|kr\.?|zł|Kč|Ft|лв\.?|руб\.?|"
    "EUR|USD|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|AUD|CAD|NZD|BRL|MXN|ZAR|KRW|TRY|RUB|SGD|HKD"
)
SIGNS = rf"%|{CURRENCIES}"
"""Currency and per cent signs that may stand before (not the per cent) or after a number."""

REWRITTEN = (
    (r"^\((.*[0-9].*)\)$", "-${1}"),
    (r"^([^+−-].*)[−-]$", "-${1}"),
    ("^−", "-"),
)
"""Negative numbers in parentheses, with the minus behind or a typographic one, and as every program writes them."""

UNSIGNED = (
    (rf"^([+-]?)\s*(?:{CURRENCIES})\s*([+−-]?)", "${1}${2}"),
    (rf"\s*(?:{SIGNS})$", ""),
)
"""Takes currency and per cent signs away."""


@dataclass(frozen=True, kw_only=True)
class Dates:
    """One way of writing dates, with or without the time of day. `gate` fits the beginning of every such cell.

    Several ways that occur in one column are the `parts` of one, which has no formats of its own.
    """

    key: str
    title: str
    gate: str
    formats: tuple[str, ...]
    zoned: bool = False
    parts: tuple[Dates, ...] = ()

    @property
    def day_first(self) -> bool | None:
        """Whether 01/02/2025 is the first of February; None for forms that leave no doubt."""
        if self.parts:
            return next((part.day_first for part in self.parts if part.day_first is not None), None)
        return self.key.startswith("day") if self.key.startswith(("day", "month")) else None

    @property
    def short_years(self) -> bool:
        """Whether years have two digits."""
        return any(part.short_years for part in self.parts) or any("%y" in form for form in self.formats)


def _with_times(*days: str) -> tuple[str, ...]:
    times = ("", " %H:%M:%S%.f", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
    return tuple(day + time for day in days for time in times)


_ISO = tuple(f"%Y-%m-%d{mark}{time}" for mark in " T" for time in ("%H:%M:%S%.f", "%H:%M:%S", "%H:%M"))

DATES = (
    Dates(key="iso", title="year-month-day", gate=r"^[0-9]{4}-[0-9]{1,2}-[0-9]", formats=("%Y-%m-%d", *_ISO)),
    Dates(
        key="iso-zone",
        title="year-month-day with a time zone",
        gate=r"^[0-9]{4}-[0-9]{1,2}-[0-9]",
        formats=tuple(f"{form}{gap}%#z" for form in _ISO for gap in ("", " ")),
        zoned=True,
    ),
    Dates(key="ymd", title="year/month/day", gate=r"^[0-9]{4}/[0-9]{1,2}/[0-9]", formats=_with_times("%Y/%m/%d")),
    Dates(key="ymd.", title="year.month.day", gate=r"^[0-9]{4}\.[0-9]{1,2}\.[0-9]", formats=_with_times("%Y.%m.%d")),
    Dates(
        key="cjk", title="year年month月day日", gate=r"^[0-9]{4}年[0-9]{1,2}月[0-9]", formats=_with_times("%Y年%m月%d日")
    ),
    *(
        Dates(
            key=f"{order}{mark}{year}",
            title=f"{title}{mark}year".replace("*", mark),
            gate=rf"^[0-9]{{1,2}}{re.escape(mark)}[0-9]{{1,2}}{re.escape(mark)}{digits}([^0-9]|$)",
            formats=_with_times(form.replace("*", mark) + mark + year),
        )
        for mark in "/.-"
        for year, digits in (("%Y", r"[0-9]{4}"), ("%y", r"[0-9]{2}"))
        for order, title, form in (("day", "day*month", "%d*%m"), ("month", "month*day", "%m*%d"))
    ),
    *(
        Dates(
            key=f"{form}{mark}",
            title="day month-name year",
            gate=rf"^[0-9]{{1,2}}{mark}[A-Za-z]{{3,9}}{mark}[0-9]{{4}}",
            formats=_with_times(f"%d{mark}{form}{mark}%Y"),
        )
        for form in ("%b", "%B")
        for mark in (" ", "-")
    ),
    *(
        Dates(
            key=f"us{form}",
            title="month-name day, year",
            gate=r"^[A-Za-z]{3,9} [0-9]{1,2},? [0-9]{4}",
            formats=_with_times(f"{form} %d, %Y", f"{form} %d %Y"),
        )
        for form in ("%b", "%B")
    ),
)

_NUMBER = re.compile("|".join((PLAIN, POINT.pattern, COMMA.pattern)))
_GATES = re.compile("|".join(f"(?:{dates.gate})" for dates in DATES))
_BARE = tuple(
    (re.compile(pattern), mark.replace("${", r"\g<").replace("}", ">")) for pattern, mark in REWRITTEN + UNSIGNED
)


def plain_number(cell: str) -> bool:
    """Whether the cell is a number that any program would read as one."""
    return re.match(PLAIN, cell.strip()) is not None


def number_like(cell: str) -> bool:
    """Whether the cell reads as a number in any style, with or without currency sign."""
    bare = cell.strip()
    if not any("0" <= letter <= "9" for letter in bare):
        return False
    if _NUMBER.match(bare):
        return True
    for pattern, plain in _BARE:
        bare = pattern.sub(plain, bare, count=1)
    return _NUMBER.match(bare.strip()) is not None


def date_like(cell: str) -> bool:
    """Whether the cell begins as a date does."""
    return _GATES.match(cell.strip()) is not None


def missing_like(cell: str) -> bool:
    """Whether the cell would mean "no value" among numbers."""
    return cell.strip().lower() in MISSING_AMONG_VALUES


def value_like(cell: str) -> bool:
    """Whether the cell is a number or a date: something a column name seldom is."""
    return number_like(cell) or date_like(cell) or cell.strip().lower() in INFINITE
