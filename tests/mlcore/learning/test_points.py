"""Scorecards: whole points, and a table that says what the model says."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from mlcore.data.schema import Column, Schema
from mlcore.learning.encode import Wish, encoder
from mlcore.learning.fields import fields_of
from mlcore.learning.points import lines_of, points_of
from mlcore.learning.scorecards import Scorecard
from mlcore.learning.scoring import conform

RANDOM = np.random.default_rng(5)
X = np.column_stack([RANDOM.normal(size=400), RANDOM.integers(0, 2, 400), np.ones(400), RANDOM.random(400) < 0.03])
Y = (X[:, 0] + X[:, 1] + RANDOM.logistic(size=400) * 0.5 > 0.5).astype(int)


def added(row: np.ndarray, model: object) -> int:
    """With a pencil."""
    return sum(
        part.points
        for part in points_of(model)
        if (part.low is None or row[part.column] >= part.low) and (part.high is None or row[part.column] < part.high)
    )


def test_the_sum_of_points_orders_rows_as_the_model_does() -> None:
    model = Scorecard(parts=4, most=10).fit(X, Y).stock
    sums = np.array([added(row, model) for row in X])
    odds = model.decision_function(X)
    assert {part.column for part in points_of(model)} == {0, 1, 3}
    assert max(part.points for part in points_of(model)) <= 10
    assert min(part.points for part in points_of(model)) == 0
    worth = np.polyfit(sums, odds, 1)
    np.testing.assert_allclose(np.polyval(worth, sums), odds, atol=1e-6)


def test_rounded_points_keep_the_share_of_each_label() -> None:
    said = Scorecard(most=5).fit(X, Y).stock.predict_proba(X)[:, 1]
    assert abs(said.mean() - Y.mean()) < 0.01


def test_columns_that_say_nothing_get_no_points() -> None:
    model = Scorecard().fit(np.zeros((50, 2)), np.arange(50) % 2).stock
    assert {part.points for part in points_of(model)} == {0}
    np.testing.assert_allclose(model.predict_proba(np.zeros((1, 2))), 0.5, atol=1e-6)


def test_the_table_says_in_the_users_words_what_lies_between_two_dates() -> None:
    frame = pd.DataFrame({"asked": pd.date_range("2024-01-01", periods=80), "paid": pd.Timestamp("2024-06-01")})
    schema = Schema(columns=tuple(Column(name=name, kind="datetime", storage="datetime") for name in frame))
    fields, y = fields_of(schema, frame), np.arange(80) // 40
    encode = encoder(fields, Wish(intake="filled", rows=80, classes=2))
    X = encode.fit_transform(conform(frame, fields), y)
    pipeline = Pipeline([("encode", encode), ("model", Scorecard().fit(X, y).stock)])
    said = {line.column for line in lines_of(pipeline, fields)}
    assert {"asked (days)", "days from asked to paid"} <= said
    assert not [column for column in said if "since" in column]
