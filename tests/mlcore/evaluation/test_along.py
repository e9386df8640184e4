"""What is wrong along a column: means with intervals, what is said only beyond chance, missing and equal values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Column
from mlcore.evaluation.along import SHOWN, errors, errors_along, residuals_along
from mlcore.evaluation.predictions import Predictions
from mlcore.plots import CHARTS

TIME = Column(name="t", kind="datetime", storage="datetime")
NUMBER = Column(name="x", kind="numeric", storage="float")


def numbers(residual: np.ndarray, copies: int = 1) -> Predictions:
    n = len(residual)
    return Predictions(
        task="regression",
        values=np.zeros(n),
        truth=np.asarray(residual, dtype=np.float64),
        rows=np.arange(n) // copies,
        measured="cross-validation",
    )


def test_what_the_model_has_not_learned_of_a_column_is_found_where_it_is() -> None:
    random = np.random.default_rng(5)
    x = random.uniform(0, 12, 1_200)
    made = residuals_along(numbers(random.normal(size=1_200) + 3.0 * (x > 10)), pd.Series(x), NUMBER)
    assert sum(span.n for span in made.spans) == 1_200
    assert [span.side for span in made.spans if (span.at or 0) < 9] == [""] * sum((s.at or 0) < 9 for s in made.spans)
    assert made.spans[-1].side == "above"
    assert made.spans[-1].mean == pytest.approx(3.0, abs=0.4)
    reading = CHARTS["residuals_against"].draw(made, "Income").reading
    assert "“Income” is " in reading
    assert "too little there" in reading


def test_chance_alone_raises_no_alarm_in_nineteen_of_twenty_columns() -> None:
    random = np.random.default_rng(1)
    alarms = 0
    for _ in range(100):
        residual = random.normal(size=240)
        made = residuals_along(numbers(residual), pd.Series(random.normal(size=240)), NUMBER)
        alarms += any(span.side for span in made.spans)
    assert alarms <= 12  # 95 % of 100 within chance


def test_rounds_of_a_row_are_not_more_rows() -> None:
    random = np.random.default_rng(2)
    residual = random.normal(size=200)
    once = residuals_along(numbers(residual), pd.Series(np.repeat([0.0, 1.0, 2.0, 3.0], 50)), NUMBER)
    fivefold = residuals_along(
        numbers(np.repeat(residual, 5), copies=5), pd.Series(np.repeat([0.0, 1.0, 2.0, 3.0], 250)), NUMBER
    )
    assert fivefold.n == once.n == 200
    for few, many in zip(once.spans, fivefold.spans, strict=True):
        assert few.low is not None
        assert many.low == pytest.approx(few.low, rel=1e-6)


def test_missing_values_and_categories_are_parts_of_their_own() -> None:
    x = np.where(np.arange(300) % 3 == 0, np.nan, np.arange(300.0))
    made = residuals_along(numbers(np.ones(300)), pd.Series(x), NUMBER)
    assert made.spans[-1].label == "missing"
    assert made.spans[-1].n == 100
    assert made.spans[-1].at is None
    words = pd.Series(np.where(np.arange(300) % 2, "a", "b"))
    made = residuals_along(numbers(np.ones(300)), words, Column(name="w", kind="categorical", storage="text"))
    assert made.kind == "category"
    assert {span.label: span.n for span in made.spans} == {"a": 150, "b": 150}
    assert made.points == ()


def test_the_points_are_a_sample_of_stated_size() -> None:
    made = residuals_along(numbers(np.ones(5_000)), pd.Series(np.arange(5_000.0)), NUMBER)
    assert len(made.points) == SHOWN
    assert f"{SHOWN:,} drawn" in CHARTS["residuals_against"].draw(made).basis


def test_the_error_of_probabilities_is_the_brier_score() -> None:
    made = Predictions(
        task="binary", values=np.array([[0.7, 0.3], [0.1, 0.9]]), rows=np.arange(2), labels=("no", "yes"),
        positive="yes", truth=np.array([1, 1]),
    )  # fmt: skip
    error, what = errors(made)
    assert what == "probability error"
    assert error.tolist() == pytest.approx([0.49, 0.01])


def test_an_error_that_grows_with_time_is_said_with_the_period() -> None:
    random = np.random.default_rng(0)
    when = pd.Series(pd.date_range("2024-01-01", periods=720, freq="D"))
    scale = np.where(np.arange(720) >= 660, 6.0, 1.0)
    made = errors_along(numbers(random.normal(size=720) * scale), when, TIME)
    assert made.kind == "time"
    late = [span for span in made.spans if span.side == "above"]
    assert late
    assert all((span.at or 0) > when[640].timestamp() for span in late)
    reading = CHARTS["error_over_time"].draw(made).reading
    assert reading.startswith("It errs most in 2025 Q4: ")
    steady = errors_along(numbers(random.normal(size=720)), when, TIME)
    assert "In none of" in CHARTS["error_over_time"].draw(steady).reading


@pytest.mark.parametrize("n", [1, 3])
def test_few_rows_have_no_interval_and_no_verdict(n: int) -> None:
    made = residuals_along(numbers(np.full(n, 50.0)), pd.Series(np.arange(n, dtype=np.float64)), NUMBER)
    assert all(span.low is None and not span.side for span in made.spans)
    assert "nan" not in CHARTS["residuals_against"].draw(made).reading
