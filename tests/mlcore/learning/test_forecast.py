"""What more time would bring, told from curves whose future is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mlcore import records
from mlcore.data.schema import Schema
from mlcore.learning.forecast import FILE, Forecast, forecast, write_forecast
from mlcore.learning.goal import Goal
from mlcore.learning.plan import Plan, Validation
from mlcore.learning.run import Run, Trial

PLAN = Plan(
    goal=Goal(target="t", task="binary", metric="roc_auc"),
    schema=Schema(columns=()),
    fingerprint="",
    validation=Validation(method="folds", folds=5),
    candidates=(),
    seconds=60,
)
ERROR = Plan(
    **{
        **{name: getattr(PLAN, name) for name in PLAN.__dataclass_fields__},
        "goal": Goal(target="t", task="regression", metric="rmse"),
    }
)


def run(score: Callable[[float], float], seconds: float = 64.0, every: float = 2.0, floor: float = 0.5) -> Run:
    """A run in which a candidate ended every few seconds with the score that the curve has there."""
    times = np.arange(every, seconds + 0.01, every)
    made = [
        Trial(key=f"k{at}", model="lightgbm", title="x", state="done", score=float(score(time)), ended=float(time))
        for at, time in enumerate(times)
    ]
    baseline = Trial(key="baseline", model="baseline", title="b", state="done", score=floor, ended=0.5)
    return Run(id="r", plan="p", state="done", trials=(baseline, *made))


def power(rate: float) -> Callable[[float], float]:
    return lambda time: 0.9 - 0.2 * time**-rate


@pytest.mark.parametrize("rate", [0.3, 0.5, 1.0])
def test_a_power_curve_goes_on_as_it_was(rate: float) -> None:
    told = forecast(run(power(rate)), PLAN)
    true = power(rate)(128) - power(rate)(64)
    assert told.gain == pytest.approx(true, rel=0.5)
    assert told.low is not None
    assert told.high is not None
    assert told.low <= true <= told.high


def test_a_flat_curve_promises_little() -> None:
    told = forecast(run(lambda time: 0.8), PLAN)
    assert told.verdict == "little"
    assert told.sentence.startswith("More time would probably bring little")


def test_a_curve_that_still_climbs_says_how_much() -> None:
    told = forecast(run(lambda time: 0.6 + 0.04 * math.log2(time)), PLAN)
    assert told.verdict == "some"
    assert told.gain == pytest.approx(0.04, rel=0.25)
    assert "raise the ROC AUC by another 0.0" in told.sentence


def test_a_plateau_with_scattered_scores_leaves_room_for_luck() -> None:
    told = forecast(run(lambda time: 0.8 if time < 10 else 0.55 + 0.001 * time), PLAN)
    assert told.verdict == "some"
    assert "hardly moved in the last half" in told.sentence


def test_an_error_is_lowered() -> None:
    told = forecast(run(lambda time: 10 + 8 / time**0.5, floor=30.0), ERROR)
    assert told.verdict == "some"
    assert "lower the RMSE by another" in told.sentence


def test_a_late_jump_makes_it_unsure() -> None:
    told = forecast(run(lambda time: 0.7 if time < 60 else 0.8), PLAN)
    assert told.high is not None
    assert told.high >= 0.1
    assert told.low == 0.0


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_few_models_cannot_tell(count: int) -> None:
    told = forecast(run(power(0.5), seconds=2.0 * count), PLAN)
    assert told.verdict == "unknown"
    assert told.gain is None
    assert "cannot be told yet" in told.sentence


def test_models_that_all_took_long_cannot_tell() -> None:
    late = run(power(0.5), seconds=64, every=2)
    only = Run(id="r", plan="p", state="done", trials=tuple(one for one in late.trials if (one.ended or 0) > 40))
    assert forecast(only, PLAN).verdict == "unknown"


def test_a_score_cannot_be_promised_beyond_its_bound() -> None:
    told = forecast(run(lambda time: min(0.999, 0.9 + 0.03 * math.log2(time))), PLAN)
    assert told.high is not None
    assert told.high <= 0.0011


def test_what_the_interval_says_holds_for_most_random_searches() -> None:
    """Scores of random candidates: the truth is the gain of the next as many."""
    held = 0
    for seed in range(100):
        chance = np.random.default_rng(seed)
        scores = 0.8 + 0.03 * chance.normal(size=64)
        told = forecast(run(lambda time, scores=scores: scores[int(time / 2) - 1]), PLAN)
        true = max(scores) - max(scores[:32])
        held += told.low <= true <= told.high  # type: ignore[operator]
    assert held >= 80


def test_it_is_stored_beside_the_run_and_read_back(tmp_path: Path) -> None:
    records.write(tmp_path / "run.json", run(power(0.5)))
    records.write(tmp_path / "plan.json", PLAN)
    made = write_forecast(tmp_path)
    assert records.read(Forecast, tmp_path / FILE) == made
