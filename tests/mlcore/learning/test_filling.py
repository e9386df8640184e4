"""Medians found column by column are those that scikit-learn finds, and what is stored is scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

from mlcore.learning.encode import Intake, Wish, encoder, plain
from mlcore.learning.filling import Filler

CHANCE = np.random.default_rng(0)
ROWS = pd.DataFrame(CHANCE.normal(size=(41, 3)), columns=["c0", "c1", "c2"])
GAPS = ROWS.mask(CHANCE.random(ROWS.shape) < 0.2).assign(c3=np.nan)


@pytest.mark.parametrize("rows", [ROWS, GAPS, GAPS.iloc[:40], GAPS.to_numpy()], ids=["whole", "gaps", "even", "array"])
def test_gaps_are_filled_as_scikit_learn_fills_them(rows: pd.DataFrame) -> None:
    theirs = SimpleImputer(strategy="median", keep_empty_features=True).fit(rows)
    ours = Filler().fit(rows)
    np.testing.assert_array_equal(ours.transform(rows), theirs.transform(rows))
    assert list(ours.get_feature_names_out()) == list(theirs.get_feature_names_out())


@pytest.mark.parametrize("intake", ["gaps", "filled", "scaled", "sparse"])
def test_what_is_stored_is_a_librarys_own(intake: Intake) -> None:
    fields = [{"id": name, "name": name, "kind": "number", "missing": 0.0} for name in ROWS]
    wish = Wish(intake=intake, rows=len(ROWS), classes=2, curves=True)
    encode = encoder(fields, wish)
    before = encode.fit_transform(ROWS, np.arange(len(ROWS)) % 2)
    stored = plain(Pipeline([("encode", encode)])).named_steps["encode"]
    np.testing.assert_array_equal(_dense(stored.transform(ROWS)), _dense(before))
    assert "mlcore" not in repr(_types(stored))


def _dense(matrix: Any) -> Any:
    return matrix.toarray() if hasattr(matrix, "toarray") else matrix


def _types(step: object) -> set[str]:
    """The modules of a step and of everything in it."""
    inside = [one for _, one, *_ in (*getattr(step, "transformers_", ()), *getattr(step, "steps", ()))]
    return {type(step).__module__}.union(*(_types(one) for one in inside))
