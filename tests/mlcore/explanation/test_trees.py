"""Trees are read as their library uses them, and explained where shap's own explainer fails."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

from mlcore.explanation import shapley
from mlcore.explanation.explainers import EXPLAINERS
from mlcore.explanation.explainers.trees import cube, exact, prepared, walks
from mlcore.explanation.part import NotMine, Part
from mlcore.explanation.trees import read
from mlcore.explanation.trees.arrays import NotReadable
from mlcore.learning.models import MODELS


def rows(n: int, seed: int, gaps: bool = True) -> np.ndarray:
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 4)).round(2).astype(np.float32).astype(np.float64)
    return np.where(random.random(X.shape) < 0.15, np.nan, X) if gaps else X


def part_of(estimator: Any, labels: int) -> Part:
    def outputs(Z: Any) -> np.ndarray:
        return estimator.predict_proba(Z) if labels else np.asarray(estimator.predict(Z), dtype=np.float64)[:, None]

    return Part(
        title="",
        estimator=estimator,
        outputs=outputs,
        origins=np.arange(4),
        columns=4,
        classes=labels,
        chosen=tuple(range(labels)) or (0,),
    )


def assert_exact(estimator: Any, labels: int, *, gaps: bool = True) -> None:
    X = rows(300, 0, gaps)
    signal = np.nan_to_num(X[:, 0], nan=1.5) * np.nan_to_num(X[:, 1]) + np.nan_to_num(X[:, 2])
    estimator.fit(X, np.digitize(signal, [-0.4, 0.4][: labels - 1]) if labels else np.exp(signal / 2))
    part = part_of(estimator, labels)
    A, B = rows(5, 1), rows(12, 2)
    found = EXPLAINERS["trees"].method(part, seed=0).run(A, B).values
    truth = shapley.enumerated(part.outputs, A, B, part.origins, 4).values
    assert np.abs(found - truth).max() < 1e-6


@pytest.mark.parametrize("labels", [0, 2, 3])
def test_histogram_boosting_with_gaps(labels: int) -> None:
    kind = HistGradientBoostingClassifier if labels else HistGradientBoostingRegressor
    assert_exact(kind(max_iter=12), labels)


def test_a_log_link_is_explained_on_the_output() -> None:
    assert_exact(HistGradientBoostingRegressor(max_iter=12, loss="poisson"), 0)


@pytest.mark.parametrize("estimator", [RandomForestClassifier(8), DecisionTreeClassifier()])
def test_forests_and_trees_that_take_gaps_themselves(estimator: Any) -> None:
    assert_exact(estimator, 3)


def test_extra_trees_for_numbers() -> None:
    assert_exact(ExtraTreesRegressor(8), 0)


@pytest.mark.parametrize("gaps", [True, False])
@pytest.mark.parametrize("labels", [0, 2, 3])
def test_lightgbm_with_gaps_in_training_or_only_later(labels: int, gaps: bool) -> None:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMClassifier if labels else LGBMRegressor
    assert_exact(kind(n_estimators=12, verbosity=-1, min_child_samples=5, n_jobs=1), labels, gaps=gaps)


@pytest.mark.skipif(find_spec("xgboost") is None, reason="xgboost is optional")
@pytest.mark.parametrize("labels", [0, 2, 3])
def test_xgboost_with_gaps(labels: int) -> None:
    from xgboost import XGBClassifier, XGBRegressor

    assert_exact((XGBClassifier if labels else XGBRegressor)(n_estimators=12), labels)


@pytest.mark.parametrize("key", ["lightgbm", "xgboost"])
def test_trees_that_multiply_are_explained_on_the_output(key: str) -> None:
    kind = MODELS[key]
    if not kind.installed:
        pytest.skip(f"{kind.package} is optional")
    model = kind.build("regression", kind.settings({"log": True}), 0, 1)
    assert_exact(model.set_params(n_estimators=12), 0)


@pytest.mark.skipif(find_spec("catboost") is None, reason="catboost is optional")
@pytest.mark.parametrize("labels", [0, 2, 3])
def test_catboost_with_gaps(labels: int) -> None:
    from catboost import CatBoostClassifier, CatBoostRegressor

    kind = CatBoostClassifier if labels else CatBoostRegressor
    assert_exact(kind(iterations=12, depth=4, verbose=0, allow_writing_files=False, thread_count=1), labels)


def test_without_one_hot_columns_the_values_are_those_of_shap() -> None:
    shap = pytest.importorskip("shap")
    # Values between thresholds: shap rounds thresholds to 32 bits, and rows that lie on one change sides.
    X, A, B = (
        np.random.default_rng(seed).normal(size=(n, 4)).astype(np.float32) for seed, n in enumerate((300, 6, 20))
    )
    forest = RandomForestClassifier(10, max_depth=5).fit(X, (X[:, 0] * X[:, 1] > 0).astype(int))
    theirs = shap.TreeExplainer(forest, B).shap_values(A, check_additivity=False)
    ours = EXPLAINERS["trees"].method(part_of(forest, 2), seed=0).run(A, B).values
    assert np.abs(ours - theirs).max() < 1e-6


def test_splits_on_sets_of_categories_are_left_to_another_explainer() -> None:
    X = np.column_stack((np.random.default_rng(0).integers(0, 6, 200), rows(200, 0)[:, 0]))
    sets = HistGradientBoostingClassifier(max_iter=5, categorical_features=[0]).fit(X, np.isin(X[:, 0], [1, 4]))
    with pytest.raises(NotReadable, match="sets of categories"):
        read(sets)


def test_what_is_not_made_of_trees_is_not_read() -> None:
    with pytest.raises(NotReadable):
        read(object())


def test_a_single_leaf_gives_nothing_to_any_column() -> None:
    stump = DecisionTreeClassifier(max_depth=1).fit(np.zeros((4, 4)), [0, 0, 1, 1])
    part = part_of(stump, 2)
    values = exact(prepared(read(stump), part), rows(3, 0), rows(3, 1)).values
    assert not values.any()


def test_rows_counted_together_get_what_each_pair_of_rows_gives() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 20)).astype(np.float32)
    forest = RandomForestClassifier(6, max_depth=9).fit(
        X, np.digitize(X[:, 0] * X[:, 1] + X[:, 2:9].sum(axis=1), [-1, 1])
    )
    part = replace(part_of(forest, 3), origins=np.arange(20) % 19, columns=19)
    ready = prepared(read(forest), part)
    A, B = random.normal(size=(60, 20)).astype(np.float32), random.normal(size=(25, 20)).astype(np.float32)
    together = exact(ready, A, B).values
    for row in (0, 31, 59):
        pairs = [exact(ready, A[[row]], B[[other]]).values[0] for other in range(len(B))]
        assert np.abs(np.mean(pairs, axis=0) - together[row]).max() < 1e-12


@pytest.mark.parametrize("labels", [2, 3])
def test_walks_are_as_far_from_the_truth_as_they_say(labels: int) -> None:
    X = rows(300, 0)
    signal = np.nan_to_num(X[:, 0], nan=1.5) * np.nan_to_num(X[:, 1]) + np.nan_to_num(X[:, 2])
    model = HistGradientBoostingClassifier(max_iter=12).fit(X, np.digitize(signal, [-0.4, 0.4][: labels - 1]))
    part = part_of(model, labels)
    ready = prepared(read(model), part)
    A, B = rows(12, 1), rows(15, 2)
    truth = cube(ready, A, B).values
    found = [walks(ready, A, B, seed) for seed in range(6)]
    errors = np.array([one.values - truth for one in found])
    stated = np.sqrt(np.mean([one.variance for one in found]))
    assert 0.7 < np.sqrt(np.mean(errors**2)) / stated < 1.4
    assert all(np.abs((one.values - truth).sum(axis=1)).max() < 1e-12 for one in found)


def test_the_trees_of_an_estimator_are_read_once() -> None:
    X = rows(100, 0)
    estimator = DecisionTreeClassifier(max_depth=3).fit(X, X[:, 0] > 0)
    assert read(estimator) is read(estimator)
    other = DecisionTreeClassifier(max_depth=3).fit(X, X[:, 1] > 0)
    assert read(other) is not read(estimator)


@pytest.mark.slow
@pytest.mark.parametrize("labels", [2, 3])
@pytest.mark.parametrize("narrow", [15, 1])
def test_walks_through_leaves_are_those_through_outputs(labels: int, narrow: int, monkeypatch) -> None:
    monkeypatch.setattr("mlcore.explanation.trees.walking.NARROW", narrow)
    random = np.random.default_rng(0)
    X = np.where(random.random((400, 12)) < 0.1, np.nan, random.normal(size=(400, 12)))
    signal = np.nan_to_num(X[:, 0]) * np.nan_to_num(X[:, 1], nan=1.0) + np.nan_to_num(X[:, 2:8]).sum(axis=1)
    model = HistGradientBoostingClassifier(max_iter=8).fit(X, np.digitize(signal, [-1, 1][: labels - 1]))
    origins = np.arange(12) % 9  # three columns stand for two encoded ones each
    chosen = {2: (1,), 3: (0, 1, 2)}[labels]
    part = replace(
        part_of(model, labels), origins=origins, columns=9, chosen=chosen,
        outputs=lambda Z: model.predict_proba(Z)[:, list(chosen)],
    )  # fmt: skip
    A, B = X[:6], X[300:320]
    method = EXPLAINERS["trees"].method(part, seed=3)
    found = method.run(A, B)
    truth = shapley.sampled(part.outputs, A, B, origins, shapley.orders(20, 2, 9, 3))
    assert np.abs(found.values - truth.values).max() < 1e-12
    assert np.abs(found.variance - truth.variance).max() < 1e-12
    again = EXPLAINERS["trees"].method(part, seed=3).run(A[[2]], B).values  # from what was kept
    assert np.abs(again[0] - found.values[2]).max() < 1e-15
    other = EXPLAINERS["trees"].method(part, seed=3).run(A, B[::-1]).values  # other rows than were kept
    assert np.abs(other - found.values).max() > 1e-6


def test_ways_to_leaves_that_are_too_long_are_left_to_another_explainer(monkeypatch) -> None:
    monkeypatch.setattr("mlcore.explanation.trees.walking.WIDE", 1)
    X = np.random.default_rng(0).normal(size=(300, 9))
    model = HistGradientBoostingClassifier(max_iter=3).fit(X, X[:, 0] + X[:, 1] > 0)
    part = replace(part_of(model, 2), origins=np.arange(9), columns=9)
    with pytest.raises(NotMine, match="on the way to a leaf"):
        EXPLAINERS["trees"].method(part, seed=0)
