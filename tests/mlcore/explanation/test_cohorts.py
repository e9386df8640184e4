"""Groups of rows are compared by what moves the model for them, over time and by themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import UserError
from mlcore.explanation.cohorts import choices, compared, dates, over_time
from mlcore.explanation.patterns import patterns
from tests.mlcore.explanation.made import explanation_of

N = 400


def made(seed: int = 0, days: int = 365):
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "age": random.normal(40, 10, N),
            "town": random.choice(["Ulm", "Bonn"], N),
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, days, N), unit="D"),
        }
    )
    table.loc[:20, "age"] = np.nan
    values = random.normal(0, 0.01, (N, 3))
    values[:, 1] += np.where(table["town"] == "Ulm", 0.2, -0.1)
    values[:, 0] += 0.3 * (table["when"].dt.month > 6)
    return explanation_of(table, values, "binary")


def test_the_column_that_tells_the_group_from_the_others_comes_first() -> None:
    explanation = made()
    inside = choices(explanation, "town")["= Ulm"]
    found = compared(explanation, inside)
    assert found["column"][0] == "town"
    assert found["difference"][0] == pytest.approx(0.3, abs=0.01)
    assert found["low"][0] < 0.3 < found["high"][0]


def test_the_interval_of_a_difference_holds_it_in_about_95_of_100() -> None:
    hits = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        table = pd.DataFrame({"a": random.normal(size=120)})
        inside = np.arange(120) < 50
        explanation = explanation_of(table, np.where(inside, 1.0, 0.0)[:, None] + random.normal(size=(120, 1)))
        line = compared(explanation, inside).iloc[0]
        hits += line["low"] <= 1.0 <= line["high"]
    assert 0.90 <= hits / 200 <= 0.99


def test_numbers_are_cut_into_four_parts_that_hold_every_row_once() -> None:
    groups = choices(made(), "age")
    assert list(groups)[-1] == "is missing"
    assert sum(group.astype(int) for group in groups.values()).tolist() == [1] * N


def test_numbers_and_times_that_are_close_keep_a_group_each() -> None:
    table = pd.DataFrame({
        "price": [1234.1, 1234.2, 1234.3] * 20,
        "when": pd.Timestamp("2024-01-01 08:00") + pd.to_timedelta(np.arange(60) % 3, unit="h"),
    })  # fmt: skip
    explanation = explanation_of(table, np.zeros((60, 2)))
    assert list(choices(explanation, "price")) == ["= 1234.1", "= 1234.2", "= 1234.3"]
    assert [int(group.sum()) for group in choices(explanation, "when").values()] == [20, 20, 20]


def test_a_group_of_a_few_rows_is_refused_in_a_sentence() -> None:
    with pytest.raises(UserError, match="too few to compare"):
        compared(made(), np.arange(N) < 4)


def test_contributions_are_followed_month_by_month() -> None:
    explanation = made()
    course = over_time(explanation, dates(explanation)[0])
    assert course.unit == "month"
    assert course.rows.sum() == N
    late = np.array([start.month > 6 for start in course.starts])
    assert course.values[late, 0].mean() - course.values[~late, 0].mean() == pytest.approx(0.3, abs=0.01)


def test_years_are_taken_when_there_are_many_and_days_when_there_are_few() -> None:
    assert over_time(made(days=3650), "when").unit == "year"
    assert over_time(made(days=5), "when").unit == "day"
    with pytest.raises(UserError, match="Too few rows"):
        over_time(made(days=1), "when")
    with pytest.raises(UserError, match="does not hold dates"):
        over_time(made(), "age")


def test_rows_with_the_same_reasons_are_put_together() -> None:
    random = np.random.default_rng(0)
    kind = random.integers(0, 3, N)
    values = np.array([[1, 0, 0], [0, -1, 0], [0, 0.2, 1]])[kind] + random.normal(0, 0.1, (N, 3))
    found = patterns(explanation_of(made().table, values))
    assert found is not None
    assert len(found.centres) == 3
    assert len(set(zip(kind, found.group, strict=True))) == 3
    assert (np.diff(np.bincount(found.group)) <= 0).all()
    again = patterns(explanation_of(made().table, values))
    assert again is not None
    assert (again.group == found.group).all()


def test_an_even_cloud_falls_into_no_groups() -> None:
    values = np.random.default_rng(1).normal(size=(N, 6))
    table = pd.DataFrame(values, columns=list("abcdef"))
    assert patterns(explanation_of(table, values)) is None
    assert patterns(explanation_of(table, np.zeros((N, 6)))) is None
