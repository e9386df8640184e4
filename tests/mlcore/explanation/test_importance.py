"""Importance: how each column goes with what it adds, of thousands of columns at once."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from mlcore.explanation import importance
from tests.mlcore.explanation.test_sentences import explanation

CHANCE = np.random.default_rng(0)


def of(table: pd.DataFrame, values: np.ndarray) -> dict[str, float]:  # type: ignore[type-arg]
    rows, columns = table.shape
    made = replace(
        explanation(),
        columns=tuple(table.columns),
        table=table,
        values=values[..., None],
        output=0.5 + values.sum(axis=1)[:, None],
        rows=np.arange(rows),
    )
    found = importance(made)
    assert len(found) == columns
    return dict(zip(found["column"], found["direction"], strict=True))


def test_directions_are_the_rank_correlations_of_the_cells_that_are_there() -> None:
    table = pd.DataFrame(
        {
            "whole": CHANCE.normal(size=40).round(1),
            "gaps": np.where(CHANCE.random(40) < 0.3, np.nan, CHANCE.normal(size=40)),
            "nullable": pd.array([None, *range(39)], dtype="Int64"),
            "day": pd.Series(pd.Timestamp("2026-01-01") + pd.to_timedelta(CHANCE.integers(0, 99, 40), unit="D")).where(
                CHANCE.random(40) > 0.2
            ),
            "word": ["a", "b"] * 20,
            "yes": [True, False] * 20,
            "same": 1.0,
            "two": [1.0, 2.0, *[np.nan] * 38],
        }
    )
    values = CHANCE.normal(size=(40, 8))
    found = of(table, values)
    for place, name in enumerate(("whole", "gaps", "nullable", "day")):
        known = table[name].notna().to_numpy()
        cells = table.loc[known, name]
        cells = cells.astype("int64") if name in ("day", "nullable") else cells
        assert found[name] == pytest.approx(spearmanr(cells, values[known, place]).statistic)
    assert all(np.isnan(found[name]) for name in ("word", "yes", "same", "two"))


def test_thousands_of_columns_are_told_in_a_fraction_of_a_second() -> None:
    table = pd.DataFrame(CHANCE.normal(size=(200, 3_000))).add_prefix("n")
    began = time.process_time()
    of(table, CHANCE.normal(size=(200, 3_000)))
    assert time.process_time() - began < 0.8
