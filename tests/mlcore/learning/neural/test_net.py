"""The neural net: what it learns, that the stored net says the same, and that strange tables do not upset it."""

from __future__ import annotations

import time

import numpy as np
import pytest

from mlcore.evaluation.predictions import Task
from mlcore.learning.neural.inputs import Inputs
from mlcore.learning.neural.net import Held, Net

RANDOM = np.random.default_rng(1)
X = RANDOM.normal(size=(300, 4))
SIGNAL = np.sin(2 * X[:, 0]) + X[:, 1]
TRUTH: dict[Task, np.ndarray] = {
    "binary": (SIGNAL > 0).astype(int),
    "multiclass": np.digitize(SIGNAL, [-0.7, 0.7]),
    "regression": 1e6 + 1e3 * SIGNAL,
}


def test_a_bend_is_learned_in_the_unit_of_the_target() -> None:
    net = Net("regression", width=64, steps=400).fit(X[:200], TRUTH["regression"][:200])
    left = TRUTH["regression"][200:] - net.stock.predict(X[200:])
    assert np.std(left) < 0.5 * np.std(TRUTH["regression"])


@pytest.mark.parametrize("task", TRUTH)
def test_far_values_and_columns_that_say_nothing_do_not_upset_it(task: Task) -> None:
    strange = X.copy()
    strange[:, 2], strange[:, 3] = 7.0, RANDOM.standard_cauchy(300) * 1e6
    net = Net(task, width=8, steps=100, seed=3).fit(strange, TRUTH[task])
    far = np.array([[1e30, -1e30, 1e30, -1e38], [0, 0, 7, 0]])
    said = net.stock.predict(far) if task == "regression" else net.stock.predict_proba(far)
    assert np.isfinite(said).all()
    if task == "regression":
        assert np.ptp(said) < 20 * np.ptp(TRUTH[task])


def test_ramps_end_where_the_rows_do_and_a_constant_has_none() -> None:
    table = np.column_stack([np.arange(100), np.arange(100) % 2, np.zeros(100)]).astype(np.float32)
    inputs = Inputs.of(table, 4)
    assert inputs.column.tolist() == [0, 0, 0, 0, 0, 1]
    beyond = inputs.of_rows(np.array([[99, 1, 0], [1e9, 9, 9]], dtype=np.float32))
    np.testing.assert_allclose(beyond[0], beyond[1], atol=1e-5)


def test_the_pass_that_does_best_on_rows_held_aside_is_kept() -> None:
    noise = RANDOM.integers(0, 2, 300)
    net = Net("binary", width=32, steps=200).fit(X[:200], noise[:200], held=Held(X=X[200:], y=noise[200:]))
    assert 1 <= net.best < 150


def test_it_ends_in_time_and_is_usable_then() -> None:
    start = time.monotonic()
    held = Held(X=X[200:], y=TRUTH["binary"][200:], until=start)
    net = Net("binary", width=64, steps=100_000).fit(X[:200], TRUTH["binary"][:200], held=held)
    assert net.best == 1
    assert net.stock.predict_proba(X).shape == (300, 2)


def test_a_row_that_counts_double_counts_as_two() -> None:
    y = TRUTH["regression"]
    twice = Net("regression", width=8, steps=100, dropout=0.0).fit(X, y, sample_weight=np.where(y > 1e6, 20.0, 1.0))
    once = Net("regression", width=8, steps=100, dropout=0.0).fit(X, y)
    assert twice.stock.predict(X).mean() > once.stock.predict(X).mean()


def test_nothing_to_learn_from_gives_the_share_of_each_label() -> None:
    net = Net("binary", width=8, steps=100).fit(np.zeros((40, 1)), np.arange(40) % 4 == 0)
    np.testing.assert_allclose(net.stock.predict_proba(np.zeros((1, 1)))[0, 1], 0.25, atol=0.05)
