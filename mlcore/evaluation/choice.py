"""The rule by which one of many models is recommended, as a function of their scores."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from mlcore.evaluation.paired import Paired
from mlcore.evaluation.predictions import Floats, Integers

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
        """The place of the best model in each draw, (d,), from scores (k, d)."""
        return np.asarray(np.where(np.isfinite(scores), self._sign * scores, -np.inf).argmax(axis=0), dtype=np.int64)

    def picked(self, scores: Floats) -> Integers:
        """The place of the model that is chosen in each draw, (d,), from scores (k, d)."""
        gains = np.where(np.isfinite(scores), self._sign * scores, -np.inf)
        top = gains.max(axis=0)
        cost = np.where(np.isfinite(gains), np.where(np.isfinite(top), top, 0.0) - gains, np.inf)
        allowed = self._errors[:, gains.argmax(axis=0)]
        if self._reference is not None:
            allowed = np.minimum(allowed, GIVEN_UP * np.abs(cost[self._reference]))
        near = cost <= allowed
        simplicity = np.where(near, self._simplicity[:, None], np.inf)
        worth = np.where(near & (simplicity == simplicity.min(axis=0)), -cost, -np.inf)
        return np.asarray(worth.argmax(axis=0), dtype=np.int64)

    @cached_property
    def _errors(self) -> Floats:
        """The standard error of the difference between any two, (k, k)."""
        drawn = self._drawn[:, np.isfinite(self._drawn).all(axis=0)]
        if drawn.shape[1] < 2:
            return np.zeros((len(drawn), len(drawn)))
        return np.stack([(drawn - one).std(axis=1, ddof=1) for one in drawn])
