"""How much each column moves what a model says, over all explained rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
            "direction": _directions(explanation.table, values[:, :, -1]),
        }
    )
    return frame.sort_values("mean_abs", ascending=False, kind="stable", ignore_index=True)


def _directions(table: pd.DataFrame, contributions: Floats) -> Floats:
    """The rank correlation of each column (all of them at once, as there may be thousands) with its contributions."""
    numbers = np.column_stack([_numbers(table.iloc[:, place]) for place in range(table.shape[1])])
    known = ~np.isnan(numbers)
    ranks = [pd.DataFrame(np.where(known, cells, np.nan)).rank().to_numpy() for cells in (numbers, contributions)]
    a, b = (np.where(known, one - _means(one, known), 0.0) for one in ranks)
    spread = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    told = (known.sum(axis=0) >= 3) & (spread > 0)
    return np.where(told, (a * b).sum(axis=0) / np.where(told, spread, 1.0), np.nan)


def _means(ranks: Floats, known: NDArray[np.bool_]) -> Floats:
    counts = np.maximum(known.sum(axis=0), 1)
    return np.asarray(np.where(known, ranks, 0.0).sum(axis=0) / counts)


def _numbers(cells: pd.Series) -> Floats:
    """The cells as numbers, nan where empty; all nan where they are neither numbers nor times."""
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return np.where(cells.isna(), np.nan, cells.astype("int64").to_numpy(dtype=np.float64))
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        return cells.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.full(len(cells), np.nan)
