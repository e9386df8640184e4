"""Decisions in money: recomputed by hand on four rows, and by simulation where chance is in play."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlcore.errors import UserError
from mlcore.evaluation.cases import Cases
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.decide import Cut, band_for, cut_for, decision, referred
from mlcore.evaluation.draws import sample_of
from mlcore.evaluation.money import money
from mlcore.evaluation.policy import Band, Capacity
from mlcore.evaluation.predictions import Predictions
from mlcore.evaluation.worth import Drawn, believable, drawn, mean_of, worth_at_cuts
from tests.mlcore.evaluation.simulated import cases_of

CALL = Costs(tp=40.0, fp=-10.0)


def said(score: np.ndarray, truth: np.ndarray, groups: np.ndarray | None = None) -> Cases:
    made = Predictions(
        task="binary",
        values=np.column_stack([1 - score, score]),
        rows=np.arange(len(score)),
        labels=("no", "yes"),
        positive="yes",
        truth=truth.astype(np.int64),
        groups=groups,
        measured="cross-validation",
    )
    return cases_of(made)


@pytest.fixture
def four() -> Drawn:
    """Yes cases at 0.9 and 0.4, others at 0.7 and 0.2."""
    return drawn(said(np.array([0.9, 0.7, 0.4, 0.2]), np.array([1, 0, 1, 0])))


def believed(n: int, seed: int, slope: float = 1.5) -> Cases:
    chance = np.random.default_rng(seed)
    score = 1 / (1 + np.exp(-(slope * chance.normal(size=n) - 1.5)))
    return said(score, chance.random(n) < score)


def test_what_a_threshold_is_worth_is_counted_by_hand(four: Drawn) -> None:
    made = decision(four, CALL, Cut(threshold=0.5, by="you"), present=four.score >= 0.9, named="Only above 90 %")
    # called: 0.9 (right, 40) and 0.7 (wrong, -10); missed: 0.4 (0); left alone: 0.2 (0)
    assert made["model"].worth.value == pytest.approx((40 - 10) / 4)
    assert made["model"].share == pytest.approx(0.5)
    assert made["nobody"].worth.value == 0.0
    assert made["everybody"].worth.value == pytest.approx((40 + 40 - 10 - 10) / 4)
    assert made["present"].worth.value == pytest.approx(40 / 4)
    assert made["present"].title == "Only above 90 %"
    better = {option.key: option.better.value for option in made.options if option.better is not None}
    assert better == pytest.approx({"nobody": 7.5, "everybody": -7.5, "present": -2.5})
    assert (made.prevalence, made.right.value, made.found.value) == pytest.approx((0.5, 0.5, 0.5))


def test_break_even_is_counted_by_hand(four: Drawn) -> None:
    even = decision(four, CALL, Cut(threshold=0.5, by="you")).even
    # half of the yes cases and half of the others are called: share * 0.5 * 40 = (1 - share) * 0.5 * 10 at one fifth
    assert even.prevalence is not None
    assert even.upper is not None
    assert even.false_yes is not None
    assert even.prevalence.value == pytest.approx(0.2)
    assert even.upper.value == pytest.approx(0.2)
    # one right yes (40) and one false yes in four: the false one may cost 40 before nothing is left
    assert even.false_yes.value == pytest.approx(-40.0)
    nobody = decision(four, CALL, Cut(threshold=2.0, by="you")).even
    assert nobody.prevalence is None
    assert nobody.false_yes is None


def test_a_band_for_a_person_takes_the_cases_nearest_to_the_threshold(four: Drawn) -> None:
    band = band_for(four, 0.5, 0.5)
    assert band is not None
    assert (band.low, band.high) == pytest.approx((0.3, 0.7))
    found = referred(four, 0.5, band)
    assert (found.share.value, found.wrong_before.value, found.wrong.value) == pytest.approx((0.5, 0.5, 0.0))
    assert band_for(four, 0.5, 0.0) is None
    assert referred(four, 0.5, Band(low=0.0, high=0.01)).share.value == 0.0


def test_the_curve_agrees_with_counting_at_every_threshold() -> None:
    made = drawn(believed(300, 1))
    curve = worth_at_cuts(made, CALL)
    for place in range(0, len(made.cuts), 17):
        option = decision(made, CALL, Cut(threshold=float(made.cuts[place]), by="you"))["model"]
        assert curve[0, place] == pytest.approx(option.worth.value)
    assert curve[:, -1] == pytest.approx(0.0)


def test_believable_probabilities_get_the_threshold_of_the_costs_and_others_the_one_worth_most() -> None:
    honest = believed(4000, 2)
    assert believable(drawn(honest))
    assert cut_for(drawn(honest), CALL) == Cut(threshold=0.2, by="costs")
    squared = honest.predictions.score**2
    off = drawn(said(squared, np.asarray(honest.predictions.truth)))
    assert not believable(off)
    found = cut_for(off, CALL)
    assert found.by == "rows"
    assert found.threshold == pytest.approx(0.04, abs=0.03)  # 0.2 squared
    assert found.optimism > 0.0
    plain = decision(off, CALL, replace(found, optimism=0.0))["model"].worth.value
    assert decision(off, CALL, found)["model"].worth.value == pytest.approx(plain - found.optimism)


def test_a_capacity_raises_the_threshold_until_no_more_are_called_than_can_be_seen_to(four: Drawn) -> None:
    cut = cut_for(four, CALL, capacity=Capacity(cases=250), volume=1000)
    assert (cut.threshold, cut.by) == (0.9, "capacity")
    loose = cut_for(four, CALL, capacity=Capacity(cases=800), volume=1000)
    assert (loose.threshold, loose.by) == (0.4, "capacity")
    made = drawn(believed(5000, 3))
    share = decision(made, CALL, cut_for(made, CALL, capacity=Capacity(cases=500), volume=10_000))["model"].share
    assert 0.049 < share <= 0.05


def test_a_capacity_above_all_cases_is_a_sentence_and_changes_nothing(four: Drawn) -> None:
    cut = cut_for(four, CALL, capacity=Capacity(cases=5000), volume=1000)
    assert cut.threshold == cut_for(four, CALL).threshold
    assert "never binds" in cut.notes[0]


def test_what_cannot_be_decided_is_said_in_a_sentence(four: Drawn) -> None:
    with pytest.raises(UserError, match="every row is 'yes'"):
        drawn(said(np.array([0.1, 0.9]), np.array([1, 1])))
    with pytest.raises(UserError, match="same probability"):
        drawn(said(np.full(4, 0.3), np.array([1, 0, 1, 0])))
    with pytest.raises(UserError, match="not a finite number"):
        cut_for(four, replace(CALL, tp=float("inf")))
    with pytest.raises(UserError, match="being wrong would pay"):
        cut_for(four, replace(CALL, fp=5.0))
    with pytest.raises(UserError, match="how many cases come"):
        cut_for(four, CALL, capacity=Capacity(cases=10))
    tied = drawn(said(np.array([0.9, 0.9, 0.9, 0.2]), np.array([1, 0, 1, 0])))
    with pytest.raises(UserError, match="shared by 75\u00a0% of cases"):
        cut_for(tied, CALL, capacity=Capacity(cases=250), volume=1000)


def test_groups_that_belong_together_make_the_interval_wider() -> None:
    honest = believed(600, 4)
    score, truth = honest.predictions.score, np.asarray(honest.predictions.truth)
    six = np.repeat(np.arange(100), 6)
    alone, together = (
        decision(
            drawn(said(np.repeat(score[:100], 6), np.repeat(truth[:100], 6), groups)),
            CALL,
            Cut(threshold=0.2, by="you"),
        )
        for groups in (None, six)
    )
    width = [made["model"].worth.high - made["model"].worth.low for made in (alone, together)]
    assert width[1] > 2 * width[0]


def sampled(n: int, seed: int, most: int) -> Cases:
    taken = sample_of(believed(n, seed).predictions, most)
    fold = np.zeros(len(taken.predictions), dtype=np.int64)
    return Cases(predictions=taken.predictions, fold=fold, n=taken.n, ids=taken.ids, stands_for=taken.stands_for)


def test_of_very_many_rows_the_interval_is_that_of_the_sample_looked_at() -> None:
    def gains(cases: Cases) -> np.ndarray:
        yes, truth = cases.predictions.score >= 0.2, np.asarray(cases.predictions.truth) == 1
        return np.where(yes, np.where(truth, CALL.tp, CALL.fp), 0.0)

    true = float(gains(believed(200_000, 99)).mean())
    found = [mean_of(cases, gains(cases)) for cases in (sampled(6_000, seed, 300) for seed in range(40))]
    assert np.mean([one.low <= true <= one.high for one in found]) >= 0.84  # as if all had been looked at: 0.6
    worth = decision(drawn(sampled(6_000, 0, 300)), CALL, Cut(threshold=0.2, by="you"))["model"].worth
    assert worth.high - worth.low == pytest.approx(found[0].high - found[0].low, rel=0.15)


def covered(sets: int, n: int) -> float:
    """The share of simulated tables whose interval holds what the chosen threshold is worth to all cases there are."""
    every = believed(200_000, 99).predictions
    score, truth = every.score, np.asarray(every.truth) == 1
    hits = 0
    for seed in range(sets):
        made = drawn(believed(n, 1000 + seed), seed=seed)
        cut = cut_for(made, CALL)
        worth = decision(made, CALL, cut)["model"].worth
        yes = score >= cut.threshold
        true = float(np.where(yes, np.where(truth, CALL.tp, CALL.fp), 0.0).mean())
        hits += worth.low <= true <= worth.high
    return hits / sets


def test_the_interval_of_the_worth_covers_the_truth_as_often_as_it_says() -> None:
    assert 0.83 <= covered(30, 300) <= 1.0


@pytest.mark.slow
def test_the_interval_of_the_worth_covers_the_truth_in_92_to_98_of_100() -> None:
    assert 0.92 <= covered(300, 500) <= 0.98


def test_choosing_on_the_same_rows_is_taken_off() -> None:
    told, flattered = [], []
    for seed in range(25):
        chance = np.random.default_rng(
            seed
        )  # scores that say nothing: in truth 0.2 * 40 - 0.8 * 10 = 0 wherever it is cut
        made = drawn(said(chance.random(80), chance.random(80) < 0.2), seed=seed)
        cut = cut_for(made, CALL)
        told.append(decision(made, CALL, cut)["model"].worth.value)
        flattered.append(told[-1] + cut.optimism)
    assert np.mean(flattered) > 1.0
    assert abs(np.mean(told)) < 0.5 * np.mean(flattered)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (1240.4, "€", "€1,240"), (-35.5, "€", "−€35.5"), (1240, "points", "1,240\u00a0points"), (0.0, "€", "€0"),
        (7.25, "", "7.25"), (float("nan"), "€", "–"), (-0.00001, "€", "€0"), (1_000_000, "CHF", "1,000,000\u00a0CHF"),
    ],
)  # fmt: skip
def test_amounts_are_written_as_people_do(amount: float, currency: str, shown: str) -> None:
    assert money(amount, currency) == shown


def test_a_gain_has_a_plus_where_it_matters() -> None:
    assert money(12.0, "€", signed=True) == "+€12"
