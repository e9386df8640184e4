"""Long tails: of targets, learned as logarithms without bias, and of columns, drawn in for linear models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from skops import io

from mlcore.data.schema import Column, Schema
from mlcore.learning import encode
from mlcore.learning.encode import Wish
from mlcore.learning.fields import fields_of
from mlcore.learning.goal import Goal
from mlcore.learning.heavy import Logged
from mlcore.learning.models import MODELS
from mlcore.learning.planning import candidates
from mlcore.learning.scoring import TRUSTED, conform
from mlcore.learning.tails import long_tailed


def prices(rows: int = 2_000) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    X = random.normal(size=(rows, 2))
    return X, np.exp(3 + X @ [1.0, 0.5] + random.normal(size=rows))


def test_the_mean_is_met_and_without_asking_for_it_the_middle() -> None:
    X, y = prices()
    mean, middle = Logged(Ridge()).fit(X, y).predict(X), Logged(Ridge(), unbiased=False).fit(X, y).predict(X)
    assert mean.sum() == pytest.approx(y.sum(), rel=1e-6)
    assert (y > middle).mean() == pytest.approx(0.5, abs=0.03)
    assert np.square(y - mean).mean() < np.square(y - Ridge().fit(X, y).predict(X)).mean()


def test_the_mean_of_small_counts_is_met_though_the_logarithm_is_of_one_more() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(4_000, 2))
    y = random.poisson(np.exp(-1.2 + X @ [0.8, 0.5]) * random.gamma(0.3, 1 / 0.3, 4_000)).astype(float)
    assert long_tailed(y)
    assert y.min() == 0
    assert Logged(Ridge()).fit(X, y).predict(X).mean() == pytest.approx(y.mean(), rel=0.01)


def test_what_is_stored_says_the_same_and_does_not_leave_the_range_far_behind() -> None:
    X, y = prices()
    model = Logged(Ridge()).fit(X, y)
    stored = io.loads(io.dumps(model.plain_), trusted=list(TRUSTED))
    far = stored.predict(X * 1_000)
    np.testing.assert_array_equal(far, model.predict(X * 1_000))
    assert far.max() < 30 * y.max()


def test_a_target_without_a_long_tail_is_learned_as_it_is() -> None:
    X, y = prices()
    for other in (np.log(y), -y, np.zeros(len(y)), y[:5]):
        assert not long_tailed(other)
    np.testing.assert_allclose(Logged(Ridge()).fit(X, -y).predict(X), Ridge().fit(X, -y).predict(X))


def test_logarithms_are_tried_only_where_the_target_has_a_long_tail() -> None:
    def more(metric: str) -> set[str]:
        goal = Goal(target="y", task="regression", metric=metric)
        kinds = [MODELS[key] for key in ("linear", "lightgbm", "xgboost")]
        with_tail, without = (candidates(kinds, goal, 500, 5, tailed=tailed) for tailed in (True, False))
        return {one.key for one in with_tail} - {one.key for one in without}

    assert more("rmse") == {"linear-log", "linear-bent", "lightgbm-shares", "xgboost-shares"}
    assert more("mae") == {"linear-log", "linear-bent"}  # boosted ones aim for the mean


@pytest.mark.parametrize("key", ["lightgbm", "xgboost"])
def test_boosted_trees_that_multiply_stay_above_zero_and_near_the_mean(key: str) -> None:
    X, y = prices()
    y[::9] = 0
    kind = MODELS[key]
    if not kind.installed:
        pytest.skip(f"{kind.package} is not installed")
    settings = kind.settings({"log": True, "rate": 0.1})
    model = kind.build("regression", settings, 0, 1).set_params(n_estimators=60).fit(X, y)
    assert model.predict(X).min() > 0
    assert model.predict(X).sum() == pytest.approx(y.sum(), rel=0.15)


def test_a_far_cell_moves_a_linear_models_column_little() -> None:
    frame = pd.DataFrame({"size": np.random.default_rng(0).normal(size=100)})
    fields = fields_of(Schema(columns=(Column(name="size", kind="numeric", storage="float"),)), frame)
    made = encode.encoder(fields, Wish(intake="sparse", rows=len(frame), classes=0))
    made.fit(conform(frame, fields), np.zeros(len(frame)))
    far = made.transform(conform(frame.assign(size=1e6), fields))
    assert abs(np.asarray(far)).max() < 30
