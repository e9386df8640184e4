from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Column, Kind, Schema, Storage
from mlcore.learning import scoring
from mlcore.learning.fields import fields_of


def field(values: object, kind: Kind, storage: Storage) -> dict[str, object]:
    schema = Schema(columns=(Column(name="x", kind=kind, storage=storage),))
    return fields_of(schema, pd.DataFrame({"x": values}))[0]


def test_a_number_has_its_range_and_its_gaps() -> None:
    found = field([1.0, None, 4.0, 2.0], "numeric", "float")
    assert found == {"id": "c0", "name": "x", "kind": "number", "missing": 0.25, "low": 1.0, "high": 4.0}


def test_a_number_far_from_zero_is_counted_from_its_lowest_value() -> None:
    assert field([1.7e9, 1.7e9 + 5], "numeric", "float")["offset"] == 1.7e9
    assert "offset" not in field([0, 10**9], "integer", "integer")


def test_categories_come_most_frequent_first() -> None:
    found = field(["b", "a", "b", None], "categorical", "text")
    assert (found["categories"], found["levels"], found["missing"]) == (["b", "a"], 2, 0.25)


def test_a_code_made_of_digits_is_a_category() -> None:
    found = field([10115, 20095], "categorical", "integer")
    assert (found["kind"], found["categories"]) == ("category", ["10115", "20095"])


def test_hours_are_a_part_only_when_there_are_any() -> None:
    days = pd.to_datetime(["2024-01-01", "2024-01-02"])
    assert "hour" not in field(days, "datetime", "datetime")["parts"]  # type: ignore[operator]
    assert "hour" in field(days + pd.Timedelta(hours=5), "datetime", "datetime")["parts"]  # type: ignore[operator]


def test_text_of_few_words_is_a_category() -> None:
    assert field(["red wine", "white wine"] * 50, "text", "text")["kind"] == "category"


def test_a_small_vocabulary_is_enough_for_text() -> None:
    random = np.random.default_rng(0)
    review = [" ".join(f"word{number}" for number in random.integers(0, 40, 8)) for _ in range(100)]
    assert field(review, "text", "text")["kind"] == "text"


def test_text_that_never_comes_twice_is_never_called_unseen() -> None:
    notes = [f"note {number} of patient {number}" for number in range(100)]
    found = field(notes, "text", "text")
    assert (found["kind"], found["levels"], found["categories"]) == ("category", 100, None)


def test_text_with_other_letters_is_read_by_another_pattern() -> None:
    random = np.random.default_rng(0)
    plain = [" ".join(f"word{number}" for number in random.integers(0, 80, 10)) for _ in range(200)]
    assert field(plain, "text", "text")["pattern"] == "[a-zA-Z0-9]+"
    assert field([text + " größe" for text in plain], "text", "text")["pattern"] == r"(?u)\w+"


def test_an_empty_column_is_a_field_too() -> None:
    assert field([None, None], "numeric", "float")["low"] is None
    assert field([None, None], "categorical", "text")["categories"] == []


def test_very_many_numbers_are_measured_at_once_and_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(0)
    table = pd.DataFrame(chance.normal(size=(40, 300)), columns=[f"x{at}" for at in range(300)])
    table.iloc[3, :20], table.iloc[5, 10:30], table["x40"] = np.nan, np.inf, np.arange(40)
    table["x41"] += 1.7e9
    kinds: list[tuple[Kind, Storage]] = [
        ("integer", "integer") if at == 40 else ("numeric", "float") for at in range(300)
    ]
    columns = (Column(name=f"x{at}", kind=kind, storage=storage) for at, (kind, storage) in enumerate(kinds))
    schema = Schema(columns=tuple(columns))
    found = fields_of(schema, table)
    monkeypatch.setattr(scoring, "MANY", 1_000)
    assert found == fields_of(schema, table)
    assert found[15]["missing"] == 2 / 40
    assert "offset" in found[41]
