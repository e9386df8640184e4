"""Rows of JSON are read without pandas as scoring.py reads them, and refused cell by cell where they are odd."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.handoff.shipped.rows import Cells, NotJson, Reader, RowsError
from mlcore.learning import scoring

FIELDS: list[dict[str, Any]] = [
    {"id": "c0", "name": "size; cm", "kind": "number", "missing": 0.1, "low": -2.5, "high": 1e6},
    {"id": "c1", "name": "far", "kind": "number", "missing": 0.0, "low": 1e9, "high": 1e9 + 5, "offset": 1e9},
    {"id": "c2", "name": "shop", "kind": "category", "missing": 0.0, "categories": ["Köln", "1", "2.5", "True"]},
    {"id": "c3", "name": "open", "kind": "category", "missing": 0.2, "categories": ["TRUE", "FALSE"]},
    {"id": "c4", "name": "zip", "kind": "category", "missing": 0.0, "categories": None},
    {"id": "c5", "name": "seen", "kind": "time", "missing": 0.3, "low": 0.0, "high": 1.7e9,
     "parts": list(scoring.TIME_PARTS)},
    {"id": "c6", "name": "paid", "kind": "time", "missing": 0.0, "low": 0.0, "high": 1.7e9, "filled": True,
     "parts": ["days", "month"], "since": ["c5"]},
    {"id": "c7", "name": "note", "kind": "text", "missing": 0.0, "categories": None},
]  # fmt: skip
READER = Reader(FIELDS)

zones = st.sampled_from([None, UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-11))])
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=zones).map(datetime.isoformat)
dates = st.dates().map(str)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
cells = {
    "number": st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70),
    "time": st.none() | moments | dates,
    "category": st.none() | words | st.sampled_from(["Köln", "TRUE", "true", "", "1"]) | st.integers(-(2**50), 2**50),
    "text": st.none() | words,
}
rows_of_all = st.lists(
    st.fixed_dictionaries({str(f["name"]): cells[f["kind"]] for f in FIELDS}), min_size=1, max_size=6
)


def as_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=object) for name in READER.names})


def a_row(**cells: Any) -> dict[str, Any]:
    usual = {"size; cm": 1.5, "far": 1e9, "shop": "Köln", "open": True, "zip": "1", "seen": "2001-02-03"}
    return {**usual, "paid": "2001-03-04T05:06:07Z", "note": "Ärger", **cells}


def alike(cells: Cells, table: pd.DataFrame) -> None:
    parts, frame = cells.parts(), scoring.conform(table, FIELDS)
    assert set(parts) == set(frame.columns)
    for name in frame:
        if frame[name].dtype == object:
            assert parts[name].tolist() == frame[name].tolist(), name
        else:
            np.testing.assert_array_equal(parts[name], frame[name].to_numpy(), err_msg=name)
    assert [";".join(codes) for codes in cells.flags()] == scoring.flags(table, FIELDS)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(rows_of_all)
def test_the_parts_and_flags_are_those_of_scoring(rows: list[dict[str, Any]]) -> None:
    alike(READER.read(rows), as_table(rows))


@pytest.mark.parametrize("cell", [True, False, "TRUE", "true", "False", "", None, "yes", 0, 1.0, 1e22, "␀"])
def test_words_are_spelled_as_training_spelled_them(cell: Any) -> None:
    rows = [a_row(open=cell, shop=cell, zip=cell, note=cell)]
    alike(READER.read(rows), as_table(rows))


def test_two_spellings_of_true_are_one_as_in_training() -> None:
    field = {"id": "c0", "name": "open", "kind": "category", "missing": 0.0, "categories": ["TRUE", "True", "False"]}
    rows = [{"open": cell} for cell in ("TRUE", "True", "true", True, False)]
    made = scoring.conform(pd.DataFrame(rows, dtype=object), [field])["c0"].tolist()
    assert Reader([field]).read(rows).parts()["c0"].tolist() == made == ["True"] * 4 + ["False"]


def test_true_is_not_1_whatever_stands_beside_it() -> None:
    rows = [a_row(zip=1), a_row(zip=True), a_row(zip=1.0), a_row(zip=False), a_row(zip=0)]
    alike(READER.read(rows), as_table(rows))


@pytest.mark.parametrize("word", ["İSTANBUL", "ΟΔΥΣΣΕΥΣ", "ẞ", "ǅ", "\u0130\u0307"])
def test_text_is_lowered_as_pandas_does_it(word: str) -> None:
    alike(READER.read([a_row(note=word)]), as_table([a_row(note=word)]))


def test_the_policy_gets_the_cells_that_scoring_gives_it() -> None:
    rows = [a_row(), a_row(**{"size; cm": None, "shop": None, "seen": None, "open": "false"}), a_row(shop=2.5)]
    read, table = READER.read(rows), as_table(rows)
    for field in FIELDS:
        kind, found = read.column(str(field["name"]))
        wanted = scoring.cells_of(table[field["name"]], field)
        assert kind == {"text": "category"}.get(field["kind"], field["kind"])
        if kind == "category":
            assert found.tolist() == wanted.tolist()
        else:
            np.testing.assert_array_equal(found, wanted)


def test_an_empty_text_is_an_empty_cell_where_text_may_stand() -> None:
    rows = [a_row(seen="", shop="", note="", paid="")]
    alike(READER.read(rows), as_table(rows))


def test_no_rows_have_no_cells() -> None:
    assert READER.read([]).flags() == []
    assert all(len(part) == 0 for part in READER.read([]).parts().values())


@pytest.mark.parametrize(
    ("column", "cell", "value", "remedy"),
    [
        ("far", "12", "12", "without quotes"),
        ("far", "twelve", "twelve", "Send a number, or null"),
        ("far", "", "", "Send a number, or null"),
        ("far", True, "true", "Write 1 or 0"),
        ("far", [1], "a list of 1", "one value"),
        ("far", NotJson("NaN"), "NaN", "JSON has no NaN: write null"),
        ("far", float("inf"), "inf", "reach from"),
        ("far", 10**400, "a very long number", "reach from"),
        ("seen", "31.12.2025", "31.12.2025", "year first"),
        ("seen", "2025-02-30", "2025-02-30", "year first"),
        ("seen", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00", "year first"),
        ("seen", 1234, "1234", "year first"),
        ("shop", {"a": 1}, "an object with 1 names", "one value"),
        ("note", NotJson("Infinity"), "Infinity", "JSON has no Infinity"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_told_with_a_remedy(column: str, cell: Any, value: str, remedy: str) -> None:
    with pytest.raises(RowsError) as refused:
        READER.read([a_row(), a_row(**{column: cell})])
    (problem,) = refused.value.problems
    assert (problem.row, problem.column, problem.value) == (1, column, value)
    assert remedy in problem.remedy
    assert problem.expected


def test_a_missing_column_and_a_row_that_is_none_are_told() -> None:
    short = {name: cell for name, cell in a_row().items() if name != "zip"}
    with pytest.raises(RowsError) as refused:
        READER.read([short, [1, 2], "x"])
    told = [(one.row, one.column, one.value) for one in refused.value.problems]
    assert told == [(0, "zip", ""), (1, "", "a list of 2"), (2, "", "x")]


def test_every_wrong_cell_is_counted_and_the_first_hundred_told() -> None:
    with pytest.raises(RowsError, match="250 cells cannot be scored") as refused:
        READER.read([a_row(far="x")] * 250)
    assert len(refused.value.problems) == 100
    with pytest.raises(RowsError, match="10,000 or more cells"):
        READER.read([{}] * 5_000)


def test_columns_that_the_model_does_not_have_are_named() -> None:
    assert READER.ignored([a_row()]) == ()
    assert READER.ignored([a_row(), a_row(id=1), a_row(id=2, name="x")]) == ("id", "name")


def test_columns_can_be_kept_in_their_own_types() -> None:
    columns = READER.read([a_row(), a_row(seen=None)]).columns()
    assert list(columns) == list(READER.names)
    assert columns["seen"].dtype == np.dtype("datetime64[us]")
    assert columns["size; cm"].dtype == np.float64
    assert json.dumps(columns["shop"].tolist()) == '["K\\u00f6ln", "K\\u00f6ln"]'
