"""How lopsided numbers are."""

from __future__ import annotations

from typing import Any

import numpy as np


def skewness(values: np.ndarray[Any, Any]) -> float:
    """The third standardised moment of the finite values, below 0 with the long tail on the left; 0 when constant."""
    values = values[np.isfinite(values)]
    if len(values) == 0 or (spread := values.std()) <= 1e-12 * max(1.0, abs(values.mean())):
        return 0.0
    return float((((values - values.mean()) / spread) ** 3).mean())
