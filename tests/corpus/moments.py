"""Dates and times in every form, certain and doubtful."""

from __future__ import annotations

from datetime import datetime

from tests.corpus.case import Case, Reads, reads, text

_JAN31, _FEB1 = datetime(2025, 1, 31), datetime(2025, 2, 1)


def _one(name: str, first: str, second: str, *notes: str, **choices: object) -> Case:
    """A column of the last of January and the first of February."""
    return text(name, f"d;n\n{first};1\n{second};2\n", reads(*notes, d=[_JAN31, _FEB1], n=[1, 2]), **choices)


def _stays(name: str, *cells: str, notes: tuple[str, ...] = ()) -> Case:
    rows = "".join(f"{cell};{place}\n" for place, cell in enumerate(cells))
    return text(name, f"d;n\n{rows}", reads(*notes, d=list(cells), n=list(range(len(cells)))))


CASES = (
    _one("ISO dates", "2025-01-31", "2025-02-01"),
    _one("ISO dates, some with a time", "2025-01-31 00:00:00", "2025-02-01"),
    _one("days first", "31/01/2025", "01/02/2025", "day/month/year"),
    _one("months first", "01/31/2025", "02/01/2025", "month/day/year"),
    _one("points", "31.01.2025", "01.02.2025", "day.month.year"),
    _one("years first with slashes", "2025/01/31", "2025/02/01", "year/month/day"),
    _one("years first with points", "2025.01.31", "2025.02.01", "year.month.day"),
    _one("names of months", "31 Jan 2025", "1 Feb 2025", "month-name"),
    _one("long names of months", "January 31, 2025", "February 1, 2025", "month-name"),
    _one("Japanese dates", "2025年1月31日", "2025年2月1日", "年"),
    _one("years of two digits", "31/01/25", "01/02/25", "years of two digits"),
    _one("two forms that leave no doubt", "2025-01-31", "01.02.2025", "two forms", day_first=True),
    text(
        "two forms, told by other cells",
        "d;n\n2025-01-31;1\n31.12.2024;2\n01.02.2025;3\n",
        reads("two forms", d=[_JAN31, datetime(2024, 12, 31), _FEB1], n=[1, 2, 3]),
    ),
    _stays(
        "two forms, and one in doubt",
        "2025-01-31",
        "01/02/2025",
        "2025-02-01",
        notes=("1 of 3 cells is not dates of one form, such as '01/02/2025'",),
    ),
    _stays(
        "days first and months first in one column",
        "31/01/2025",
        "01/31/2025",
        "02/02/2025",
        notes=("not dates of one form",),
    ),
    text(
        "days or months first",
        "d;n\n03/04/2025;1\n05/06/2025;2\n",
        reads("month/day would fit as well", d=[datetime(2025, 4, 3), datetime(2025, 6, 5)], n=[1, 2]),
    ),
    text(
        "months first, by choice",
        "d;n\n03/04/2025;1\n05/06/2025;2\n",
        reads("month/day/year", d=[datetime(2025, 3, 4), datetime(2025, 5, 6)], n=[1, 2]),
        day_first=False,
    ),
    text(
        "days or months first, told by another column",
        "d;e\n03/04/2025;01/31/2025\n05/06/2025;02/01/2025\n",
        reads(
            "Column 'd': dates read as month/day/year",
            "Column 'e': dates read as month/day/year",
            d=[datetime(2025, 3, 4), datetime(2025, 5, 6)],
            e=[_JAN31, _FEB1],
        ),
    ),
    _stays("days that do not exist", "2025-01-31", "2025-02-30", "2025-03-01", notes=("such as '2025-02-30'",)),
    text(
        "words for nothing among dates",
        "d;n\n2025-01-31;1\nNA;2\n-;3\n;4\n",
        reads("read as missing: 2 cells", d=[_JAN31, None, None, None], n=[1, 2, 3, 4]),
    ),
    _stays(
        "a word among dates",
        "2025-01-31",
        "2025-02-01",
        "soon",
        notes=("1 of 3 cells is not dates of one form, such as 'soon'",),
    ),
    text(
        "time zones, mixed",
        "d;n\n2025-01-31T02:00:00+02:00;1\n2025-02-01T00:00:00Z;2\n2025-01-31T19:00:00-05:00;3\n",
        reads("moved to UTC", d=[_JAN31, _FEB1, _FEB1], n=[1, 2, 3]),
    ),
    text(
        "times with UTC behind",
        "d;n\n2025-01-31 00:00:00 UTC;1\n2025-02-01 00:00:00 UTC;2\n",
        reads("UTC", d=[_JAN31, _FEB1], n=[1, 2]),
    ),
    _stays(
        "time zones in some cells only",
        "2025-01-31T02:00:00+02:00",
        "2025-02-01T00:00:00",
        "2025-02-01T00:00:00Z",
        notes=("not dates of one form",),
    ),
    text(
        "the hour that does not exist in Berlin",
        "d;n\n2025-03-30 02:30:00;1\n2025-10-26 02:30:00;2\n",
        reads(d=[datetime(2025, 3, 30, 2, 30), datetime(2025, 10, 26, 2, 30)], n=[1, 2]),
    ),
    text(
        "the years 1 and 9999",
        "d;n\n0001-01-01;1\n9999-12-31;2\n",
        reads(d=[datetime(1, 1, 1), datetime(9999, 12, 31)], n=[1, 2]),
    ),
    text(
        "twelve-hour clocks",
        "d;n\n1/31/2025 10:30 PM;1\n2/1/2025 12:05 AM;2\n",
        reads("month/day/year", d=[datetime(2025, 1, 31, 22, 30), datetime(2025, 2, 1, 0, 5)], n=[1, 2]),
    ),
    text(
        "seconds with fractions",
        "d;n\n2025-01-31T00:00:00.250;1\n2025-02-01T00:00:00.5;2\n",
        reads(d=[datetime(2025, 1, 31, 0, 0, 0, 250_000), datetime(2025, 2, 1, 0, 0, 0, 500_000)], n=[1, 2]),
    ),
    text("seconds since 1970", "d;n\n1738281600;1\n1738368000;2\n", reads(d=[1738281600, 1738368000], n=[1, 2])),
    text("dates as eight digits", "d;n\n20250131;1\n20250201;2\n", reads(d=[20250131, 20250201], n=[1, 2])),
    _stays("times of day", "10:30", "23:15"),
    _stays("quarters and weeks", "2025Q1", "2025-W05"),
    Case(
        name="another form after 5,000 dates",
        content=lambda: ("d\n" + "2025-01-31\n" * 5000 + "13.02.2025\n").encode(),
        then=Reads(shape=(5001, 1), cells={(0, "d"): _JAN31, (5000, "d"): datetime(2025, 2, 13)}, notes=("two forms",)),
    ),
    Case(
        name="a doubtful form after 5,000 dates",
        content=lambda: ("d\n" + "2025-01-31\n" * 5000 + "03.02.2025\n").encode(),
        then=Reads(
            shape=(5001, 1), cells={(5000, "d"): "03.02.2025"}, notes=("1 of 5,001 cells is not dates of one form",)
        ),
    ),
)
