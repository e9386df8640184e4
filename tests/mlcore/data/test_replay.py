"""The executor that travels: what each kind of step makes of awkward cells."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from mlcore.data import replay
from mlcore.data.replay import Lookup


def step(repair: str, **params: Any) -> dict[str, Any]:
    return {"id": "1", "repair": repair, "params": params}


def done(values: list[Any], repair: str, *, dtype: str = "str", name: str = "x", **params: Any) -> list[Any]:
    table = pd.DataFrame({"x": pd.Series(values, dtype=dtype)})
    made = replay.done(table, step(repair, **params), {})[name]
    return [None if pd.isna(cell) else cell for cell in made]


def test_numbers_are_read_as_people_write_them() -> None:
    words = ["1,234.5", " 1 234 ", "(12)", "€ 3", "4 %", "1e3", "x", "", None, "inf", "-", "1'000"]
    assert done(words, "change_kind", columns=["x"], kind="numeric") == [
        1234.5, 1234, -12, 3, 4, 1000, None, None, None, None, None, 1000,
    ]  # fmt: skip
    assert done(["1.234,5", "(0,5)"], "change_kind", columns=["x"], decimal=",") == [1234.5, -0.5]
    assert done(["1.6", "2"], "change_kind", columns=["x"], kind="integer") == [2, 2]


def test_numbers_become_text_without_a_decimal_point() -> None:
    made = done([1.0, 2.5, None], "change_kind", dtype="float64", columns=["x"], kind="categorical")
    assert made == ["1", "2.5", None]


def test_dates_are_read_in_the_order_that_is_said() -> None:
    words = ["01/02/2025", "2025-02-01", "31.12.2024 10:30", "x", None]
    found = done(words, "parse_date", columns=["x"], form="day_first")
    assert [str(moment)[:16] for moment in found] == [
        "2025-02-01 00:00", "2025-02-01 00:00", "2024-12-31 10:30", "None", "None",
    ]  # fmt: skip
    assert str(done(["01/02/2025"], "parse_date", columns=["x"], form="month_first")[0])[:10] == "2025-01-02"
    assert str(done(["20251231"], "parse_date", columns=["x"], form="digits")[0])[:10] == "2025-12-31"


@pytest.mark.parametrize(
    ("form", "number", "expected"),
    [("seconds", 86_400, "1970-01-02"), ("milliseconds", 86_400_000, "1970-01-02"), ("excel", 45_000, "2023-03-15"),
     ("seconds", 1e300, "None"), ("excel", -1e9, "None")],
)  # fmt: skip
def test_numbers_are_read_as_dates(form: str, number: float, expected: str) -> None:
    assert str(done([number], "parse_date", dtype="float64", columns=["x"], form=form)[0])[:10] == expected


def test_every_pair_of_a_replacement_looks_at_the_cell_as_it_was() -> None:
    pairs = [["a", "b"], ["b", "a"], ["c", None]]
    assert done(["a", " b", "c", "A", None], "replace", columns=["x"], pairs=pairs) == ["b", "a", None, "A", None]
    assert done(["A", "a"], "replace", columns=["x"], pairs=pairs, case=False) == ["b", "b"]
    assert done([-1.0, 2.0], "replace", dtype="float64", columns=["x"], pairs=[["-1", None]]) == [None, 2]
    assert done([-1, 2], "replace", dtype="Int64", columns=["x"], pairs=[["-1", ""], ["2", "2.5"]]) == [None, 2.5]


def test_marks_inside_a_cell_mean_themselves() -> None:
    found = done(["a.b(c", "A.B"], "replace", columns=["x"], pairs=[["a.b(", "!"]], whole=False, case=False)
    assert found == ["!c", "A.B"]


def test_a_text_without_a_letter_is_missing() -> None:
    assert done([" kg", "3 kg"], "replace", columns=["x"], pairs=[["kg", ""]], whole=False) == [None, "3 "]
    assert done([",b", "a"], "split", name="x_1", column="x") == [None, "a"]


def test_the_last_part_of_a_split_takes_the_rest() -> None:
    assert done(["a, b, c", "a", None], "split", name="x_2", column="x", keep=True) == ["b, c", None, None]


@pytest.mark.parametrize(
    ("what", "expected"),
    [("number", [12.5, None]), ("first_word", ["12.5", "me@site.org"]), ("last_word", ["apples", "me@site.org"]),
     ("before", [None, "me"]), ("after", [None, "site.org"]), ("length", [17, 11])],
)  # fmt: skip
def test_parts_of_texts_are_taken(what: str, expected: list[Any]) -> None:
    table = pd.DataFrame({"x": pd.Series(["12.5 kg of apples", "me@site.org"], dtype="str")})
    made = replay.done(table, step("extract", column="x", what=what, name="part"), {})["part"]
    assert [None if pd.isna(cell) else cell for cell in made] == expected


def test_caps_leave_gaps_alone() -> None:
    assert done([None, -5.0, 50.0], "cap", dtype="float64", columns=["x"], low=0, high=9.5) == [None, 0, 9.5]
    assert done([1, -5], "cap", dtype="Int64", columns=["x"], low=0, outside="missing") == [1, None]


def test_keys_match_by_what_they_say() -> None:
    lookup = Lookup(pd.DataFrame({"key_0": ["1", "2"], "v": [10.0, 20.0]}))
    table = pd.DataFrame({"x": [1.0, 2.0, None, 3.0]})
    params = {"keys": [["x", "k"]], "take": ["v"], "unmatched": "drop", "prefix": ""}
    join = {"id": "1", "repair": "join", "params": params}
    made = replay.replay(table, [join], {"1": lookup})
    assert made["v"].tolist() == [10, 20]
    scored = replay.replay(table, [join], {"1": lookup}, scoring=True)
    assert len(scored) == 4
    assert replay.outside(table, [join], {"1": lookup})["1"].tolist() == [False, False, True, True]


def test_the_first_or_the_last_of_equal_rows_stays() -> None:
    table = pd.DataFrame({"x": [1, 1, 2], "y": [1, 2, 3]})
    for keep, expected in (("first", [1, 3]), ("last", [2, 3])):
        once = replay.replay(table, [step("deduplicate", columns=["x"], keep=keep)], {})
        assert once["y"].tolist() == expected


def test_a_formula_that_names_a_column_which_is_not_there_says_so() -> None:
    with pytest.raises(replay.ReplayError, match="no column 'nope'") as caught:
        replay.replay(pd.DataFrame({"x": [1]}), [step("derive", name="y", expression="nope + 1")], {})
    assert caught.value.step == "1"


def test_hashes_do_not_depend_on_how_whole_numbers_are_kept() -> None:
    one = replay.hashes(pd.DataFrame({"x": pd.Series([1, 2], dtype="Int64"), "t": ["a", "b"]}), ())
    two = replay.hashes(pd.DataFrame({"x": [1.0, 2.0], "t": ["a", "b"]}), ())
    assert one.tolist() == two.tolist()
