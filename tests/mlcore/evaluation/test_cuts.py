"""Columns as parts: every row lies in exactly one, and the names say which."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Column
from mlcore.evaluation.cuts import Cut, crossed, cut


def column(kind: str = "numeric", storage: str = "float") -> Column:
    return Column(name="x", kind=kind, storage=storage)  # type: ignore[arg-type]


def counted(made: Cut) -> dict[str, int]:
    return {label: int((made.codes == place).sum()) for place, label in enumerate(made.labels)}


def test_numbers_become_ranges_of_about_as_many_rows_and_missing_is_one_of_its_own() -> None:
    values = pd.Series([*range(100), *[np.nan] * 7], dtype=float)
    made = cut(values, column())
    assert list(counted(made).values()) == [20, 20, 20, 20, 20, 7]
    assert made.labels[0] == "up to 19"
    assert made.labels[1] == "above 19, up to 39"
    assert made.labels[-2:] == ("above 79", "missing")


def test_a_value_that_many_rows_share_is_not_parted_and_few_whole_numbers_are_taken_one_by_one() -> None:
    zeros = pd.Series([0.0] * 90 + list(np.linspace(1, 50, 30)))
    made = cut(zeros, column())
    assert counted(made)["up to 0"] == 90
    few = cut(pd.Series([1.0, 2.0, 3.0] * 40), column("integer"))
    assert counted(few) == {"1": 40, "2": 40, "3": 40}


def test_numbers_taken_one_by_one_keep_their_names_however_close_they_are() -> None:
    years = cut(pd.Series([2019.0, 2020.0, np.nan] * 40), column("integer"))
    assert counted(years) == {"2019": 40, "2020": 40, "missing": 40}
    close = cut(pd.Series([1234.1, 1234.2] * 40), column())
    assert counted(close) == {"1234.1": 40, "1234.2": 40}


def test_rare_categories_go_together_but_a_single_one_keeps_its_name() -> None:
    words = pd.Series(["a"] * 50 + ["b"] * 40 + ["c"] * 3 + ["d"] * 2)
    assert counted(cut(words, column("categorical", "text"))) == {"a": 50, "b": 40, "2 other values": 5}
    assert counted(cut(words[:93], column("categorical", "text"))) == {"a": 50, "b": 40, "c": 3}


def test_a_category_spelled_like_our_word_for_missing_stays_apart_from_what_is_missing() -> None:
    words = pd.Series(["missing"] * 50 + ["b"] * 40 + [None] * 30)
    assert counted(cut(words, column("categorical", "text"))) == {"“missing”": 50, "b": 40, "missing": 30}


@pytest.mark.parametrize(("days", "first"), [(5, "2024-01-01"), (60, "week of"), (300, "2024-01"), (900, "2024 Q1")])
def test_dates_become_the_finest_periods_that_are_few(days: int, first: str) -> None:
    made = cut(pd.Series(pd.date_range("2024-01-01", periods=days)), column("datetime", "datetime"))
    assert 2 <= len(made.labels) <= 12
    assert made.labels[0].startswith(first)
    assert sum(counted(made).values()) == days


def test_dates_over_many_years_become_ranges_of_years() -> None:
    made = cut(pd.Series(pd.date_range("1950-01-01", "2020-01-01", freq="MS")), column("datetime", "datetime"))
    assert made.labels[0].startswith("until ")
    assert made.labels[-1].startswith("from ")
    assert min(counted(made).values()) > 50


def test_a_column_without_any_value_is_one_part() -> None:
    assert cut(pd.Series([np.nan] * 9), column()).labels[-1] == "missing"


def test_pairs_are_those_that_rows_have() -> None:
    a = Cut(column="a", labels=("x", "y"), codes=np.array([0, 0, 1, 1]))
    b = Cut(column="b", labels=("u", "v"), codes=np.array([0, 1, 1, 1]))
    pairs, codes = crossed(a, b)
    assert pairs == (("x", "u"), ("x", "v"), ("y", "v"))
    assert codes.tolist() == [0, 1, 2, 2]
