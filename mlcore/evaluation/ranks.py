"""Rank correlation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.evaluation.predictions import Floats


def rank_correlation(a: Floats, b: Floats) -> float | None:
    """Spearman's rank correlation, ties at their mean rank; None when it is not defined."""
    if len(a) < 3:
        return None
    first, second = (pd.Series(np.round(values, 12)).rank().to_numpy(dtype=np.float64) for values in (a, b))
    if first.std() == 0 or second.std() == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])
