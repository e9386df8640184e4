from __future__ import annotations

import numpy as np
import pytest

from mlcore.evaluation.averages import greedy, moved
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Floats, Predictions

RMSE = METRICS["rmse"]


def _said(truth: Floats, noise: Floats) -> Predictions:
    values = truth + noise
    return Predictions(
        task="regression", values=values, rows=np.arange(len(truth)), truth=truth, low=values - 1, high=values + 2
    )


def _three() -> list[Predictions]:
    random = np.random.default_rng(0)
    truth = random.normal(size=300)
    return [_said(truth, spread * random.normal(size=300)) for spread in (1.0, 1.0, 4.0)]


def _worth(said: Predictions) -> float:
    return -RMSE.score(said)


def test_equally_good_models_share_the_weight_and_a_poor_one_gets_little() -> None:
    parts = _three()
    found = greedy(parts, _worth, steps=24)
    assert found.shares.sum() == pytest.approx(1)
    assert found.shares[:2] == pytest.approx([0.5, 0.5], abs=0.1)
    assert found.shares[2] < 0.1
    mean = sum(share * part.values for share, part in zip(found.shares, parts, strict=True))
    np.testing.assert_allclose(found.said.values, mean)


def test_the_average_is_never_worse_than_the_first_model() -> None:
    first, *_, poor = _three()
    alone = greedy([first, poor], _worth, steps=3)
    assert _worth(alone.said) >= _worth(first)
    assert greedy([first, poor], _worth, steps=24, going=lambda: False).counts.tolist() == [1, 0]


def test_an_interval_moves_with_its_value() -> None:
    said = moved(_three()[0], np.zeros(300))
    assert said.low is not None
    assert said.high is not None
    np.testing.assert_allclose(said.low, -1.0)
    np.testing.assert_allclose(said.high, 2.0)
