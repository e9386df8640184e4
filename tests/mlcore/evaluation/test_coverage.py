"""Statistical truth: 95 % intervals contain the truth about 95 times in 100, on 300 simulated data sets."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from mlcore.evaluation.intervals import interval
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Predictions

SETS, ROWS, DRAWS, SHIFT, SHARE = 300, 250, 200, 1.2, 0.35


def _binary(random: np.random.Generator, n: int) -> Predictions:
    """Two normal clouds `SHIFT` apart, with the exact probability as score."""
    truth = (random.random(n) < SHARE).astype(np.int64)
    x = random.normal(size=n) + SHIFT * truth
    score = 1 / (1 + np.exp(-(math.log(SHARE / (1 - SHARE)) + SHIFT * (x - SHIFT / 2))))
    return Predictions(
        task="binary", values=np.column_stack([1 - score, score]), rows=np.arange(n), labels=("no", "yes"), truth=truth
    )


def _regression(random: np.random.Generator, n: int) -> Predictions:
    truth = random.normal(size=n)
    return Predictions(task="regression", values=truth + 2 * random.normal(size=n), rows=np.arange(n), truth=truth)


def _covered(key: str, truth: float, make: object) -> float:
    random = np.random.default_rng(20261121)
    hits = 0
    for seed in range(SETS):
        _, low, high = interval(make(random, ROWS), METRICS[key], seed=seed, draws=DRAWS)  # type: ignore[operator]
        hits += low <= truth <= high
    return hits / SETS


def test_intervals_of_roc_auc_cover_the_truth() -> None:
    assert 0.92 <= _covered("roc_auc", NormalDist().cdf(SHIFT / math.sqrt(2)), _binary) <= 0.98


def test_intervals_of_log_loss_cover_the_truth() -> None:
    truth = METRICS["log_loss"].score(_binary(np.random.default_rng(0), 1_000_000))
    assert 0.92 <= _covered("log_loss", truth, _binary) <= 0.98


def test_intervals_of_rmse_cover_the_truth() -> None:
    assert 0.92 <= _covered("rmse", 2.0, _regression) <= 0.98


def test_intervals_of_matthews_correlation_cover_the_truth() -> None:
    truth = METRICS["mcc"].score(_binary(np.random.default_rng(0), 1_000_000))
    assert 0.92 <= _covered("mcc", truth, _binary) <= 0.98


def test_intervals_of_the_distance_between_scores_cover_the_truth_although_chance_lifts_it() -> None:
    assert 0.92 <= _covered("ks", 2 * NormalDist().cdf(SHIFT / 2) - 1, _binary) <= 0.98


@pytest.mark.parametrize(("key", "chance", "least"), [("roc_auc", 0.5, 0.92), ("mcc", 0.0, 0.92), ("ks", 0.0, 0.9)])
def test_the_interval_of_a_useless_score_covers_chance(key: str, chance: float, least: float) -> None:
    random = np.random.default_rng(7)
    hits = 0
    for seed in range(SETS):
        score = random.random(120)
        useless = Predictions(
            task="binary",
            values=np.column_stack([1 - score, score]),
            rows=np.arange(120),
            labels=("no", "yes"),
            truth=(random.random(120) < 0.3).astype(np.int64),
        )
        _, low, high = interval(useless, METRICS[key], seed=seed, draws=DRAWS)
        hits += low <= chance <= high
    assert hits / SETS >= least
