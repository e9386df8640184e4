"""Any two columns have one number that says how far they go together."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from mlcore.data.associations import MOST_COLUMNS, Associations, associations
from mlcore.data.effects import cramers_v, eta_squared, spearman
from mlcore.data.kinds import guess_schema

RNG = np.random.default_rng(4)
ROWS = 3000


def found(frame: pl.DataFrame) -> Associations:
    made = associations(frame, guess_schema(frame), {})
    assert made is not None
    return made


def between(made: Associations, one: str, other: str) -> float:
    value = made.values[made.names.index(one)][made.names.index(other)]
    assert value is not None
    assert value == made.values[made.names.index(other)][made.names.index(one)]
    return value


def test_each_pair_is_measured_by_what_its_columns_hold() -> None:
    x = RNG.normal(size=ROWS)
    group = RNG.integers(0, 4, ROWS)
    frame = pl.DataFrame(
        {
            "x": np.where(RNG.random(ROWS) < 0.3, np.nan, x),
            "falls": -(x**3) + RNG.normal(size=ROWS),
            "word": np.array(list("abcd"))[group],
            "amount": group * 0.5 + RNG.normal(size=ROWS),
            "other": np.array(list("uvwz"))[np.where(RNG.random(ROWS) < 0.5, group, RNG.integers(0, 4, ROWS))],
        }
    ).with_columns(pl.col("x").fill_nan(None))
    made = found(frame)
    known = frame["x"].is_not_null().to_numpy()
    exact = spearman(x[known], frame["falls"].to_numpy()[known])
    assert exact is not None
    assert between(made, "x", "falls") == pytest.approx(exact.value, abs=0.01)
    eta = eta_squared(group, frame["amount"].to_numpy())
    assert eta is not None
    assert between(made, "word", "amount") == pytest.approx(eta.value**0.5, abs=0.03)
    codes = frame["other"].replace_strict(list("uvwz"), list(range(4)), return_dtype=pl.Int64).to_numpy()
    v = cramers_v(np.bincount(group * 4 + codes, minlength=16).reshape(4, 4).astype(float))
    assert v is not None
    assert between(made, "word", "other") == pytest.approx(v.value, abs=0.002)
    assert between(made, "x", "word") < 0.1


def test_of_many_columns_the_strongest_are_kept_and_like_ones_stand_together() -> None:
    noise = {f"n{at}": RNG.normal(size=500) for at in range(60)}
    frame = pl.DataFrame({**noise, "a": np.arange(500.0), "z": np.arange(500.0) ** 2})
    made = found(frame)
    assert (len(made.names), made.of) == (MOST_COLUMNS, 62)
    assert abs(made.names.index("a") - made.names.index("z")) == 1


def test_columns_without_common_rows_have_no_number() -> None:
    half = np.arange(200) % 2 == 0
    frame = pl.DataFrame(
        {"a": np.where(half, 1.5 * np.arange(200), np.nan), "b": np.where(half, np.nan, np.arange(200) * 2.5)}
    )
    made = found(frame.fill_nan(None))
    assert made.values[0][1] is None


def test_names_and_constants_are_left_out_and_one_column_is_no_pair() -> None:
    frame = pl.DataFrame({"id": [f"r{at}" for at in range(100)], "same": ["x"] * 100, "v": RNG.normal(size=100)})
    assert associations(frame, guess_schema(frame), {}) is None
    assert (
        associations(
            pl.DataFrame({"a": [1, 2], "b": [2, 1]}), guess_schema(pl.DataFrame({"a": [1, 2], "b": [2, 1]})), {}
        )
        is None
    )
