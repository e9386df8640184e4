"""How long a boosted model waits for its next better round."""

from __future__ import annotations

import time

import numpy as np
import pytest

from mlcore.learning.models import MODELS
from mlcore.learning.models.kind import Boosting
from mlcore.learning.models.patience import LEAST, SHARE, Patience


def rounds_until_the_end(losses: list[float], **told: int) -> tuple[int, int]:
    patience = Patience(None, **told)
    done = next(done for done, loss in enumerate(losses, 1) if patience.ends(done, loss))
    return done, patience.best


def test_it_waits_so_many_rounds_and_longer_after_a_late_best() -> None:
    flat = [1.0] * 1_000
    early, late = [0.5, *flat], [*np.linspace(2, 0.5, 400), *flat]
    assert rounds_until_the_end(early) == (1 + LEAST, 1)
    assert rounds_until_the_end(early, least=20) == (21, 1)
    assert rounds_until_the_end(late) == (400 + int(SHARE * 400), 400)


def test_a_loss_that_is_no_number_is_no_gain() -> None:
    assert rounds_until_the_end([1.0, *[float("nan")] * 100]) == (1 + LEAST, 1)


def test_it_ends_when_time_is_up() -> None:
    patience = Patience(time.monotonic() - 1)
    assert patience.ends(1, 0.3)
    assert patience.best == 1


@pytest.mark.parametrize("key", ["lightgbm", "xgboost", "catboost", "histogram"])
def test_each_kind_answers_as_its_best_round(key: str) -> None:
    pytest.importorskip(MODELS[key].package or "sklearn")
    chance = np.random.default_rng(0)
    X = chance.normal(size=(400, 3))
    y = X[:, 0] + chance.normal(size=400)
    kind = MODELS[key]
    model = kind.build("regression", kind.settings({}), 0, 1)
    assert kind.grow is not None
    best = kind.grow(model, X[:300], y[:300], Boosting(X=X[300:], y=y[300:], until=None))
    assert 1 <= best < kind.build("regression", kind.settings({}), 0, 1).get_params()[kind.rounds] / 4
    again = (
        kind.build("regression", kind.settings({}), 0, 1).set_params(**{kind.rounds or "": best}).fit(X[:300], y[:300])
    )
    if key != "histogram":  # keeps the rounds that it waited for
        np.testing.assert_allclose(model.predict(X), again.predict(X), rtol=1e-5, atol=1e-6)
