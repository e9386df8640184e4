"""What more rows would bring: the curve finds a law that is known, its interval covers, and doubt is said."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mlcore.errors import UserError
from mlcore.evaluation.growing import Growth, growth
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Predictions

SIZES = (100, 180, 320, 560, 1000)
RMSE = METRICS["rmse"]


def parts(slope: float, *, seed: int = 0, tested: int = 600) -> dict[int, Predictions]:
    """Models whose squared error is 1 + slope / rows: what cannot be known, and what fewer rows cost."""
    random = np.random.default_rng(seed)
    truth, shared = random.normal(size=tested), random.normal(size=tested)
    return {
        size: Predictions(
            task="regression", rows=np.arange(tested), truth=truth,
            values=truth + shared + math.sqrt(slope / size) * random.normal(size=tested),
        )
        for size in SIZES
    }  # fmt: skip


def told(slope: float, **more: float) -> Growth:
    settings = {name: int(value) for name, value in more.items() if name != "floor"}
    return growth(parts(slope, **settings), RMSE, rows=1200, title="a model", floor=more.get("floor", 3.0))


def truly(slope: float, rows: float) -> float:
    return math.sqrt(1 + slope / rows)


def test_a_known_law_is_found_again() -> None:
    made = told(400.0, tested=20_000)
    assert made.curve[-1].rows == 2400
    assert made.curve[-1].score == pytest.approx(truly(400, 2400), rel=0.03)
    assert made.gain == pytest.approx(truly(400, 1200) - truly(400, 2400), abs=0.03)
    assert [point.rows for point in made.points] == list(SIZES)


def covering(sets: int) -> float:
    hits = 0
    for seed in range(sets):
        made = told(200.0, seed=seed)
        hits += made.gain_low <= truly(200, 1200) - truly(200, 2400) <= made.gain_high
    return hits / sets


def test_the_interval_of_what_twice_the_rows_bring_covers_the_truth() -> None:
    assert covering(25) >= 0.84


@pytest.mark.slow
def test_the_interval_of_what_twice_the_rows_bring_covers_the_truth_on_300_data_sets() -> None:
    assert covering(300) >= 0.9


def test_where_the_curve_is_flat_there_are_enough_rows() -> None:
    made = told(0.5)
    assert made.verdict == "enough"
    assert made.sentence.startswith("You have enough rows")
    assert "lower RMSE" in made.sentence
    assert "2,400 in place of 1,200" in made.sentence


def test_where_it_falls_on_more_rows_help() -> None:
    made = told(2000.0)
    assert made.verdict == "more"
    assert made.gain_low > 0
    assert "More rows would help" in made.sentence


def test_where_few_rows_were_judged_nothing_is_sure() -> None:
    made = told(30.0, tested=25, floor=1.3)
    assert made.verdict == "unclear"
    assert "might" in made.sentence


def test_a_score_is_never_expected_beyond_the_best_there_is() -> None:
    random = np.random.default_rng(0)
    truth = np.arange(400) % 2
    made = {}
    for size, strength in zip(SIZES, (0.5, 1.0, 2.0, 4.0, 8.0), strict=True):
        score = 1 / (1 + np.exp(-(strength * (truth - 0.5) + random.normal(size=400))))
        values = np.column_stack([1 - score, score])
        made[size] = Predictions(task="binary", values=values, rows=np.arange(400), labels=("no", "yes"), truth=truth)
    found = growth(made, METRICS["roc_auc"], rows=1200, title="a model", floor=0.5)
    assert max(point.score for point in found.curve) <= 1.0


def test_too_few_sizes_and_one_label_are_sentences() -> None:
    with pytest.raises(UserError, match="at least 4 sizes"):
        growth(dict(list(parts(10.0).items())[:3]), RMSE, rows=1200, title="a model")
    one = {
        size: Predictions(
            task="binary", values=np.full((50, 2), 0.5), rows=np.arange(50), labels=("no", "yes"), truth=np.zeros(50)
        )
        for size in SIZES
    }
    with pytest.raises(UserError):
        growth(one, METRICS["roc_auc"], rows=1200, title="a model")
