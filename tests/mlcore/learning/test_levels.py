"""Encoders of categories learn the same from the rows that tell them something."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from mlcore.learning.levels import Coded

CHANCE = np.random.default_rng(0)
ROWS = pd.DataFrame(
    {
        "few": CHANCE.choice(["a", "b", "c"], 3_000, p=[0.6, 0.399, 0.001]),
        "many": [f"level {number}" for number in CHANCE.zipf(1.7, 3_000) % 400],
        "hour": np.where(CHANCE.random(3_000) < 0.01, np.nan, CHANCE.integers(0, 24, 3_000)),
    }
)
HOT = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10, max_categories=30, sparse_output=False)
CODE = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=10)


@pytest.mark.parametrize("step", [HOT, CODE], ids=["hot", "code"])
@pytest.mark.parametrize("names", [["few"], ["many"], ["few", "many"], ["hour"], ["few", "hour"]])
def test_it_learns_the_same(step: object, names: list[str]) -> None:
    theirs, ours = clone(step).fit(ROWS[names]), Coded(step).fit(ROWS[names])
    np.testing.assert_array_equal(ours.transform(ROWS[names]), theirs.transform(ROWS[names]))
    assert list(ours.get_feature_names_out()) == list(theirs.get_feature_names_out())


def test_rates_of_the_target_are_the_same() -> None:
    theirs = TargetEncoder(target_type="continuous", cv=3, random_state=0, shuffle=True)
    ours, names, y = Coded(clone(theirs)), ["few", "many"], CHANCE.normal(size=len(ROWS))
    new = pd.DataFrame({"few": ["b", "never seen"], "many": ["level 3", "level -1"]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        np.testing.assert_array_equal(ours.fit_transform(ROWS[names], y), theirs.fit_transform(ROWS[names], y))
    for step in (ours, ours.plain_):
        np.testing.assert_array_equal(step.transform(new), theirs.transform(new))


@pytest.mark.parametrize("step", [HOT, CODE], ids=["hot", "code"])
def test_what_is_stored_knows_the_words(step: object) -> None:
    theirs, ours = clone(step).fit(ROWS[["many", "hour"]]), Coded(step).fit(ROWS[["many", "hour"]])
    new = pd.DataFrame({"many": ["level 1", "never seen", "level 399"], "hour": [3.0, np.nan, 30.0]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        np.testing.assert_array_equal(ours.plain_.transform(new), theirs.transform(new))
        np.testing.assert_array_equal(ours.transform(new), theirs.transform(new))


def test_the_step_itself_is_given_numbers_only() -> None:
    seen = []

    class Watched(OneHotEncoder):
        def fit(self, X: pd.DataFrame, y: object = None) -> Watched:
            seen.extend(X.dtypes)
            super().fit(X, y)
            return self

    Coded(Watched(min_frequency=10, max_categories=14)).fit(ROWS[["few", "many", "hour"]])
    assert len(seen) == 3
    assert all(pd.api.types.is_numeric_dtype(kind) for kind in seen)
