"""Linear models that find their own penalty: which columns they take, what rows count, and what is stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge

from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS
from mlcore.learning.plan import Candidate
from mlcore.learning.planning import candidates
from mlcore.learning.scoring import Scorer
from mlcore.learning.shrunk import Every, FewLabels, FewNumbers
from mlcore.learning.trial import fit

Laid = Callable[..., Path]
CHANCE = np.random.default_rng(0)
X = CHANCE.normal(size=(120, 300))
TOLD = 2 * X[:, 0] - 2 * X[:, 1] + X[:, 2]
Y = 50 + TOLD + 0.5 * CHANCE.normal(size=120)
LABELS = np.where(TOLD + CHANCE.logistic(size=120) > 0, 1, 0)
NEW = CHANCE.normal(size=(500, 300))
TRUE = 2 * NEW[:, 0] - 2 * NEW[:, 1] + NEW[:, 2]


def test_few_of_very_many_columns_get_a_weight_and_those_that_matter_the_largest() -> None:
    numbers, labels = FewNumbers().fit(X, Y), FewLabels().fit(X, LABELS)
    for weights in (numbers.plain_.coef_, labels.plain_.coef_[0]):
        assert set(np.argsort(-np.abs(weights))[:2]) == {0, 1}
        assert np.count_nonzero(weights) < 100
    assert (
        np.corrcoef(numbers.predict(NEW), TRUE)[0, 1]
        > 0.95
        > np.corrcoef(Ridge(1.0).fit(X, Y).predict(NEW), TRUE)[0, 1]
    )
    plain = LogisticRegression(C=1.0, max_iter=300).fit(X, LABELS)
    found, usual = labels.predict_proba(NEW)[:, 1], plain.predict_proba(NEW)[:, 1]
    assert np.corrcoef(found, TRUE)[0, 1] > np.corrcoef(usual, TRUE)[0, 1] + 0.1


def test_noise_is_told_by_hardly_any_column() -> None:
    noise = FewNumbers().fit(X, CHANCE.normal(size=120))
    assert noise.predict(NEW).std() < 0.5
    shares = FewLabels().fit(X, CHANCE.integers(0, 2, 120)).predict_proba(NEW)[:, 1]
    assert shares.std() < 0.2


def test_nearly_equal_columns_get_a_weak_penalty_and_unrelated_ones_a_strong_one() -> None:
    waves = CHANCE.normal(size=(120, 3)) @ CHANCE.normal(size=(3, 60)) + 1e-3 * CHANCE.normal(size=(120, 60))
    clear = waves[:, 0] - waves[:, 1]
    assert Every().fit(waves, clear).plain_.alpha <= 1e-2
    assert Every().fit(X, CHANCE.normal(size=120)).plain_.alpha >= 1e2


@pytest.mark.parametrize("model", [FewNumbers(), FewLabels(), Every()], ids=["few", "labels", "every"])
def test_sparse_rows_say_the_same(model: FewNumbers | FewLabels | Every) -> None:
    truth = LABELS if isinstance(model, FewLabels) else Y
    cells = np.where(np.abs(X) > 1.5, X, 0.0)
    dense = model.fit(cells, truth).plain_
    again = model.fit(sparse.csr_matrix(cells), truth).plain_
    np.testing.assert_allclose(dense.coef_, again.coef_, atol=2e-2)


@pytest.mark.parametrize("model", [FewNumbers(), FewLabels(), Every()], ids=["few", "labels", "every"])
def test_rows_that_count_nothing_say_nothing(model: FewNumbers | FewLabels | Every) -> None:
    wrong = LABELS.copy() if isinstance(model, FewLabels) else Y.copy()
    wrong[:20] = 1 - wrong[:20] if isinstance(model, FewLabels) else 1e3
    model.fit(X, wrong, sample_weight=np.where(np.arange(120) < 20, 0.0, 1.0))
    said = model.plain_.decision_function(NEW) if isinstance(model, FewLabels) else model.predict(NEW)
    assert np.corrcoef(said, TRUE)[0, 1] > 0.5


def test_a_label_that_a_single_row_has_is_no_error() -> None:
    rare = np.where(np.arange(120) == 7, 1, 0)
    assert FewLabels().fit(X, rare).predict_proba(NEW).shape == (500, 2)


def test_what_is_stored_is_stock_and_says_the_same(laid_out: Laid) -> None:
    table = pd.DataFrame(X[:, :60]).add_prefix("n").assign(y=Y, kind=np.where(X[:, 0] > 0, "up", "down"))
    folder = laid_out(table, Goal(target="y", task="regression", metric="rmse"), only=("shrunk",))
    RunFolder(folder).add(Candidate(key="every", model="shrunk", title="", params={"few": False}))
    for key in ("shrunk", "every"):
        trial = fit(folder, key)
        assert trial.score is not None, trial.reason
        assert trial.score < 0.5 * Y.std()
        scorer = Scorer.load(folder / "trials" / key / "model")
        assert type(scorer.members[0][1].named_steps["model"]) is Ridge
        np.testing.assert_allclose(scorer.values(table.head(1)), scorer.values(table)[:1], rtol=1e-9)


def test_it_has_an_early_turn_where_there_are_very_many_columns() -> None:
    goal = Goal(target="y", task="binary", metric="roc_auc")
    wide = [one.key for one in candidates(list(MODELS), goal, 200, 2_000)]
    usual = [one.key for one in candidates(list(MODELS), goal, 200, 20)]
    assert wide.index("shrunk") < wide.index("net") < usual.index("shrunk")
