"""How much each column moves what a model says, over all explained rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.evaluation.predictions import Floats
from mlcore.explanation.explanation import Explanation

Z = 1.96  # of a 95 % interval


def importance(explanation: Explanation, output: int | None = None) -> pd.DataFrame:
    """One row a column, the most important first.

    `mean_abs`: mean distance by which the column moves the output (probability, or the target's unit); the mean over
    the outputs when `output` is None. `low`, `high`: its 95 % interval, as rows are a sample. `share`: of the sum of
    all columns, 0 to 1. `mean`: the mean contribution with its sign. `direction`: rank correlation, -1 to 1, of the
    column's value with its contribution to `output` (the last one when None and there are several); nan for columns
    that are not numbers or times.
    """
    values = explanation.values if output is None else explanation.values[:, :, [output]]
    distance = np.abs(values).mean(axis=2)
    mean_abs = distance.mean(axis=0)
    reach = Z * distance.std(axis=0, ddof=1) / np.sqrt(len(distance)) if len(distance) > 1 else np.zeros(len(mean_abs))
    frame = pd.DataFrame(
        {
            "column": list(explanation.columns),
            "mean_abs": mean_abs,
            "low": np.maximum(mean_abs - reach, 0.0),
            "high": mean_abs + reach,
            "share": mean_abs / mean_abs.sum() if mean_abs.sum() else 0.0,
            "mean": values.mean(axis=(0, 2)),
            "direction": [
                _direction(explanation.table.iloc[:, c], values[:, c, -1]) for c in range(len(explanation.columns))
            ],
        }
    )
    return frame.sort_values("mean_abs", ascending=False, kind="stable", ignore_index=True)


def _direction(cells: pd.Series, contributions: Floats) -> float:
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        number = cells.astype("int64").to_numpy(dtype=np.float64)
    elif pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        number = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        return float("nan")
    known = cells.notna().to_numpy()
    if known.sum() < 3:
        return float("nan")
    a = pd.Series(number[known]).rank().to_numpy()
    b = pd.Series(contributions[known]).rank().to_numpy()
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else float("nan")
