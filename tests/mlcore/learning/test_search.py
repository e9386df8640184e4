"""A search varies the leaders within the ranges their kinds name."""

from __future__ import annotations

import pytest

from mlcore.evaluation.metrics import METRICS
from mlcore.learning.models import MODELS
from mlcore.learning.plan import Candidate
from mlcore.learning.run import Trial
from mlcore.learning.search import Tried, proposal

RMSE = METRICS["rmse"]


def tried(model: str, score: float, seconds: float = 1.0) -> Tried:
    candidate = Candidate(key=model, model=model, title=model)
    trial = Trial(key=model, model=model, title=model, state="done", score=score, round_seconds=seconds)
    return Tried(candidate=candidate, trial=trial)


def test_settings_stay_within_their_ranges() -> None:
    for model in ("linear", "lightgbm", "histogram", "forest"):
        for number in range(1, 40):
            found = proposal([tried(model, 1.0)], RMSE, number=number, seed=0, within=60)
            assert found is not None
            settings = MODELS[model].settings(found.params)
            for place in MODELS[model].search:
                moved = settings[place.key] != MODELS[model].settings({})[place.key]
                assert not moved or place.low * 0.99 <= float(settings[place.key] or 0.0) <= place.high * 1.01


def test_the_better_and_quicker_are_varied_more_often() -> None:
    known = [tried("linear", 1.0), tried("lightgbm", 2.0), tried("forest", 3.0, seconds=100.0)]
    parents = [proposal(known, RMSE, number=n, seed=0, within=1_000) for n in range(1, 200)]
    counts = {one.candidate.key: sum(p is not None and p.parent == one.candidate.key for p in parents) for one in known}
    assert counts["linear"] > counts["lightgbm"] > counts["forest"]


def test_what_takes_longer_than_there_is_time_is_not_varied() -> None:
    assert proposal([tried("forest", 1.0, seconds=10)], RMSE, number=1, seed=0, within=5) is None
    assert proposal([], RMSE, number=1, seed=0, within=5) is None


@pytest.mark.parametrize("number", [1, 2])
def test_an_equal_seed_proposes_the_same(number: int) -> None:
    first, again = (proposal([tried("linear", 1.0)], RMSE, number=number, seed=3, within=5) for _ in range(2))
    assert first == again
