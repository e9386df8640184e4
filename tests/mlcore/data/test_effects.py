"""Effect sizes are those of the textbooks, and their intervals hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.data import effects
from mlcore.data.effects import Effect

RNG = np.random.default_rng(5)


def covered(made: list[Effect | None], truth: float) -> float:
    return float(np.mean([one is not None and one.low - 1e-9 <= truth <= one.high + 1e-9 for one in made]))


def auc(score: np.ndarray, labels: np.ndarray) -> Effect:
    return effects.auc([effects.in_order(score)], labels, (1,))


def test_the_interval_of_an_auc_holds_the_truth_in_nineteen_samples_of_twenty() -> None:
    truth = 0.7602499389  # of two normal distributions one standard deviation apart
    samples = []
    for _ in range(300):
        labels = RNG.integers(0, 2, 150)
        samples.append(auc(RNG.normal(size=150) + labels, labels))
    assert 0.91 <= covered(samples, truth) <= 0.99


def test_the_variance_of_an_auc_is_that_of_delong() -> None:
    labels = np.repeat([0, 1], 40)
    score = RNG.normal(size=80) + labels
    positive, negative = score[labels == 1], score[labels == 0]
    wins = (positive[:, None] > negative[None, :]).astype(float)
    error = (wins.mean(axis=1).var(ddof=1) / 40 + wins.mean(axis=0).var(ddof=1) / 40) ** 0.5
    found = auc(score, labels)
    half = (np.log(found.high / (1 - found.high)) - np.log(found.low / (1 - found.low))) / 2
    assert found.value == pytest.approx(wins.mean())
    assert half * found.value * (1 - found.value) / effects.Z == pytest.approx(error, rel=1e-9)
    assert found.method == "DeLong"


def test_a_perfect_auc_is_not_called_certain() -> None:
    found = auc(np.arange(40.0), np.repeat([0, 1], 20))
    assert (found.value, found.high) == (1.0, 1.0)
    assert 0.8 < found.low < 0.9


def test_several_labels_have_one_interval() -> None:
    labels = RNG.integers(0, 3, 600)
    score = effects.in_order(RNG.normal(size=600) + labels)
    found = effects.auc([score, score, score], labels, (0, 1, 2))
    assert found.low < found.value < found.high
    assert "averaged" in found.method


def test_the_interval_of_r_squared_holds_the_truth_in_nineteen_samples_of_twenty() -> None:
    samples = []
    for _ in range(300):
        x = RNG.normal(size=400)
        y = 0.6 * x + 0.8 * RNG.normal(size=400)
        samples.append(effects.r_squared(y, np.polyval(np.polyfit(x, y, 1), x)))
    assert 0.91 <= covered(samples, 0.36) <= 0.99


def test_the_interval_of_a_rank_correlation_holds_the_truth_in_nineteen_samples_of_twenty() -> None:
    samples = []
    for _ in range(300):
        x = RNG.normal(size=120)
        samples.append(effects.spearman(x, 0.5 * x + 0.75**0.5 * RNG.normal(size=120)))
    assert 0.91 <= covered(samples, 6 / np.pi * np.arcsin(0.25)) <= 0.99


def test_cramers_v_is_not_biased_by_many_categories() -> None:
    unrelated = [effects.cramers_v(RNG.multinomial(300, [1 / 40] * 40).reshape(8, 5).astype(float)) for _ in range(100)]
    assert float(np.mean([one.value for one in unrelated if one is not None])) < 0.06
    assert covered(unrelated, 0.0) > 0.93
    perfect = effects.cramers_v(np.diag([50.0, 60.0, 70.0]))
    assert perfect is not None
    assert perfect.value > 0.99


def test_the_interval_of_eta_squared_holds_the_truth_in_nineteen_samples_of_twenty() -> None:
    samples = []
    for _ in range(300):
        groups = RNG.integers(0, 4, 300)
        samples.append(effects.eta_squared(groups, np.linspace(-1, 1, 4)[groups] * 0.6 + RNG.normal(size=300)))
    between = float((np.linspace(-1, 1, 4) * 0.6).var())
    assert 0.91 <= covered(samples, between / (between + 1)) <= 0.99


def test_noncentralities_are_those_of_scipy() -> None:
    from scipy.special import chndtrinc

    for statistic, freedom in ((30.0, 3), (200.0, 20), (5000.0, 10)):
        exact = [float(chndtrinc(statistic, freedom, level)) for level in (0.975, 0.025)]
        assert effects._noncentralities(statistic, freedom) == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize("counts", [np.zeros((2, 2)), np.array([[3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])])
def test_tables_that_say_nothing_have_no_effect(counts: np.ndarray) -> None:
    assert effects.cramers_v(counts) is None


def test_one_group_or_equal_numbers_have_no_effect() -> None:
    assert effects.eta_squared(np.zeros(50, dtype=np.int64), RNG.normal(size=50)) is None
    assert effects.eta_squared(np.arange(50) % 2, np.ones(50)) is None
    assert effects.spearman(np.ones(50), np.arange(50.0)) is None
