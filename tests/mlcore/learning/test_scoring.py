from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcore.learning import scoring
from mlcore.learning.scoring import MISSING, categories, conform, flags, labels_of, problems

NUMBER = {"id": "c0", "name": "n", "kind": "number", "missing": 0.0, "low": 0.0, "high": 10.0}
CATEGORY = {"id": "c1", "name": "k", "kind": "category", "missing": 0.0, "levels": 2, "categories": ["a", "1"]}
TIME = {"id": "c2", "name": "t", "kind": "time", "missing": 0.0, "low": 0.0, "high": 86400.0, "parts": ["days", "hour"]}


def series(*values: Any) -> pd.Series:
    return pd.Series(list(values), dtype=object)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (pd.Series([1, 2]), ["1", "2"]),
        (pd.Series([1.0, None, 2.5]), ["1", None, "2.5"]),
        (pd.Series([True, False]), ["True", "False"]),
        (pd.Series(["yes", None, ""], dtype="str"), ["yes", None, ""]),
        (series("a", 1, 1.0, [1, 2]), ["a", "1", "1", "[1, 2]"]),
        (pd.Series([10.0**20, 0.1]), ["1e+20", "0.1"]),
        (pd.Series(["x", "y"], dtype="category"), ["x", "y"]),
    ],
)
def test_labels_are_text_and_whole_numbers_have_no_point(values: pd.Series, labels: list[str | None]) -> None:
    assert [None if pd.isna(label) else label for label in labels_of(values)] == labels


def test_numbers_are_rounded_to_float32_and_gaps_of_all_spellings_are_missing() -> None:
    table = pd.DataFrame({"n": series("0.1", " 2 ", "", "NA", None, True, 1e300, "x", np.inf)})
    frame = conform(table, [NUMBER | {"missing": 0.5}])
    expected = [np.float32(0.1), 2, np.nan, np.nan, np.nan, 1, scoring.LARGEST, np.nan, np.nan]
    np.testing.assert_array_equal(frame["c0"], np.array(expected, dtype=np.float64))
    assert frame["c0_missing"].tolist() == [0, 0, 1, 1, 1, 0, 0, 1, 1]


def test_numbers_far_from_zero_are_moved_before_rounding() -> None:
    table = pd.DataFrame({"n": [1_700_000_000, 1_700_000_001]})
    assert conform(table, [NUMBER | {"offset": 1_700_000_000.0}])["c0"].tolist() == [0, 1]


def test_times_come_in_as_timestamps_dates_and_text_with_or_without_zone() -> None:
    table = pd.DataFrame({"t": series("1970-01-03", date(1970, 1, 3), "1970-01-03T02:30:00+02:00", "3 Jan 1970", None)})
    frame = conform(table, [TIME])
    np.testing.assert_array_equal(frame["c2_days"], [2, 2, 2, 2, np.nan])
    np.testing.assert_array_equal(frame["c2_hour"], [0, 0, 0.5, 0, np.nan])
    zoned = pd.DataFrame({"t": pd.to_datetime(["1970-01-03 01:00"]).tz_localize("Europe/Berlin")})
    assert conform(zoned, [TIME])["c2_hour"].tolist() == [0]


def test_day_and_month_are_read_in_the_order_of_the_training_file() -> None:
    table = pd.DataFrame({"t": series("01/02/1970", "1970-02-01", "13/02/1970")})
    assert conform(table, [TIME | {"day_first": True}])["c2_days"].tolist() == [31, 31, 43]
    assert conform(table.head(2), [TIME | {"day_first": False}])["c2_days"].tolist() == [1, 31]


def test_an_empty_category_is_a_category_of_its_own() -> None:
    assert conform(pd.DataFrame({"k": series("a", 1, None, "")}), [CATEGORY])["c1"].tolist() == ["a", "1", "␀", "␀"]


def test_each_word_of_a_category_is_spelled_once_and_every_kind_of_gap_is_one() -> None:
    cells = pd.Series(["a", "", None, "b", 1.0, np.nan, True, [1]], dtype=object, index=range(3, 11), name="q")
    read = categories(cells)
    assert read.tolist() == ["a", MISSING, MISSING, "b", "1", MISSING, "True", "[1]"]
    assert read.dtype == object
    assert (list(read.index), read.name) == (list(range(8)), "q")
    assert categories(pd.Series([], dtype="str")).tolist() == []


def test_true_and_false_are_known_in_every_spelling() -> None:
    field = CATEGORY | {"categories": ["FALSE", "TRUE"]}
    for cells in (pd.Series([True, False]), series("true", "False"), pd.Series(["TRUE", "FALSE"], dtype="str")):
        table = pd.DataFrame({"k": cells})
        assert conform(table, [field])["c1"].tolist() == ["TRUE", "FALSE"]
        assert flags(table, [field]) == ["", ""]
    assert conform(pd.DataFrame({"k": series("true", None)}), [CATEGORY])["c1"].tolist() == ["true", "␀"]
    assert conform(pd.DataFrame({"n": series("TRUE", "false", True)}), [NUMBER])["c0"].tolist() == [1, 0, 1]


def test_flags_say_what_training_never_saw() -> None:
    table = pd.DataFrame(
        {
            "n": series(5, 11, None, "x"),
            "k": series("a", "b", None, 1.0),
            "t": series("1970-01-01", "1969-12-31", "1970-01-03", "never"),
        }
    )
    assert flags(table, [NUMBER, CATEGORY, TIME]) == [
        "",
        "range:n;unseen:k;range:t",
        "missing:n;missing:k",
        "unreadable:n;unreadable:t",
    ]


def test_a_cell_that_cannot_be_read_is_named_with_its_row_and_what_was_expected() -> None:
    table = pd.DataFrame({"n": series(1, "x"), "t": series("soon", "1970-01-01")})
    assert problems(table, [NUMBER, TIME]) == [
        {"row": 1, "column": "n", "value": "x", "expected": "a number"},
        {"row": 0, "column": "t", "value": "soon", "expected": "a date or time"},
    ]


def test_a_column_that_is_missing_or_there_twice_is_named() -> None:
    with pytest.raises(scoring.ScoringError, match="lacks the column 'n'"):
        conform(pd.DataFrame({"k": ["a"]}), [NUMBER])
    twice = pd.DataFrame([[1, 2]], columns=["n", "n"])
    with pytest.raises(scoring.ScoringError, match="more than one column 'n'"):
        conform(twice, [NUMBER])


def test_a_column_whose_name_is_a_number_or_an_internal_name_is_found() -> None:
    fields = [NUMBER | {"name": "c1"}, CATEGORY | {"name": "0"}]
    frame = conform(pd.DataFrame({0: ["a"], "c1": [3.0]}), fields)
    assert frame.iloc[0].to_dict() == {"c0": 3.0, "c1": "a"}


def test_the_runtime_imports_nothing_of_this_project(tmp_path: Path) -> None:
    copy = tmp_path / "scoring.py"
    copy.write_text(Path(scoring.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    code = "import sys; import scoring; assert not any(m.startswith('mlcore') for m in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, env={"PYTHONPATH": str(tmp_path)})


def test_numbers_written_as_text_are_read_alike_in_one_column_and_in_thousands_at_once() -> None:
    cells = ["1", " 2.5 ", "TRUE", "na", "", None, "inf", "x", "1e400", "-3"]
    names = [f"n{place}" for place in range(600)]
    table = pd.DataFrame(dict.fromkeys(names, pd.Series(cells, dtype=object)) | {"word": "a"}, copy=True)
    fields = [{"id": f"c{place}", "name": name, "kind": "number", "missing": True} for place, name in enumerate(names)]
    made = scoring.typed(table, fields)
    known, unreadable = scoring.numbers(table["n0"])
    assert (made[names].dtypes == np.float64).all()
    for name in ("n0", "n599"):
        again = scoring.numbers(made[name])
        np.testing.assert_array_equal(again[0], known)
        np.testing.assert_array_equal(again[1], unreadable)
    assert list(known[:4]) == [1.0, 2.5, 1.0, pytest.approx(np.nan, nan_ok=True)]
    assert unreadable.sum() == 3
    assert list(made["word"]) == ["a"] * len(cells)
    assert scoring.typed(made, fields) is made
