"""Columns that work together are found, and those that only add are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.explanation.interplay import interplay, partner
from tests.mlcore.explanation.made import explanation_of


def table(seed: int, n: int = 500) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    made = pd.DataFrame(random.normal(size=(n, 5)), columns=list("abcde"))
    made.loc[random.random(n) < 0.1, "b"] = np.nan
    made["word"] = random.choice(["x", "y", "z"], n)
    made["when"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 700, n), unit="D")
    return made


def contributions(rows: pd.DataFrame, work: bool) -> np.ndarray:
    random = np.random.default_rng(9)
    values = np.column_stack([np.sin(rows["a"]), rows["b"].fillna(1) ** 2, rows["c"], 0 * rows["d"], 0 * rows["e"]])
    values = np.column_stack([values, rows["word"].map({"x": 1, "y": 0, "z": -1}), 0 * rows["a"]])
    values = values + random.normal(0, 0.05, values.shape)
    if work:
        half = rows["c"] * (rows["word"] == "x")
        values[:, 2] += half
        values[:, 5] += half
    return values


def test_columns_that_work_together_are_found_from_both_sides() -> None:
    rows = table(0)
    made = explanation_of(rows, contributions(rows, True))
    assert partner(made, 2)[0] == 5
    assert partner(made, 5)[0] == 2
    assert partner(made, 2)[1] > 0.5
    found = interplay(made)
    assert {tuple(pair) for pair in np.argwhere(found > 0.5 * found.max())} <= {(2, 5), (5, 2)}


def test_columns_that_only_add_have_no_partner() -> None:
    partners = []
    for seed in range(10):
        rows = table(seed)
        made = explanation_of(rows, contributions(rows, False))
        partners += [partner(made, column)[0] for column in (0, 1, 2, 5)]
        found = interplay(made)
        assert found.max() < 0.05
    assert sum(other is not None for other in partners) <= 2  # of 40, each against six others


def test_few_rows_tell_nothing() -> None:
    rows = table(0, 40)
    made = explanation_of(rows, contributions(rows, True))
    assert partner(made, 2) == (None, 0.0)
    assert not interplay(made).any()


@pytest.mark.parametrize("column", ["a", "word"])
def test_a_column_of_one_value_or_none_is_no_partner(column: str) -> None:
    rows = table(1)
    rows[column] = None
    made = explanation_of(rows, contributions(table(1), True))
    assert partner(made, list(rows.columns).index(column))[0] != list(rows.columns).index(column)
