"""Shapley values from nothing but a function of rows."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.explanation import shapley

SEVERAL = np.arange(4)


def product(rows: np.ndarray) -> np.ndarray:
    return (rows[:, 0] * rows[:, 1] + 2 * rows[:, 2])[:, None]


def test_the_textbook_example_of_a_product_is_split_evenly() -> None:
    X, B = np.array([[2.0, 3.0, 1.0, 9.0]]), np.zeros((1, 4))
    found = shapley.enumerated(product, X, B, SEVERAL, 4)
    assert found.values[0, :, 0].tolist() == [3.0, 3.0, 2.0, 0.0]


def test_walks_agree_with_coalitions_and_add_up_exactly() -> None:
    random = np.random.default_rng(0)
    X, B = random.normal(size=(5, 4)), random.normal(size=(20, 4))
    exact = shapley.enumerated(product, X, B, SEVERAL, 4)
    walked = shapley.sampled(product, X, B, SEVERAL, shapley.orders(20, 2, 4, seed=0))
    # An order and its reverse together are exact where only pairs of columns interact.
    assert np.abs(walked.values - exact.values).max() < 1e-12
    assert walked.variance is not None
    assert walked.variance.max() < 1e-24
    assert np.abs(walked.values.sum(axis=1) + product(B).mean() - product(X)).max() < 1e-12


def test_the_stated_error_of_walks_is_the_error_they_have() -> None:
    def three(rows: np.ndarray) -> np.ndarray:
        return (rows[:, 0] * rows[:, 1] * rows[:, 2] * rows[:, 3])[:, None]

    random = np.random.default_rng(0)
    X, B = random.normal(size=(40, 4)), random.normal(size=(25, 4))
    exact = shapley.enumerated(three, X, B, SEVERAL, 4).values
    walked = shapley.sampled(three, X, B, SEVERAL, shapley.orders(25, 2, 4, seed=0))
    assert walked.variance is not None
    ratio = np.sqrt(np.mean((walked.values - exact) ** 2) / walked.variance.mean())
    assert 0.6 < ratio < 1.6


def test_encoded_columns_of_one_origin_move_together() -> None:
    def agree(rows: np.ndarray) -> np.ndarray:
        assert (rows[:, 0] == rows[:, 1]).all()
        return rows[:, :1]

    X, B = np.array([[5.0, 5.0, 1.0]]), np.zeros((3, 3))
    origins = np.array([0, 0, 1])
    assert shapley.enumerated(agree, X, B, origins, 2).values[0, :, 0].tolist() == [5.0, 0.0]
    assert shapley.sampled(agree, X, B, origins, shapley.orders(3, 2, 2, 0)).values[0, :, 0].tolist() == [5.0, 0.0]


def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    X, B = random.normal(size=(2, 4)), random.normal(size=(9, 4))
    order = shapley.orders(9, 2, 4, 0)
    whole = shapley.sampled(product, X, B, SEVERAL, order).values, shapley.enumerated(product, X, B, SEVERAL, 4).values
    monkeypatch.setattr(shapley, "CELLS", 1)
    parts = shapley.sampled(product, X, B, SEVERAL, order).values, shapley.enumerated(product, X, B, SEVERAL, 4).values
    assert np.allclose(whole[0], parts[0])
    assert np.allclose(whole[1], parts[1])


def test_the_weights_of_coalitions_sum_to_one() -> None:
    for columns in (1, 3, 7):
        inside = shapley.coalitions(columns)[:, 1:].sum(axis=1)[shapley.coalitions(columns)[:, 0]]
        assert np.isclose(shapley.gains(columns)[inside].sum(), 1)


def test_a_model_that_looks_at_no_column_owes_nothing_to_any() -> None:
    def constant(rows: np.ndarray) -> np.ndarray:
        return np.full((len(rows), 1), 0.3)

    X, B, none = np.empty((2, 0)), np.empty((3, 0)), np.array([], dtype=np.int64)
    walked = shapley.sampled(constant, X, B, none, shapley.orders(3, 2, 14, seed=0))
    assert walked.values.shape == (2, 14, 1)
    assert not walked.values.any()
