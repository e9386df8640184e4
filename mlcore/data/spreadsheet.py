"""CSV that a spreadsheet opens as what it is: no cell of a stranger's becomes a formula."""

from __future__ import annotations

import re

import pandas as pd

_FORMULA = re.compile(r"^[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"^[+-]?[\d.,' \u00a0]*\d[\d.,' \u00a0]*([eE][+-]?\d+)?\s?%?$")


def neutral_text(text: str) -> str:
    """The text behind an apostrophe when a spreadsheet would run it; numbers such as -1.5 or +3 stay as they are."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def neutral(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every text and every column name made harmless; numbers and times are left alone."""
    made = frame.copy(deep=False)
    for place in range(made.shape[1]):
        column = made.iloc[:, place]
        if column.dtype.kind in "biufcmM":
            continue
        made.isetitem(place, column.map(_harmless, na_action="ignore").array)
    return made.set_axis([neutral_text(str(name)) for name in made.columns], axis=1)


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV that is safe to open in a spreadsheet."""
    return str(neutral(frame).to_csv(index=False))


def _harmless(value: object) -> object:
    return neutral_text(value) if isinstance(value, str) else value
