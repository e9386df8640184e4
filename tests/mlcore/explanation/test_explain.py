"""Explanations of whole models are the Shapley values of the model on the user's columns, and add up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from mlcore.errors import RowError, TableError
from mlcore.explanation import explain, explain_rows
from mlcore.learning.models import MODELS
from mlcore.learning.scoring import conform
from tests.mlcore.explanation.models import by_the_textbook, model_of, people, said

TASKS = ("binary", "multiclass", "regression")
FITTING = [(key, task) for task in TASKS for key in MODELS.keys if task in MODELS[key].tasks]
BLEND = {"lightgbm": 0.5, "forest": 0.3, "linear": 0.2}


def close(found: np.ndarray, truth: np.ndarray, tolerance: float = 1e-6) -> bool:
    return bool(np.abs(found - truth).max() <= tolerance * max(1.0, np.abs(truth).max()))


@pytest.mark.parametrize(
    ("key", "task"),
    [
        pytest.param(key, task, marks=[pytest.mark.slow] if task == "multiclass" and key not in BLEND else [])
        for key, task in FITTING
    ]
    + [("blend", task) for task in TASKS],
)
def test_contributions_equal_the_textbook_for_every_family_and_task(key: str, task: str, tmp_path: Path) -> None:
    if key != "blend" and not MODELS[key].installed:
        pytest.skip(f"{key} is not installed")
    table = people()
    model = model_of(tmp_path, table, task, BLEND if key == "blend" else {key: 1.0})
    rows, background = table.iloc[:3], table.iloc[100:106]
    found = explain_rows(model, rows, background)
    assert close(found.values, by_the_textbook(model, rows, background))
    assert close(found.base, said(model, background).mean(axis=0))
    assert close(found.output, said(model, rows))
    assert close(found.base + found.values.sum(axis=1), found.output)
    assert found.sampling_error == 0
    assert "dropped" not in " ".join(found.methods)


@pytest.mark.slow
@pytest.mark.parametrize("key", ["lightgbm", "linear", "net"])
def test_a_sampled_explanation_is_as_far_off_as_it_says(key: str, tmp_path: Path) -> None:
    table = people(numbers=7)
    model = model_of(tmp_path, table, "binary", {key: 1.0})
    rows = table.iloc[:8]
    background = table.iloc[100:110]
    first, again = (explain_rows(model, rows, background, seed=seed) for seed in (0, 1))
    assert "sampled" in first.methods[0]
    apart = np.sqrt(np.mean((first.values - again.values) ** 2)) / np.sqrt(2)
    assert 0 < apart < 2 * first.sampling_error
    assert first.sampling_error < 3 * apart
    assert first.additivity_error < 1e-6


@pytest.mark.parametrize(
    "together",
    [
        {"stack": {"bias": [0.1, -0.2], "floor": 1e-6}},
        {"calibration": {"said": [0.0, 0.2, 0.5, 1.0], "meant": [0.05, 0.1, 0.6, 0.9]}},
    ],
    ids=["stack of labels", "calibrated blend"],
)
def test_what_is_no_sum_of_members_is_as_far_from_the_truth_as_it_says(together: dict, tmp_path: Path) -> None:
    table = people(numbers=3)
    model = model_of(tmp_path, table, "binary", {"tree": 0.5, "linear": 0.5})
    model.scorer.spec.update(together)
    rows, background = table.iloc[:6], table.iloc[100:106]
    found = explain_rows(model, rows, background)
    assert found.methods[0].startswith("The whole model: sampled")
    off = np.sqrt(np.mean((found.values - by_the_textbook(model, rows, background)) ** 2))
    assert 0.5 * found.sampling_error < off < 1.7 * found.sampling_error
    assert found.additivity_error < 1e-12


def test_the_positive_label_may_be_the_first_one(tmp_path: Path) -> None:
    table = people()
    rows = table.iloc[:3]
    yes = explain_rows(model_of(tmp_path / "yes", table, "binary", BLEND), rows)
    no = explain_rows(model_of(tmp_path / "no", table, "binary", BLEND, positive="no"), rows)
    assert (yes.outputs, no.outputs) == (("yes",), ("no",))
    assert close(yes.values, -no.values)


def test_rows_keep_their_order_and_their_cells(tmp_path: Path) -> None:
    table = people()
    model = model_of(tmp_path, table, "regression", {"lightgbm": 1.0})
    found = explain_rows(model, table.iloc[[7, 2, 5]])
    assert found.rows.tolist() == [0, 1, 2]
    assert found.columns == model.columns
    pd.testing.assert_frame_equal(found.table, table.iloc[[7, 2, 5]][list(model.columns)].reset_index(drop=True))


def test_a_row_is_explained_alone_as_in_a_crowd(tmp_path: Path) -> None:
    table = people(numbers=7)
    model = model_of(tmp_path, table, "multiclass", {"lightgbm": 0.6, "net": 0.4})
    crowd, alone = explain_rows(model, table.iloc[:5]), explain_rows(model, table.iloc[[3]])
    assert close(crowd.values[3], alone.values[0])


def test_the_sample_is_stated_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    table = people()
    model = model_of(tmp_path, table, "binary", {"lightgbm": 1.0})
    first, again, other = (explain(model, table, rows=30, seconds=600, seed=seed) for seed in (1, 1, 2))
    assert first.population == len(table)
    assert len(first.rows) == 30
    assert (np.diff(first.rows) > 0).all()
    assert np.array_equal(first.values, again.values)
    assert not np.array_equal(first.rows, other.rows)


def test_too_little_time_means_fewer_rows_and_says_so(tmp_path: Path) -> None:
    table = people(numbers=7)
    model = model_of(tmp_path, table, "binary", {"neighbours": 1.0})
    found = explain(model, table, seconds=0.01)
    assert 0 < len(found.rows) < len(table)
    assert "instead of 400 rows were explained" in found.methods[-1]
    assert "background rows" in found.methods[-1]
    assert found.additivity_error < 1e-6


def test_no_row_is_left_out_when_rows_were_asked_for(tmp_path: Path) -> None:
    table = people(numbers=7)
    model = model_of(tmp_path, table, "binary", {"lightgbm": 1.0})
    found = explain_rows(model, table.iloc[:120], seconds=0.001)
    assert len(found.rows) == 120
    assert "background rows" in found.methods[-1]


def test_what_does_not_add_up_is_dropped_and_said(tmp_path: Path) -> None:
    table = people()
    model = model_of(tmp_path, table, "binary", {"linear": 1.0})
    estimator = model.scorer.members[0][1][-1]
    straight = type(estimator).predict_proba
    # Another link than the coefficients are explained with.
    bent = type("Bent", (type(estimator),), {"predict_proba": lambda self, X: (straight(self, X) + 0.5) / 2})
    estimator.__class__ = bent
    rows, background = table.iloc[:2], table.iloc[100:105]
    found = explain_rows(model, rows, background)
    assert "from its outputs" in found.methods[0]
    assert "dropped, as it did not add up" in found.methods[0]
    assert close(found.values, by_the_textbook(model, rows, background))


def test_members_that_are_not_the_model_are_never_shown(tmp_path: Path) -> None:
    table = people()
    model = model_of(tmp_path, table, "regression", {"linear": 1.0})

    class Doubled(type(model.scorer)):  # type: ignore[misc]
        def values_of(self, frame: pd.DataFrame) -> np.ndarray:
            return 2 * super().values_of(frame)

    model = replace(model, scorer=Doubled(model.scorer.spec, [pipeline for _, pipeline in model.scorer.members]))
    rows, background = table.iloc[:2], table.iloc[100:105]
    found = explain_rows(model, rows, background)
    assert found.methods[0].startswith("The whole model")
    assert close(found.values, by_the_textbook(model, rows, background))


def test_unseen_categories_infinities_and_text_for_numbers_are_explained(tmp_path: Path) -> None:
    table = people()
    model = model_of(tmp_path, table, "binary", BLEND)
    odd = table.iloc[:3].copy()
    odd["job"] = ["astronaut", None, ""]
    odd["Alter [Jahre]"] = pd.Series(["12", "old", np.inf], dtype=object)
    found = explain_rows(model, odd)
    assert close(found.base + found.values.sum(axis=1), said(model, odd))


def test_a_missing_column_and_an_empty_table_are_sentences(tmp_path: Path) -> None:
    table = people()
    model = model_of(tmp_path, table, "binary", {"linear": 1.0})
    with pytest.raises(RowError, match="job"):
        explain_rows(model, table.drop(columns="job"))
    with pytest.raises(TableError, match="no rows"):
        explain(model, table.iloc[:0])


def test_a_model_without_a_way_to_add_up_is_refused(tmp_path: Path) -> None:
    table = people()
    model = model_of(tmp_path, table, "binary", {"linear": 1.0})
    estimator = model.scorer.members[0][1][-1]
    random = np.random.default_rng(0)
    fickle = {"predict_proba": lambda self, X: random.dirichlet([1, 1], X.shape[0])}
    estimator.__class__ = type("Fickle", (type(estimator),), fickle)
    with pytest.raises(Exception, match="cannot be explained"):
        explain_rows(model, table.iloc[:2])


def test_the_background_is_encoded_once_for_all_questions_about_a_model(tmp_path: Path) -> None:
    table = people()
    model = model_of(tmp_path, table, "binary", BLEND)
    first = explain_rows(model, table.iloc[:3])
    for _, pipeline in model.scorer.members:
        sizes = []
        encode = pipeline.steps[0][1]
        usual = encode.transform

        def counted(frame: pd.DataFrame, usual: Any = usual, sizes: list[int] = sizes) -> Any:
            sizes.append(len(frame))
            return usual(frame)

        encode.transform = counted
        encode.sizes = sizes
    again = explain_rows(model, table.iloc[[1]])
    assert all(max(pipeline.steps[0][1].sizes) == 1 for _, pipeline in model.scorer.members)
    assert close(first.values[1], again.values[0])
    assert first.base == pytest.approx(again.base)


class Centres(BaseEstimator):
    """An estimator of somebody's own, whose `coef_` is none."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Centres:
        self.coef_ = np.array([X[y > y.mean()].mean(axis=0), X[y <= y.mean()].mean(axis=0)])[:, :2]
        self.intercept_ = None
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        return np.abs(X[:, :2] - self.coef_[0]).sum(axis=1)


def test_a_model_of_ones_own_is_explained_from_its_outputs(tmp_path: Path) -> None:
    table = people()
    model = model_of(tmp_path, table, "regression", {"neighbours": 1.0})
    pipeline = model.scorer.members[0][1]
    X = pipeline[:-1].transform(conform(table, model.scorer.fields))
    pipeline.steps[-1] = ("model", Centres().fit(np.asarray(X), np.arange(len(table))))
    found = explain_rows(model, table.iloc[:3], table.iloc[100:106])
    assert close(found.values, by_the_textbook(model, table.iloc[:3], table.iloc[100:106]))
    assert "from its outputs" in found.methods[0]
    assert "dropped, as it did not add up" in found.methods[0]
