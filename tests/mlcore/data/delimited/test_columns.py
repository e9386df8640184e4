"""Text cells become numbers and dates only when every cell is one; everything else is said."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest

from mlcore.data.choices import Choices
from mlcore.data.delimited.columns import Typing, decide


def typed(choices: Choices | None = None, **columns: list[str | None]) -> tuple[Typing, pl.DataFrame]:
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).lazy()
    typing = decide(frame, list(columns), choices or Choices())
    return typing, frame.select(column.expression.alias(column.name) for column in typing.columns).collect()


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "2", "-3"], [1, 2, -3]),
        (["1.5", "2", "1e3"], [1.5, 2.0, 1000.0]),
        ([" 1", "2 ", ""], [1, 2, None]),
        (["1", "NA", "?", "-", "n/a", "None"], [1, None, None, None, None, None]),
        (["1,234", "2,000,000"], [1234, 2_000_000]),
        (["1,234.50", "20.00"], [1234.5, 20.0]),
        (["1 234", "20"], [1234, 20]),
        (["1'234.5", "20"], [1234.5, 20.0]),
        (["$1,200", "$35"], [1200, 35]),
        (["12.5 %", "80 %"], [12.5, 80.0]),
        (["-$5.25", "$6"], [-5.25, 6.0]),
    ],
)
def test_numbers_are_read_in_every_usual_style(cells: list[str | None], values: list[float | None]) -> None:
    _, table = typed(x=cells)
    assert table["x"].to_list() == values


def test_a_decimal_comma_is_told_by_columns_that_leave_no_doubt() -> None:
    typing, table = typed(clear=["1,5", "22,75"], doubtful=["1.234", "2.500"])
    assert typing.decimal == ","
    assert table["clear"].to_list() == [1.5, 22.75]
    assert table["doubtful"].to_list() == [1234, 2500]


def test_a_point_stays_a_point_where_no_column_shows_a_comma() -> None:
    typing, table = typed(x=["1.234", "2.500"], y=["1,234", "2,500"])
    assert typing.decimal == "."
    assert table.rows() == [(1.234, 1234), (2.5, 2500)]


def test_the_decimal_mark_can_be_chosen() -> None:
    _, table = typed(Choices(decimal=","), x=["1,234", "2,500"])
    assert table["x"].to_list() == [1.234, 2.5]


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        (["01234", "02345"], "zero"),
        (["9007199254740993", "1"], "too long"),
        (["12345678901234567890", "1"], "too long"),
        (["1", "2", "3", "abc"], "'abc'"),
        (["$1", "2", "€3"], "not all written alike"),
        (["2025-01-01", "2025-02-30"], "2025-02-30"),
        (["2025-01-01", "2025-01-02", "soon"], "soon"),
    ],
)
def test_what_is_not_all_numbers_or_dates_stays_text_with_a_note(cells: list[str | None], word: str) -> None:
    typing, table = typed(x=cells)
    assert table["x"].to_list() == cells
    assert word in typing.columns[0].note


def test_a_word_far_down_keeps_the_column_text() -> None:
    cells = [str(number) for number in range(5000)]
    typing, table = typed(x=[*cells, "late"])
    assert table["x"].dtype == pl.String
    assert "1 of 5,001 cells is not a number, such as 'late'" in typing.columns[0].note


def test_values_far_down_decide_about_a_column_that_begins_empty() -> None:
    _, table = typed(x=[None] * 3000 + ["1", "2"])
    assert table["x"].dtype == pl.Int64


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["2025-01-31", "2025-02-01"], datetime(2025, 1, 31)),
        (["2025-01-31 10:30", "2025-02-01"], datetime(2025, 1, 31, 10, 30)),
        (["2025-01-31T10:30:15.250", "2025-02-01T00:00:00"], datetime(2025, 1, 31, 10, 30, 15, 250_000)),
        (["2025-01-31T10:00:00+02:00", "2025-02-01T00:00:00Z"], datetime(2025, 1, 31, 8)),
        (["2025/01/31", "2025/02/01"], datetime(2025, 1, 31)),
        (["31/01/2025", "01/02/2025"], datetime(2025, 1, 31)),
        (["01/31/2025", "02/01/2025"], datetime(2025, 1, 31)),
        (["31.1.2025 9:05", "1.2.2025 10:00"], datetime(2025, 1, 31, 9, 5)),
        (["1/31/2025 10:30 PM", "2/1/2025 1:00 AM"], datetime(2025, 1, 31, 22, 30)),
        (["31-Jan-2025", "01-Feb-2025"], datetime(2025, 1, 31)),
        (["January 31, 2025", "February 1, 2025"], datetime(2025, 1, 31)),
        (["31/01/25", "01/02/25"], datetime(2025, 1, 31)),
    ],
)
def test_dates_are_read_in_every_usual_form(cells: list[str | None], first: datetime) -> None:
    _, table = typed(x=[*cells, "NA"])
    assert table["x"].dtype == pl.Datetime("us")
    assert table["x"].to_list()[0] == first
    assert table["x"].null_count() == 1


def test_day_or_month_first_is_decided_by_a_column_that_leaves_no_doubt() -> None:
    _, table = typed(clear=["01/31/2025", "02/01/2025"], doubtful=["03/04/2025", "05/06/2025"])
    assert table["doubtful"][0] == datetime(2025, 3, 4)


def test_a_doubtful_date_is_read_day_first_and_said() -> None:
    typing, table = typed(x=["03/04/2025", "05/06/2025"])
    assert table["x"][0] == datetime(2025, 4, 3)
    assert "month/day would fit as well" in typing.columns[0].note
    _, other = typed(Choices(day_first=False), x=["03/04/2025", "05/06/2025"])
    assert other["x"][0] == datetime(2025, 3, 4)


def test_words_for_no_value_are_missing_in_text_but_dashes_are_not() -> None:
    typing, table = typed(x=["a", "NA", "null", "-", "None", " b "])
    assert table["x"].to_list() == ["a", None, None, "-", "None", "b"]
    assert any("2 cells" in note for note in typing.notes)
    assert any("Spaces were removed around 1 cell" in note for note in typing.notes)


def test_times_of_day_and_words_with_digits_stay_text() -> None:
    _, table = typed(t=["10:30", "11:45"], w=["a1", "b2"])
    assert table.dtypes == [pl.String, pl.String]
