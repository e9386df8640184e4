"""Whether two models agree on why: equal explanations do wholly, turned ones not, and what is missing is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlcore.explanation.agreement import agreement
from mlcore.explanation.explanation import Explanation

NAMES = ("a", "b", "c", "d")


def made(scale: tuple[float, ...] = (4.0, 3.0, 2.0, 1.0), rows: int = 40, seed: int = 0) -> Explanation:
    values = np.random.default_rng(seed).normal(size=(rows, 4, 1)) * np.array(scale)[None, :, None]
    return Explanation(
        task="regression", outputs=("y",), columns=NAMES, base=np.zeros(1), values=values, output=values.sum(axis=1),
        table=pd.DataFrame(0.0, index=range(rows), columns=list(NAMES)), rows=np.arange(rows), population=rows,
        methods=("exact",), seconds=1.0, additivity_error=0.0,
    )  # fmt: skip


def test_a_model_agrees_with_itself() -> None:
    found = agreement(made(), made())
    assert found.order == pytest.approx(1)
    assert found.rows == pytest.approx(1)
    assert (found.shared, found.top, found.apart, found.n) == (3, 3, None, 40)


def test_the_opposite_order_is_told_with_the_column_that_is_farthest_apart() -> None:
    found = agreement(made(), made(scale=(1.0, 2.0, 3.0, 4.0), seed=1))
    assert found.order == pytest.approx(-1)
    assert abs(found.rows) < 0.4
    assert found.apart[0] in ("a", "d")
    assert set(found.apart[1:]) == {1, 4}


def test_only_columns_and_rows_that_both_have_are_compared() -> None:
    one = made()
    fewer = replace(one, columns=NAMES[:3], values=one.values[10:, :3], rows=one.rows[10:])
    found = agreement(one, fewer)
    assert (found.columns, found.n) == (3, 30)
    assert found.rows == pytest.approx(1)


def test_two_columns_have_no_order_to_correlate_and_other_outputs_nothing_in_common() -> None:
    one = made()
    two = replace(one, columns=NAMES[:2], values=one.values[:, :2])
    assert agreement(two, two).order is None
    assert agreement(one, replace(one, outputs=("z",))) is None
    assert agreement(one, replace(one, columns=("u", "v", "w", "x"))) is None
