from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.schema import Column
from mlcore.handoff import golden

COLUMNS = (
    Column(name="age", kind="integer", storage="integer", low=18, high=90),
    Column(name="rate", kind="numeric", storage="float", low=-1.5, high=2.5),
    Column(name="city", kind="categorical", storage="text", categories=("Bonn", "never seen before")),
    Column(name="seen", kind="datetime", storage="datetime", low=0.0, high=86_400.0),
)
ROWS = pd.DataFrame(
    {
        "age": [18, 90, 30],
        "rate": [-1.5, 2.5, 0.25],
        "city": pd.Series(["Bonn", None, "Köln"], dtype="str"),
        "seen": pd.to_datetime(["1970-01-01", "1970-01-02", None]).astype("datetime64[us]"),
    }
)


def test_each_column_is_missing_once_and_all_are_missing_once() -> None:
    table = golden.golden(ROWS, COLUMNS)
    gaps = table.isna()
    for name in table.columns:
        alone = gaps[name] & ~gaps.drop(columns=name).any(axis=1)
        assert alone.any()
    assert gaps.all(axis=1).any()


def test_an_unseen_category_is_never_one_the_model_knows() -> None:
    words = set(golden.golden(ROWS, COLUMNS)["city"].dropna())
    assert "never seen before ." in words
    assert words <= {"Bonn", "Köln", "never seen before ."}


def test_numbers_reach_both_ends_zero_and_far_beyond() -> None:
    table = golden.golden(ROWS, COLUMNS)
    assert {18.0, 90.0, 0.0, 1e12, -1e12, 18.0 - 72.0, 90.0 + 72.0} <= set(table["age"])
    assert {-1.5, 2.5, 0.0, 1e12, -1e12, -5.5, 6.5} <= set(table["rate"])


def test_dates_stay_dates_within_two_centuries() -> None:
    moments = golden.golden(ROWS, COLUMNS)["seen"]
    assert str(moments.dtype) == "datetime64[us]"
    assert moments.min() == pd.Timestamp("1900-01-01")
    assert moments.max() == pd.Timestamp("2100-01-01")


def test_a_narrow_table_still_has_a_hundred_rows_made_of_its_own_cells() -> None:
    table = golden.golden(ROWS[["city"]], COLUMNS[2:3])
    assert len(table) >= 100
    assert table.iloc[-20:]["city"].dropna().isin(["Bonn", "Köln"]).all()


def test_the_same_seed_gives_the_same_rows() -> None:
    pd.testing.assert_frame_equal(golden.golden(ROWS, COLUMNS, seed=3), golden.golden(ROWS, COLUMNS, seed=3))


def test_every_label_is_chosen_before_any_is_chosen_twice() -> None:
    labels = pd.Series(["common"] * 97 + ["rare", "rarer", "rarest"])
    first = golden.chosen(labels, count=4)
    assert set(labels.iloc[first]) == {"common", "rare", "rarer", "rarest"}
    assert len(golden.chosen(labels, count=60)) == 60
    assert len(np.unique(golden.chosen(labels, count=60))) == 60
