"""Kinds are guessed with a reason; a person's word counts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mlcore.data import kinds
from mlcore.data.kinds import chosen_kind, guess_schema

CASES = [
    ("price", [1.5, 2.5, 3.0] * 10, "numeric"),
    ("children", [0, 1, 2, 3, 4, 5] * 5, "integer"),
    ("churned", [0, 1] * 15, "boolean"),
    ("churned", ["no", "Yes"] * 15, "boolean"),
    ("colour", ["red", "green", "blue"] * 10, "categorical"),
    ("size", ["small", "medium", "large"] * 10, "ordinal"),
    ("sex", ["male", "female"] * 15, "categorical"),
    ("when", [datetime(2025, 1, day) for day in range(1, 31)], "datetime"),
    ("customer_id", [f"C{number:05d}" for number in range(30)], "identifier"),
    ("row", list(range(30)), "identifier"),
    ("row", list(range(1990, 2020)), "identifier"),
    ("year", list(range(1990, 2020)), "integer"),
    ("Year", list(range(2019, 1989, -1)), "integer"),
    ("model_year", list(range(1990, 2020)), "integer"),
    ("yearly_no", list(range(1990, 2020)), "identifier"),
    ("year", list(range(30)), "identifier"),
    ("customer_id", [7 * number % 1009 for number in range(30)], "identifier"),
    ("population", [7 * number % 1009 for number in range(30)], "integer"),
    ("zip_code", [10115, 10117, 80331] * 10, "categorical"),
    ("comment", [f"this is sentence number {number} of many" for number in range(30)], "text"),
    ("country", ["DE"] * 30, "constant"),
    ("empty", [None] * 30, "constant"),
]


@pytest.mark.parametrize(("name", "values", "kind"), CASES)
def test_a_kind_is_guessed_with_a_reason(name: str, values: list[object], kind: str) -> None:
    column = guess_schema(pl.DataFrame({name: values}, strict=False))[name]
    assert column.kind == kind
    assert column.reason
    assert 0.5 <= column.confidence <= 1


def test_categories_come_most_frequent_first() -> None:
    column = guess_schema(pl.DataFrame({"c": ["b"] * 3 + ["a"] * 3 + ["c"] * 5 + [None]}))["c"]
    assert column.categories == ("c", "a", "b")
    assert column.missing == pytest.approx(1 / 12)
    assert column.distinct == 3


def test_ranges_are_seen_and_dates_have_seconds() -> None:
    schema = guess_schema(pl.DataFrame({"x": [1.0, 5.0], "d": [datetime(1970, 1, 1), datetime(1970, 1, 2)]}))
    assert (schema["x"].low, schema["x"].high) == (1.0, 5.0)
    assert (schema["d"].low, schema["d"].high) == (0.0, 86_400.0)


def test_a_chosen_kind_brings_its_categories(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"code": [3, 1, 3, 2], "x": [1.0, 2.0, 3.0, 4.0]}).write_parquet(path)
    column = chosen_kind(guess_schema(path), "code", "categorical", path)["code"]
    assert column.categories == ("3", "1", "2")
    assert (column.reason, column.confidence, column.storage) == ("chosen by you", 1.0, "integer")


def test_of_very_many_categories_the_most_frequent_are_kept_and_ties_go_by_name(tmp_path: Path) -> None:
    names = [f"p{place:05}" for place in range(3000)]
    path = tmp_path / "t.parquet"
    cells = [*names, *reversed(names[1000:1999]), *names[1500:1600], None]
    pl.DataFrame({"code": cells, "x": [float(place % 7) for place in range(len(cells))]}).write_parquet(path)
    column = guess_schema(path)["code"]
    assert column.distinct == 3000
    often, then, alone = names[1500:1600], names[1000:1500] + names[1600:1999], names[:1]
    assert column.categories == (*often, *then, *alone)
    assert guess_schema(path)["x"].distinct == 7


def test_zeros_of_both_signs_are_one_value() -> None:
    assert guess_schema(pl.DataFrame({"x": [0.0, -0.0, 1.0, 0.0]}))["x"].distinct == 2


def test_many_columns_of_fractions_are_looked_at_together_and_described_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = np.random.default_rng(0)
    odd = {"zeros": [0.0, -0.0] * 30, "gone": [None] * 60, "last": [None] * 59 + [3.5], "same": [2.5] * 60}
    usual = {f"x{place}": chance.poisson(1, 60) / 4 for place in range(60)}
    gaps = {
        f"g{place}": [None if chance.random() < 0.3 else float(chance.normal()) for _ in range(60)]
        for place in range(9)
    }
    table = pl.DataFrame({**usual, **odd, **gaps, "word": ["a", "b"] * 30}, schema_overrides={"gone": pl.Float64})
    table.write_parquet(tmp_path / "t.parquet")
    single = guess_schema(table)
    looked: list[str] = []
    monkeypatch.setattr(kinds, "_facts", lambda column, one=kinds._facts: looked.append(column.name) or one(column))
    assert guess_schema(tmp_path / "t.parquet") == single
    assert looked == ["gone", "word"], "one by one only what is not many of a kind"
