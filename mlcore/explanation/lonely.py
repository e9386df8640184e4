"""Distances of many rows to a few, and which rows have hardly any near ones: compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlcore.data.delimited.kernels.compiled import compiled
from mlcore.explanation.likeness import FARTHEST

Single = NDArray[np.float32]


@compiled
def gap(one: float, other: float, scale: float) -> float:
    """The distance in one column; a scale of 0 is that of words."""
    if scale == 0.0:
        return 0.0 if one == other else 1.0
    if np.isnan(one) or np.isnan(other):
        return 0.0 if np.isnan(one) and np.isnan(other) else 1.0
    return min(abs(one - other) / scale, FARTHEST)


@compiled
def apart(rows: Single, others: Single, scales: Single) -> Single:
    """The distances of rows to others, summed over the columns, (n, m)."""
    found = np.zeros((len(rows), len(others)), dtype=np.float32)
    for row in range(len(rows)):
        for other in range(len(others)):
            for column in range(len(scales)):
                found[row, other] += gap(rows[row, column], others[other, column], scales[column])
    return found


@compiled
def lonely(rows: Single, others: Single, scales: Single, limit: float, nearest: int) -> NDArray[np.bool_]:
    """Which rows have fewer than `nearest` others within `limit`."""
    found = np.zeros(len(rows), dtype=np.bool_)
    for row in range(len(rows)):
        near = 0
        for other in range(len(others)):
            far = np.float32(0.0)
            for column in range(len(scales)):
                far += gap(rows[row, column], others[other, column], scales[column])
                if far > limit:
                    break
            if far <= limit:
                near += 1
                if near == nearest:
                    break
        found[row] = near < nearest
    return found
