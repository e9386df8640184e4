"""A smooth surface: what it chooses, what rows count, and what is stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.kernel_ridge import KernelRidge

from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.scoring import Scorer
from mlcore.learning.smooth import Smooth
from mlcore.learning.trial import fit

Laid = Callable[..., Path]
CHANCE = np.random.default_rng(0)
X = CHANCE.normal(size=(150, 2))
Y = 100 + 20 * np.sin(2 * X[:, 0]) * X[:, 1] + CHANCE.normal(size=150)


def test_the_errors_it_chooses_by_are_those_of_rows_really_left_out() -> None:
    few, aimed, weights = X[:30], (Y[:30] - Y[:30].mean()) / Y[:30].std(), CHANCE.uniform(0.5, 2, 30)
    least, penalty = Smooth()._left_out(few, aimed, weights, 0.3)
    away = []
    for row in range(30):
        rest = np.arange(30) != row
        model = KernelRidge(kernel="rbf", gamma=0.3, alpha=penalty)
        model.fit(few[rest], aimed[rest], sample_weight=weights[rest])
        away.append(np.sqrt(weights[row]) * (aimed[row] - model.predict(few[[row]])[0]))
    assert least == pytest.approx(np.mean(np.square(away)), rel=1e-6)


def test_it_bends_where_the_rows_do_and_stays_calm_where_they_are_noise() -> None:
    new = np.random.default_rng(1).normal(size=(200, 2))
    truth = 100 + 20 * np.sin(2 * new[:, 0]) * new[:, 1]
    assert np.sqrt(np.mean((Smooth().fit(X, Y).predict(new) - truth) ** 2)) < 0.5 * truth.std()
    noise = Smooth().fit(X, CHANCE.normal(size=150)).predict(new)
    assert noise.std() < 0.5


def test_a_row_of_weight_two_counts_as_two() -> None:
    weights = np.where(np.arange(60) < 20, 2.0, 1.0)
    twice = np.concatenate([np.arange(60), np.arange(20)])
    one = KernelRidge(kernel="rbf", gamma=0.1, alpha=1.0).fit(X[:60], Y[:60] - 100, sample_weight=weights)
    two = KernelRidge(kernel="rbf", gamma=0.1, alpha=1.0).fit(X[twice], Y[twice] - 100)
    np.testing.assert_allclose(one.predict(X), two.predict(X), rtol=1e-6, atol=1e-6)
    weighed = Smooth().fit(X[:60], Y[:60], sample_weight=np.where(np.arange(60) < 20, 50.0, 1.0))
    even = Smooth().fit(X[:60], Y[:60])
    assert np.abs(weighed.predict(X[:20]) - Y[:20]).mean() < np.abs(even.predict(X[:20]) - Y[:20]).mean()


def test_what_is_stored_is_stock_and_says_the_same(laid_out: Laid) -> None:
    table = pd.DataFrame(X, columns=["a", "b"]).assign(y=Y, kind=np.where(X[:, 0] > 0, "up", "down"))
    folder = laid_out(table, Goal(target="y", task="regression", metric="rmse"), only=("kernel",))
    assert "kernel" in [candidate.key for candidate in RunFolder(folder).plan.candidates]
    trial = fit(folder, "kernel")
    assert trial.score is not None, trial.reason
    assert trial.score < 0.6 * Y.std()
    scorer = Scorer.load(folder / "trials" / "kernel" / "model")
    assert type(scorer.members[0][1].named_steps["model"]).__module__.startswith("sklearn.")
    together = scorer.values(table)
    np.testing.assert_allclose(scorer.values(table.head(1)), together[:1], rtol=1e-9)
