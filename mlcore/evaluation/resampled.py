"""Two models fold by fold: the difference with an interval that holds what training on other rows would change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlcore.evaluation.intervals import quantile_t


@dataclass(frozen=True, kw_only=True)
class OverFolds:
    """The mean difference of two models' scores over `folds` folds, with a 95 % interval for other training rows."""

    folds: int
    mean: float
    low: float
    high: float


def over_folds(first: Sequence[float], other: Sequence[float], tested: float) -> OverFolds | None:
    """The corrected resampled t interval of `other` - `first`, fold by fold; None with fewer than two folds.

    Nadeau and Bengio, "Inference for the generalization error" (Machine Learning 52, 2003): as folds share training
    rows, the variance of the mean is (1 / folds + tested / trained) times that of the differences. `tested` is that
    second share, 1 / (folds - 1) in cross-validation. Folds without a score in either are left out.
    """
    differences = np.array(other, dtype=np.float64) - np.array(first, dtype=np.float64)
    differences = differences[np.isfinite(differences)]
    count = len(differences)
    if count < 2:
        return None
    error = math.sqrt((1 / count + tested) * float(differences.var(ddof=1)))
    mean, reach = float(differences.mean()), quantile_t(count - 1) * error
    return OverFolds(folds=count, mean=mean, low=mean - reach, high=mean + reach)
