"""Rank correlation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.evaluation.predictions import Floats


def rank_correlation(a: Floats, b: Floats) -> float | None:
    """Spearman's rank correlation, ties at their mean rank; None when it is not defined."""
    if len(a) < 3:
        return None
    ranks = [pd.Series(np.round(values, 12)).rank().to_numpy() for values in (a, b)]
    if min(rank.std() for rank in ranks) == 0:
        return None
    return float(np.corrcoef(*ranks)[0, 1])
