"""A cell that becomes a number or a date means what it says, by a second, slower reading; else it stays as it is."""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.data.choices import Choices
from mlcore.data.delimited import cells
from mlcore.data.delimited.columns import decide

PIECES = st.sampled_from(
    ["0", "1", "12", "123", "999", "000", "1234", "50", ".", ",", " ", "'", "\u00a0", "-", "+", "−", "(", ")", "%", "$",
     "€", "EUR", "kr", "e5", "E-2", "٣", "x", "NA", "inf", "9007199254740993"]
)  # fmt: skip
NUMBERS = st.from_regex(
    r"[-+−]?(\$|€)?([1-9][0-9]{0,2}(([,. '\u00a0])[0-9]{3}){0,3}|0)([.,][0-9]{1,4})?( ?(%|€|EUR))?-?", fullmatch=True
)


def meanings(cell: str, decimal: str) -> Fraction | None:
    """The number this cell is when fractions begin with `decimal`; None when it is none."""
    bare = cell.strip().replace("−", "-").replace("\u00a0", " ")
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1]
    if bare.endswith("-") and not bare.startswith(("-", "+")):
        bare = "-" + bare[:-1]
    bare = re.sub(rf"^([+-]?)\s*(?:{cells.CURRENCIES})\s*", r"\1", bare)
    bare = re.sub(rf"\s*(?:%|{cells.CURRENCIES})$", "", bare)
    found = re.fullmatch(r"([+-]?)([0-9][0-9., ']*?|)((?:[.,][0-9]*)?)([eE][+-]?[0-9]+)?", bare)
    if found is None or not bare.isascii():
        return None
    sign, whole, fraction, power = found[1], found[2], found[3], found[4] or ""
    if fraction and fraction[0] != decimal:
        whole, fraction = whole + fraction, ""
    marks = set(re.findall(r"[^0-9]", whole))
    if len(marks) > 1 or decimal in marks:
        return None
    if marks and not re.fullmatch(r"[1-9][0-9]{0,2}(\D[0-9]{3})+|[1-9][0-9]?(,[0-9]{2})+,[0-9]{3}", whole):
        return None
    digits = re.sub(r"\D", "", whole)
    if not digits and len(fraction) < 2:
        return None
    return Fraction(f"{sign}{digits or '0'}.{fraction[1:] or '0'}{power}")


def stored(column: list[str], choices: Choices) -> pl.Series:
    frame = pl.DataFrame({"x": column}, schema={"x": pl.String}).lazy()
    return frame.select(decide(frame, ["x"], choices).columns[0].expression.alias("x")).collect()["x"]


def check(column: list[str], choices: Choices) -> None:
    values = stored(column, choices)
    if values.dtype == pl.String:
        kept = [cell.strip() for cell in column]
        gone = [None if not cell or re.match(cells.ALWAYS_PATTERN, cell) else cell for cell in kept]
        assert values.to_list() == gone
    elif values.dtype.is_numeric():
        pairs = [(cell, value) for cell, value in zip(column, values.to_list(), strict=True)]
        assert any(all(same(cell, value, decimal) for cell, value in pairs) for decimal in ".,"), pairs


def same(cell: str, value: float | None, decimal: str) -> bool:
    if value is None:
        return cells.missing_like(cell) or cell.strip().lower() in cells.INFINITE
    meant = meanings(cell, decimal)
    return meant is not None and float(meant) == float(value)


SCRAPS = given(
    column=st.lists(st.lists(PIECES, max_size=5).map("".join), min_size=1, max_size=4),
    delimiter=st.sampled_from([",", ";"]),
    thousands=st.sampled_from([None, None, "", ",", ".", " "]),
)
MARKED = given(column=st.lists(NUMBERS, min_size=1, max_size=4), decimal=st.sampled_from([None, ".", ","]))
FEW, MANY = settings(max_examples=25, deadline=None), settings(max_examples=200, deadline=None)


@FEW
@SCRAPS
def test_scraps_of_numbers(column: list[str], delimiter: str, thousands: str | None) -> None:
    check(column, Choices(delimiter=delimiter, thousands=thousands))


@pytest.mark.slow
@MANY
@SCRAPS
def test_many_scraps_of_numbers(column: list[str], delimiter: str, thousands: str | None) -> None:
    check(column, Choices(delimiter=delimiter, thousands=thousands))


@pytest.mark.slow
@FEW
@MARKED
def test_numbers_with_marks(column: list[str], decimal: str | None) -> None:
    check(column, Choices(decimal=decimal))


@pytest.mark.slow
@MANY
@MARKED
def test_many_numbers_with_marks(column: list[str], decimal: str | None) -> None:
    check(column, Choices(decimal=decimal))


MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2068, 12, 31)).map(lambda moment: moment.replace(microsecond=0))
FORMS = (
    "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y %H:%M:%S", "%d-%m-%y",
    "%Y/%m/%d", "%d %b %Y", "%B %d, %Y", "%m/%d/%Y %I:%M %p", "%Y.%m.%d", "%Y年%m月%d日",
)  # fmt: skip


DATED = given(
    moments=st.lists(MOMENTS, min_size=1, max_size=6),
    forms=st.lists(st.sampled_from(FORMS), min_size=1, max_size=2),
)


@FEW
@DATED
def test_dates_mean_what_they_say_or_stay(moments: list[datetime], forms: list[str]) -> None:
    check_dates(moments, forms)


@pytest.mark.slow
@MANY
@DATED
def test_many_dates_mean_what_they_say_or_stay(moments: list[datetime], forms: list[str]) -> None:
    check_dates(moments, forms)


def check_dates(moments: list[datetime], forms: list[str]) -> None:
    written = [(moment, forms[place % len(forms)]) for place, moment in enumerate(moments)]
    column = [moment.strftime(form) for moment, form in written]
    values = stored(column, Choices())
    if values.dtype == pl.String:
        assert values.to_list() == column
        return
    assert values.dtype == pl.Datetime("us")
    truth = [datetime.strptime(cell, form) for cell, (_, form) in zip(column, written, strict=True)]
    assert values.to_list() == truth or _other_order(column, values.to_list())


def _other_order(column: list[str], values: list[datetime]) -> bool:
    """Days and months may be exchanged only when every cell that has them in doubtful places allows it."""
    for cell, value in zip(column, values, strict=True):
        found = re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-]", cell)
        if found is None:
            continue
        if {int(found[1]), int(found[2])} != {value.day, value.month}:
            return False
    return any(re.match(r"\d{1,2}[/.-]", cell) for cell in column)
