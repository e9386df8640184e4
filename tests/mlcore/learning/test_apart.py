"""Which rows are nearest does not depend on how many are asked about, nor on threads."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mlcore.evaluation.predictions import Task
from mlcore.learning.models import MODELS


@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("cell", [None, 1e12])
def test_rows_that_are_equally_far_are_answered_alike_one_by_one_and_on_one_thread(
    task: Task, cell: float | None
) -> None:
    random = np.random.default_rng(0)
    X = random.integers(0, 2, size=(1_500, 10)) * random.random(10)  # every row has dozens that are equally far
    y = random.integers(0, 2, size=len(X))
    kind = MODELS["neighbours"]
    assert kind.stock is not None
    model = kind.stock(kind.build(task, kind.settings({"neighbours": 30}), 0, 2).fit(X, y))
    said = model.predict if task == "regression" else model.predict_proba
    if cell is not None:
        X[:, 0] = cell
    with threadpool_limits(limits=2):
        many = said(X)
        alone = np.concatenate([said(X[[place]]) for place in range(60)])
    with threadpool_limits(limits=1):
        single = said(X)
    np.testing.assert_allclose(alone, many[:60], atol=1e-12)
    np.testing.assert_allclose(single, many, atol=1e-12)
