"""Cells of a table as numbers and as words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlcore.evaluation.predictions import Floats


def as_numbers(values: pd.Series[Any]) -> Floats | None:
    """The values as numbers (dates as seconds since 1970; NaN where missing); None when they are words."""
    if pd.api.types.is_bool_dtype(values):
        return None
    if pd.api.types.is_datetime64_any_dtype(values):
        seconds = values.astype("datetime64[us]").astype("int64").to_numpy(dtype=np.float64) / 1e6
        return np.asarray(np.where(values.isna(), np.nan, seconds), dtype=np.float64)
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    return None
