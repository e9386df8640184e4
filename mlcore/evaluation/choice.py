"""The rule by which one of many models is recommended, as a function of their scores."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property

import numpy as np

from mlcore.evaluation.paired import Paired
from mlcore.evaluation.predictions import Floats, Integers

Mask = np.ndarray[tuple[int, int], np.dtype[np.bool_]]

GIVEN_UP = 0.02
"""Share of the best model's gain that a simpler one may cost."""


class Choice:
    """The simplest of those that cost no more than one standard error and a small share of the best one's gain.

    `simplicity` is that of each model by key, in the order of `compared`; gains are counted from `baseline`.
    """

    def __init__(self, compared: Paired, simplicity: Mapping[str, int], baseline: str) -> None:
        self._keys = list(compared.drawn)
        self._simplicity = np.array([simplicity[key] for key in self._keys], dtype=np.float64)
        self._sign = 1.0 if compared.metric.higher_is_better else -1.0
        self._reference = self._keys.index(baseline) if baseline in self._keys else None
        self._drawn = np.stack([compared.drawn[key] for key in self._keys])

    def best(self, scores: Floats) -> Integers:
        """The place of the best model in each draw, of equal ones the simplest, (d,), from scores (k, d)."""
        gains = self._gains(scores)
        simplicity = np.where(gains == gains.max(axis=0), self._simplicity[:, None], np.inf)
        return np.asarray(simplicity.argmin(axis=0), dtype=np.int64)

    def as_good(self, scores: Floats) -> Mask:
        """Which models cost so little that each may be taken for the best, (k, d), from scores (k, d)."""
        return self._near(self._gains(scores))

    def picked(self, scores: Floats) -> Integers:
        """The place of the model that is chosen in each draw, (d,), from scores (k, d)."""
        gains = self._gains(scores)
        near = self._near(gains)
        simplicity = np.where(near, self._simplicity[:, None], np.inf)
        worth = np.where(near & (simplicity == simplicity.min(axis=0)), gains, -np.inf)
        return np.asarray(worth.argmax(axis=0), dtype=np.int64)

    def _gains(self, scores: Floats) -> Floats:
        return np.where(np.isfinite(scores), self._sign * scores, -np.inf)

    def _near(self, gains: Floats) -> Mask:
        top = gains.max(axis=0)
        cost = np.where(np.isfinite(gains), np.where(np.isfinite(top), top, 0.0) - gains, np.inf)
        allowed = self._errors[:, gains.argmax(axis=0)]
        if self._reference is not None:
            allowed = np.minimum(allowed, GIVEN_UP * np.abs(cost[self._reference]))
        return np.asarray(cost <= allowed)

    @cached_property
    def _errors(self) -> Floats:
        """The standard error of the difference between any two, (k, k)."""
        if np.isfinite(self._drawn).all() and self._drawn.shape[1] > 1:
            return np.stack([(self._drawn - one).std(axis=1, ddof=1) for one in self._drawn])
        return np.array([[standard_error(other - one) for other in self._drawn] for one in self._drawn])


def standard_error(drawn: Floats) -> float:
    """The standard error of what was drawn; infinite when too little was."""
    drawn = drawn[np.isfinite(drawn)]
    return float(drawn.std(ddof=1)) if len(drawn) > 1 else math.inf
