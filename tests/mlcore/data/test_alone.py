"""What one column alone tells is neither flattered by chance nor made small by the way it is judged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from mlcore.data import alone
from mlcore.data.effects import Effect
from mlcore.data.relations import relations
from mlcore.data.schema import Column, Schema

SAMPLES = 200


def covered(made: list[Effect], truth: float) -> float:
    return float(np.mean([one.low - 1e-9 <= truth <= one.high + 1e-9 for one in made]))


def of_categories(random: np.random.Generator, rates: np.ndarray, n: int) -> Effect:
    codes = random.integers(0, len(rates), n)
    return alone.auc(codes, None, (random.random(n) < rates[codes]).astype(np.int64), (1,))


@pytest.mark.parametrize("n", [200, 1000])
def test_the_interval_of_a_column_of_categories_holds_the_truth(n: int) -> None:
    rates = np.array([0.2, 0.4, 0.5, 0.7])
    yes, no = rates / rates.sum(), (1 - rates) / (1 - rates).sum()
    truth = float(np.tril(np.outer(yes, no), -1).sum() + (yes * no).sum() / 2)
    random = np.random.default_rng(0)
    assert covered([of_categories(random, rates, n) for _ in range(SAMPLES)], truth) >= 0.9


@pytest.mark.parametrize("n", [60, 200])
def test_a_column_that_says_nothing_seldom_has_an_interval_above_one_half(n: int) -> None:
    random = np.random.default_rng(1)
    made = []
    for _ in range(SAMPLES):
        x = random.normal(size=n)
        codes = np.argsort(np.argsort(x)) * 10 // n
        made.append(alone.auc(codes, x, random.integers(0, 2, n), (1,)))
    assert covered(made, 0.5) >= 0.9


def told(make: Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]], n: int) -> list[float]:
    columns = (Column(name="x", kind="numeric", storage="float", distinct=n),
               Column(name="y", kind="boolean", storage="text", distinct=2))  # fmt: skip
    found = []
    for seed in range(20):
        x, y = make(np.random.default_rng(seed), n)
        sample = pl.DataFrame({"x": x, "y": np.where(y, "yes", "no")})
        found.append(relations(sample, Schema(columns=columns), "y")["x"].value)
    return found


def test_a_relation_that_goes_both_ways_is_seen_in_few_rows() -> None:
    def outside(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        y = random.random(n) < 0.3
        x = random.uniform(-1, 1, n)
        return np.where(y, np.sign(x) * (1 + np.abs(x)), x), y

    assert float(np.median(told(outside, 60))) > 0.85
