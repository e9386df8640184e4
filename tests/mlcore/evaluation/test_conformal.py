"""Intervals and sets hold the truth as often as was asked for: by simulation, and on real tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import UserError
from mlcore.evaluation.cases import Cases
from mlcore.evaluation.conformal import (
    Way,
    better_way,
    bounds,
    costs_of_leaning,
    coverage_of_intervals,
    coverage_of_sets,
    interval_for,
    lean_for,
    members_of,
    quantile,
    sets_for,
    tails,
)
from mlcore.evaluation.policy import Interval
from mlcore.evaluation.predictions import Predictions
from mlcore.learning.obeying import members, reach
from mlcore.learning.ruling import AGAINST
from tests.mlcore.evaluation.simulated import cases_of


def numbers(values: np.ndarray, truth: np.ndarray, fold: np.ndarray | None = None) -> Cases:
    made = Predictions(
        task="regression", values=values, rows=np.arange(len(values)), truth=truth, measured="cross-validation"
    )
    return cases_of(made, np.arange(len(values)) % 5 if fold is None else fold)


def funnel(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Predictions, and truths that scatter more where they are larger."""
    chance = np.random.default_rng(seed)
    values = chance.uniform(0, 10, n)
    return values, values + (0.2 + 0.3 * values) * chance.normal(size=n)


def share_inside(made: Interval, values: np.ndarray, truth: np.ndarray) -> float:
    low, high = reach({"interval": vars(made)}, values, {})
    return float(((low <= truth) & (truth <= high)).mean())


def test_margins_are_those_of_the_textbook() -> None:
    wrong, one = np.arange(-49.0, 51.0), np.ones(100)  # -49 … 50
    # (1 + 0.9) / 2 * 101 / 100 of 100 errors is the 96th: 46; from below the 96th of the mirrored ones: -45
    assert tails(wrong, one, 0.9, 100) == (-45.0, 46.0)
    assert quantile(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0]), 0.75) == 2.0
    assert tails(np.array([-1.0, 1.0]), np.ones(2), 0.9, 2) == (-1.0, 1.0)


@pytest.mark.parametrize("way", ["even", "growing"])
@pytest.mark.parametrize("asked", [0.8, 0.9])
def test_intervals_hold_new_truths_as_often_as_was_asked(way: Way, asked: float) -> None:
    new, truth = funnel(30_000, 1)
    shares = [share_inside(interval_for(numbers(*funnel(400, seed)), asked, way), new, truth) for seed in range(2, 14)]
    assert abs(float(np.mean(shares)) - asked) < 0.015


def test_intervals_that_grow_are_right_where_plain_ones_are_not() -> None:
    made = numbers(*funnel(4000, 3))
    assert better_way(made, 0.9) == "growing"
    plain, growing = (coverage_of_intervals(made, 0.9, way) for way in ("even", "growing"))
    assert plain.segments[-1].share < 0.8
    assert min(one.share for one in growing.segments) > 0.86
    assert abs(growing.whole.share - 0.9) < 0.02
    assert growing.segments[0].width < 0.5 * growing.segments[-1].width


def test_intervals_stay_plain_where_growing_would_not_help() -> None:
    chance = np.random.default_rng(5)
    values = chance.uniform(0, 10, 2000)
    assert better_way(numbers(values, values + chance.normal(size=2000)), 0.9) == "even"


def test_no_row_is_counted_with_margins_that_it_helped_to_make() -> None:
    values, truth = np.zeros(40), np.concatenate([np.full(20, 1.0), np.full(20, 5.0)])
    low, high = bounds(numbers(values, truth, np.repeat([0, 1], 20)), 0.9, "even")
    assert set(high[:20]) == {5.0}
    assert set(high[20:]) == {1.0}
    assert (low == 0.0).all()


def test_coverage_is_counted_by_months_of_dates_and_by_ranges_of_numbers_that_have_no_end() -> None:
    values, truth = funnel(600, 3)
    days = pd.Series(pd.date_range("2024-01-01", periods=600, freq="6h"))
    by_month = coverage_of_intervals(numbers(values, truth), 0.9, segments=days)
    assert [one.segment for one in by_month.segments][:2] == ["2024-01", "2024-02"]
    endless = pd.Series(np.where(np.arange(600) % 3 == 0, np.inf, np.arange(600.0)))
    assert sum(one.n for one in coverage_of_intervals(numbers(values, truth), 0.9, segments=endless).segments) == 600


def test_coverage_is_counted_by_the_values_of_a_column_and_tiny_segments_are_left_out() -> None:
    values, truth = funnel(500, 6)
    shop = pd.Series(["Bonn"] * 300 + ["Ulm"] * 180 + ["Rust"] * 5 + [None] * 15)
    found = coverage_of_intervals(numbers(values, truth), 0.9, "even", shop)
    assert [(one.segment, one.n) for one in found.segments] == [("Bonn", 300), ("Ulm", 180)]


def test_the_number_to_act_on_is_the_quantile_that_costs_least() -> None:
    chance = np.random.default_rng(7)
    values = np.zeros(5000)
    made = numbers(values, chance.normal(size=5000))
    assert lean_for(made, 3.0, 1.0).shift == pytest.approx(0.674, abs=0.06)  # the normal's three quarters
    before, after = costs_of_leaning(made, 3.0, 1.0)
    # E|too little| = E|too much| = 0.399 at 0; at the quantile (3 + 1) * density(0.674) = 1.271
    assert before.mean() == pytest.approx(4 * 0.399, abs=0.06)
    assert after.mean() == pytest.approx(1.271, abs=0.06)


def labels(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    raw = np.exp(1.2 * chance.normal(size=(n, 4)))
    values = raw / raw.sum(axis=1, keepdims=True)
    return values, (values.cumsum(axis=1) < chance.random((n, 1))).sum(axis=1)


def several(values: np.ndarray, truth: np.ndarray) -> Cases:
    made = Predictions(
        task="multiclass", values=values, rows=np.arange(len(values)), labels=tuple("abcd"), truth=truth,
        measured="cross-validation",
    )  # fmt: skip
    return cases_of(made, np.arange(len(values)) % 5)


@pytest.mark.parametrize("method", ["lac", "aps"])
def test_sets_hold_new_labels_as_often_as_was_asked(method: str) -> None:
    new, truth = labels(20_000, 8)
    shares = []
    for seed in range(9, 19):
        made = sets_for(several(*labels(400, seed)), 0.9, method, AGAINST[method])  # type: ignore[arg-type]
        shares.append(members(new, method, made.cut)[np.arange(len(truth)), truth].mean())
    assert abs(float(np.mean(shares)) - 0.9) < 0.015


@pytest.mark.parametrize("method", ["lac", "aps"])
def test_the_measured_coverage_of_sets_is_that_of_what_is_obeyed(method: str) -> None:
    made = several(*labels(3000, 20))
    inside = members_of(made, 0.9, method, AGAINST[method])  # type: ignore[arg-type]
    found = coverage_of_sets(made, 0.9, inside)
    assert abs(found.whole.share - 0.9) < 0.02
    assert {one.segment for one in found.segments} == set("abcd")
    obeyed = members(made.predictions.values, method, sets_for(made, 0.9, method, AGAINST[method]).cut)  # type: ignore[arg-type]
    assert (obeyed == inside).mean() > 0.99


def test_too_few_rows_are_a_sentence() -> None:
    with pytest.raises(UserError, match="too few"):
        interval_for(numbers(np.zeros(10), np.arange(10.0)), 0.9)
    with pytest.raises(UserError, match=r"60 rows are too few.*Bring 199 or more"):
        interval_for(numbers(*funnel(60, 1)), 0.99)  # the largest error of 60 is exceeded by one in 61
    assert interval_for(numbers(*funnel(60, 1)), 0.95).low < 0
    with pytest.raises(UserError, match="above 0"):
        lean_for(numbers(*funnel(50, 1)), -1.0, 1.0)


def real() -> dict[str, tuple[pd.DataFrame, pd.Series]]:
    """Five real tables that packages and this project bring along."""
    import statsmodels.api as sm
    from sklearn.datasets import load_diabetes, load_wine

    from mlcore.workspace.places import SAMPLES

    health = sm.datasets.randhie.load_pandas().data.iloc[:8000]
    marriage = sm.datasets.fair.load_pandas().data
    penguins = pd.read_csv(SAMPLES / "penguins.csv").select_dtypes("number").dropna()
    diabetes, wine = load_diabetes(as_frame=True).frame, load_wine(as_frame=True).data
    named = ((health, "mdvis"), (marriage, "affairs"), (diabetes, "target"), (wine, "alcohol"))
    tables = {name: (table.drop(columns=name), table[name]) for table, name in named}
    mass = next(name for name in penguins if "mass" in name)
    return {**tables, mass: (penguins.drop(columns=mass), penguins[mass])}


@pytest.mark.slow
@pytest.mark.parametrize("way", ["even", "growing"])
@pytest.mark.parametrize("name", ["mdvis", "affairs", "target", "alcohol", "body_mass_g"])
def test_on_five_real_tables_coverage_is_within_two_points(name: str, way: Way) -> None:
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.model_selection import KFold, ShuffleSplit

    features, target = real()[name]
    rows, truth = features.to_numpy(dtype=np.float64), target.to_numpy(dtype=np.float64)
    shares = []
    for learned, held in ShuffleSplit(4 if len(rows) > 2000 else 25, test_size=0.4, random_state=0).split(rows):
        values, fold = np.empty(len(learned)), np.empty(len(learned), dtype=np.int64)
        model = HistGradientBoostingRegressor(max_iter=60, min_samples_leaf=10)
        for number, (inside, outside) in enumerate(KFold(5, shuffle=True, random_state=1).split(learned)):
            values[outside] = model.fit(rows[learned[inside]], truth[learned[inside]]).predict(rows[learned[outside]])
            fold[outside] = number
        made = interval_for(numbers(values, truth[learned], fold), 0.9, way)
        final = model.fit(rows[learned], truth[learned]).predict(rows[held])
        shares.append(share_inside(made, final, truth[held]))
    assert abs(float(np.mean(shares)) - 0.9) <= 0.02
