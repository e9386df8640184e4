"""Whether a target has a long tail."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.evaluation.skew import skewness

SKEWED = 1.0
LEAST_TAILED = 20  # numbers, to speak of a tail


def long_tailed(numbers: Floats | Integers) -> bool:
    """Whether numbers are 0 or more, with a long tail that their logarithm draws in."""
    if len(numbers) < LEAST_TAILED or numbers.min() < 0:
        return False
    skewed = skewness(numbers)
    return skewed > SKEWED and abs(skewness(np.log(numbers) if numbers.min() > 0 else np.log1p(numbers))) < skewed / 2
