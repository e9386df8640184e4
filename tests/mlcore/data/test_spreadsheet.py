"""Tables that are opened in a spreadsheet: nothing in them runs."""

from __future__ import annotations

import pandas as pd
import pytest

from mlcore.data.spreadsheet import csv_text, neutral, neutral_text


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "=HYPERLINK(1)", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-", "＝1+1", "-5-"],
)
def test_a_cell_that_would_run_stands_behind_an_apostrophe(cell: str) -> None:
    assert neutral_text(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-1.5", "+3", "-1,234.50", "-1.5e-9", "-12 %", "a=b", "", "'=1", "2026-01-01", " x"])
def test_a_number_and_plain_text_stay_as_they_are(cell: str) -> None:
    assert neutral_text(cell) == cell


def test_numbers_times_gaps_and_categories_keep_their_values() -> None:
    frame = pd.DataFrame(
        {
            "n": [-1.5, 2.0],
            "t": pd.to_datetime(["2026-01-01", None]),
            "c": pd.Categorical(["=1", "b"]),
            "s": pd.Series(["=2", None], dtype="str"),
        }
    )
    made = neutral(frame)
    assert made["n"].tolist() == [-1.5, 2.0]
    assert made["t"].equals(frame["t"])
    assert made["c"].tolist() == ["'=1", "b"]
    assert made["s"].iloc[0] == "'=2"
    assert made["s"].isna().tolist() == [False, True]
    assert frame["s"].iloc[0] == "=2"


def test_a_column_name_is_a_cell_too() -> None:
    frame = pd.DataFrame([["=1", "=1"]], columns=["=x", "=x"])
    assert csv_text(frame) == "'=x,'=x\n'=1,'=1\n"
