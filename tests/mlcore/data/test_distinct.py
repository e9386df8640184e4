"""Different numbers are counted the same, whichever way is quicker."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.data.distinct import distinct

DRAW = np.random.default_rng(7)
DAY = 86_400_000_000

COLUMNS = {
    "one": np.array([5]),
    "whole numbers close together": DRAW.integers(-500, 90_000, 50_000),
    "whole numbers far apart": DRAW.integers(-(2**60), 2**60, 5_000),
    "small whole numbers": np.array([-128, 127, 0, 127], np.int8),
    "whole numbers beyond signed ones": np.array([2**64 - 1, 2**64 - 2, 2**64 - 1], np.uint64),
    "dates": DRAW.integers(-900, 900, 20_000) * DAY,
    "dates, and one with a time at the end": np.append(DRAW.integers(0, 900, 20_000) * DAY, 5 * DAY + 1),
    "moments": DRAW.integers(0, 2000, 20_000) * 1_000_000,
    "prices": np.round(DRAW.uniform(-5, 300, 50_000), 2),
    "prices, and one with more digits at the end": np.append(np.round(DRAW.uniform(0, 30, 50_000), 2), 1.001),
    "fractions of any length": DRAW.uniform(0, 1, 20_000),
    "fractions next to each other": np.append(np.full(20_000, 0.1), np.nextafter(0.1, 1)),
    "zeros of both signs": np.array([0.0, -0.0, 1.0]),
    "infinite": np.array([np.inf, 1.0, -np.inf, 1.0]),
    "enormous": np.array([1e300, 1e299, 1e300]),
}


@pytest.mark.parametrize("values", COLUMNS.values(), ids=COLUMNS.keys())
def test_different_numbers_are_counted_exactly(values: np.ndarray) -> None:
    assert distinct(values) == len(set(values.tolist()))


def test_no_numbers_are_none() -> None:
    assert distinct(np.array([])) == 0


def test_each_value_that_is_no_number_counts() -> None:
    assert distinct(np.array([np.nan, 1.0, np.nan, 1.0])) == 3
