"""Explanations made up for tests: the contributions are chosen, the outputs follow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.explanation.explanation import Explanation


def explanation_of(table: pd.DataFrame, values: np.ndarray, task: str = "regression") -> Explanation:
    """One output, base 0.3; `values` is (n, d)."""
    return Explanation(
        task=task,  # type: ignore[arg-type]
        outputs=("yes",),
        columns=tuple(str(name) for name in table.columns),
        base=np.array([0.3]),
        values=values[:, :, None],
        output=0.3 + values.sum(axis=1)[:, None],
        table=table,
        rows=np.arange(len(table)),
        population=len(table),
        methods=("exact",),
        seconds=0.1,
        additivity_error=0.0,
    )
