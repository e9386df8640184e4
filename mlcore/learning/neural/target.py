"""What the net aims at, and how far it is from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers, Task
from mlcore.learning.neural.inputs import Singles


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """How the truth stands before the net: numbers scaled to mean 0 and variance 1, labels as columns of 0 and 1."""

    labels: int
    mean: float
    spread: float

    @classmethod
    def of(cls, y: Floats | Integers, task: Task) -> Target:
        """From the training rows."""
        if task == "regression":
            return cls(labels=0, mean=float(y.mean()), spread=float(y.std()) or 1.0)
        return cls(labels=int(y.max()) + 1, mean=0.0, spread=1.0)

    @property
    def outputs(self) -> int:
        """Of the net: one for numbers and for two labels."""
        return self.labels if self.labels > 2 else 1

    def aimed(self, y: Floats | Integers, smoothing: float = 0.0) -> Singles:
        """(n, outputs); `smoothing` is the share of certainty that is spread over all labels."""
        if not self.labels:
            return np.asarray((y - self.mean) / self.spread, dtype=np.float32)[:, None]
        if self.labels <= 2:
            return ((1 - smoothing) * y + smoothing / 2).astype(np.float32)[:, None]
        hot: Singles = np.eye(self.labels, dtype=np.float32)[y.astype(np.int64)]
        return (1 - smoothing) * hot + np.float32(smoothing / self.labels)

    def start(self, aimed: Singles) -> Singles:
        """The outputs' first intercepts: what would be said without looking at the row."""
        share = np.clip(aimed.mean(axis=0), 1e-6, 1 - 1e-6)
        if not self.labels:
            return np.zeros(1, dtype=np.float32)
        return np.asarray(np.log(share / (1 - share) if self.labels <= 2 else share))

    def said(self, raw: Singles) -> Singles:
        """From what the last layer gives: numbers, or probabilities."""
        if not self.labels:
            return raw
        if self.labels <= 2:
            return np.asarray(1 / (1 + np.exp(-np.clip(raw, -30, 30))))
        powers = np.exp(raw - raw.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def loss(self, raw: Singles, aimed: Singles, weight: Singles, aim: str) -> float:
        """Of all rows: log loss, squared or absolute error."""
        said = self.said(raw)
        if not self.labels:
            away = np.abs(said - aimed)
            return float(np.average(away if aim == "median" else away**2, axis=0, weights=weight[:, 0])[0])
        likely = aimed * np.log(np.clip(said, 1e-6, 1))
        if self.labels <= 2:
            likely += (1 - aimed) * np.log(np.clip(1 - said, 1e-6, 1))
        return -float(np.average(likely.sum(axis=1), weights=weight[:, 0]))
