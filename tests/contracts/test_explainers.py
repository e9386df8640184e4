"""What every explainer of the catalogue promises, against all coalitions of the encoded function itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier

from mlcore.explanation import shapley
from mlcore.explanation.explainers import EXPLAINERS
from mlcore.explanation.part import NotMine, Part

ORIGINS = np.array([0, 1, 2, 2, 2])  # two numbers and a one-hot block


def rows(n: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.column_stack((random.normal(size=(n, 2)).astype(np.float32), np.eye(3)[random.integers(0, 3, n)]))


def part_of(estimator: Any, labels: int) -> Part:
    X = rows(200)
    signal = X[:, 0] * X[:, 2] + X[:, 1] - X[:, 3]
    truth = np.digitize(signal, [-0.5, 0.5][: labels - 1]) if labels else signal
    estimator.fit(X, truth)

    def outputs(Z: Any) -> np.ndarray:
        return estimator.predict_proba(Z) if labels else estimator.predict(Z)[:, None]

    return Part(
        title="",
        estimator=estimator,
        outputs=outputs,
        origins=ORIGINS,
        columns=3,
        classes=labels,
        chosen=tuple(range(labels)) or (0,),
    )


MODELS = (
    (LogisticRegression(), 2),
    (LogisticRegression(), 3),
    (Ridge(), 0),
    (HistGradientBoostingClassifier(max_iter=10), 2),
    (HistGradientBoostingClassifier(max_iter=10), 3),
    (RandomForestRegressor(10), 0),
    (MLPClassifier((8,), max_iter=30, tol=1.0), 2),
)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("key", EXPLAINERS.keys)
@pytest.mark.parametrize(("estimator", "labels"), MODELS)
def test_an_explainer_gives_shapley_values_or_says_that_the_model_is_not_its_own(
    key: str, estimator: Any, labels: int
) -> None:
    part = part_of(estimator, labels)
    try:
        method = EXPLAINERS[key].method(part, seed=0)
    except NotMine:
        assert key != EXPLAINERS.keys[-1]
        return
    X, B = rows(4, seed=1), rows(7, seed=2)
    found = method.run(X, B)
    truth = shapley.enumerated(part.outputs, X, B, ORIGINS, 3)
    assert found.values.shape == (4, 3, max(1, labels))
    assert np.abs(found.values - truth.values).max() < 1e-9
    assert method.words.startswith("exact")


def test_the_last_explainer_never_declines() -> None:
    assert EXPLAINERS.keys[-1] == "permutation"
    nothing_known = Part(
        title="", estimator=None, outputs=np.asarray, origins=ORIGINS, columns=9, classes=0, chosen=(0,)
    )
    assert EXPLAINERS["permutation"].method(nothing_known, seed=0).words.startswith("sampled")
