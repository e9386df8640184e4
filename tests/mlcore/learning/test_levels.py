"""Encoders of categories learn the same from the rows that tell them something."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from mlcore.learning.levels import Counted

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
    theirs, ours = clone(step).fit(ROWS[names]), Counted(step).fit(ROWS[names])
    np.testing.assert_array_equal(ours.transform(ROWS[names]), theirs.transform(ROWS[names]))
    assert list(ours.get_feature_names_out()) == list(theirs.get_feature_names_out())


def test_it_looks_at_few_rows_where_there_are_few_levels() -> None:
    seen = []

    class Watched(OneHotEncoder):
        def fit(self, X: pd.DataFrame, y: object = None) -> Watched:
            seen.append(len(X))
            super().fit(X, y)
            return self

    Counted(Watched(min_frequency=10, max_categories=14)).fit(ROWS[["few"]])
    Counted(Watched(min_frequency=10, max_categories=14)).fit(ROWS[["many"]])
    assert seen[0] <= 30
    assert seen[1] == len(ROWS)
