"""Training the layers: stochastic descent with Adam, weights averaged over the last steps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from mlcore.learning.neural.inputs import Inputs, Singles
from mlcore.learning.neural.target import Target

Weights = list[Singles]
"""The scale of each input (m,), then for each layer its matrix (in, out) and its intercepts (out,)."""

BATCH = 256
FEWEST, MOST = 6, 256  # passes through the rows
SCALE_RATE, LAYER_RATE, BIAS_RATE = 0.06, 1.0, 0.1
FIRST, SECOND, AVERAGED = 0.9, 0.95, 0.98  # what is kept of the gradient's two moments, and of the averaged weights
WARM = 20  # steps
PATIENCE, LEAST_PATIENCE = 0.3, 8  # passes without gain: a share of all, and a number


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How to learn; see `Net`."""

    width: int
    layers: int
    rate: float
    penalty: float
    dropout: float
    aim: str
    steps: int
    epochs: int | None
    seed: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Columns X (n, d), what is aimed at (n, outputs) and what each row counts (n, 1)."""

    X: Singles
    aimed: Singles
    weight: Singles


@dataclass(frozen=True, kw_only=True, eq=False)
class Aside:
    """Rows to stop by, and when to stop at the latest (`time.monotonic`, None: never)."""

    rows: Rows
    until: float | None


def trained(rows: Rows, inputs: Inputs, target: Target, pace: Pace, aside: Aside | None) -> tuple[Weights, int]:
    """The weights, and after how many passes they were reached: the best on the rows held aside, else the last."""
    layers = _Layers(rows, inputs, target, pace)
    batches = max(1, round(len(rows.X) / BATCH))
    epochs = pace.epochs or int(np.clip(np.ceil(pace.steps / batches), FEWEST, MOST))
    best, least, kept = 0, np.inf, layers.averaged()
    began = time.monotonic()
    epoch = 0
    while epoch < epochs:
        for chosen in np.array_split(layers.random.permutation(len(rows.X)), batches):
            layers.step(chosen, epochs * batches)
        epoch += 1
        if aside is None:
            continue
        loss = layers.loss(aside.rows)
        if loss < least:
            best, least, kept = epoch, loss, layers.averaged()
        if epoch - best > max(LEAST_PATIENCE, PATIENCE * epochs):
            break
        epochs = _affordable(epoch, epochs, began, aside.until)
    return (layers.averaged(), epoch) if aside is None or not best else (kept, best)


def _affordable(done: int, planned: int, began: float, until: float | None) -> int:
    """So many passes that they end in time; once the rate falls, the plan is only cut off."""
    if until is None:
        return planned
    now = time.monotonic()
    return min(planned, done + max(0, int((until - now) * done / (now - began))))


class _Layers:
    """The weights on their way, in one array, so that a step is a few operations."""

    def __init__(self, rows: Rows, inputs: Inputs, target: Target, pace: Pace) -> None:
        self.random = np.random.default_rng(pace.seed)
        self._rows, self._inputs, self._target, self._pace = rows, inputs, target, pace
        first = self._first(inputs.of_rows(rows.X[:5_000]))
        sizes = np.cumsum([0, *(part.size for part in first)])
        self._flat = np.concatenate([part.ravel() for part in first])
        self._places = list(zip(sizes[:-1], sizes[1:], (part.shape for part in first), strict=True))
        fans = [(1, SCALE_RATE, 0.0), *(self._fan(part) for part in first[1:])]
        self._rate = self._spread([rate / np.sqrt(fan) for fan, rate, _ in fans])
        self._decay = self._spread([decay * pace.penalty for _, _, decay in fans])
        self._mean, self._square = np.zeros_like(self._flat), np.zeros_like(self._flat)
        self._average = self._flat.copy()
        self._steps = 0

    def _first(self, Z: Singles) -> Weights:
        pace, outputs = self._pace, self._target.outputs
        sizes = [Z.shape[1], *[pace.width] * pace.layers]
        energy = float(np.sqrt((Z**2).sum(axis=1).mean())) or 1.0
        found = [np.ones(sizes[0])]
        for number, (into, out) in enumerate(pairwise(sizes)):
            found.append(self.random.normal(size=(into, out)) * (np.sqrt(2 / into) if number else np.sqrt(2) / energy))
            found.append(self.random.normal(size=out) * 0.5)
        found += [np.zeros((sizes[-1], outputs)), self._target.start(self._rows.aimed)]
        return [part.astype(np.float32) for part in found]

    @staticmethod
    def _fan(part: Singles) -> tuple[int, float, float]:
        """Units that feed one, rate, and whether it is kept small."""
        return (len(part), LAYER_RATE, 1.0) if part.ndim == 2 else (1, BIAS_RATE, 0.0)

    def _spread(self, values: Sequence[float]) -> Singles:
        sizes = [high - low for low, high, _ in self._places]
        return np.repeat(np.array(values, dtype=np.float32), sizes)

    def _parts(self, flat: Singles) -> Weights:
        return [flat[low:high].reshape(shape) for low, high, shape in self._places]

    def averaged(self) -> Weights:
        """The averaged weights as they stand."""
        return self._parts(self._average.copy())

    def loss(self, rows: Rows) -> float:
        """Of the averaged weights."""
        weights = self._parts(self._average)
        raw = [self._raw(weights, rows.X[start : start + 4_096]) for start in range(0, len(rows.X), 4_096)]
        return self._target.loss(np.concatenate(raw), rows.aimed, rows.weight, self._pace.aim)

    def _raw(self, weights: Weights, X: Singles) -> Singles:
        said: Singles = self._inputs.of_rows(X) * weights[0]
        for place in range(1, len(weights) - 2, 2):
            said = np.maximum(said @ weights[place] + weights[place + 1], 0, dtype=np.float32)
        raw: Singles = said @ weights[-2] + weights[-1]
        return raw

    def step(self, chosen: Any, steps: int) -> None:
        """One step of Adam with decoupled decay on these rows; the rate falls over the second half of all `steps`."""
        gradient = self._gradient(chosen)
        self._steps += 1
        share = self._steps / steps
        fall = 1.0 if share < 0.5 else 0.5 * (1 + np.cos(np.pi * min(1.0, 2 * share - 1)))
        rate = np.float32(self._pace.rate * min(1.0, self._steps / WARM) * fall)
        self._mean += np.float32(1 - FIRST) * (gradient - self._mean)
        gradient *= gradient
        self._square += np.float32(1 - SECOND) * (gradient - self._square)
        move = np.sqrt(self._square / np.float32(1 - SECOND**self._steps))
        move += np.float32(1e-8)
        np.divide(self._mean, move, out=move)
        move *= self._rate * np.float32(rate / (1 - FIRST**self._steps))
        self._flat *= 1 - rate * self._decay
        self._flat -= move
        kept = np.float32(min(AVERAGED, (1 + self._steps) / (10 + self._steps)))
        self._average += (1 - kept) * (self._flat - self._average)

    def _gradient(self, chosen: Any) -> Singles:
        weights, Z = self._parts(self._flat), self._inputs.of_rows(self._rows.X[chosen])
        acts: Weights = [Z * weights[0]]
        masks: Weights = []
        for place in range(1, len(weights) - 2, 2):
            act = np.asarray(np.maximum(acts[-1] @ weights[place] + weights[place + 1], 0))
            mask = self._mask(act.shape)
            acts.append(act * mask)
            masks.append(mask)
        raw: Singles = acts[-1] @ weights[-2] + weights[-1]
        back = self._slope(raw, self._rows.aimed[chosen]) * self._rows.weight[chosen] / np.float32(len(chosen))
        found = [acts[-1].T @ back, back.sum(axis=0)]
        for place in range(len(weights) - 4, 0, -2):
            number = (place - 1) // 2
            back = (back @ weights[place + 2].T) * masks[number] * (acts[number + 1] > 0)
            found = [acts[number].T @ back, back.sum(axis=0), *found]
        scale = ((back @ weights[1].T) * Z).sum(axis=0)
        return np.concatenate([scale, *(part.ravel() for part in found)])

    def _mask(self, shape: tuple[int, ...]) -> Singles:
        kept = np.float32(1 - self._pace.dropout)
        mask = (self.random.random(shape, dtype=np.float32) < kept).astype(np.float32)
        mask /= kept
        return mask

    def _slope(self, raw: Singles, aimed: Singles) -> Singles:
        """Of the loss, by what the last layer gives."""
        away = self._target.said(raw) - aimed
        if self._target.labels or self._pace.aim == "mean":
            return away
        near: Singles = away / np.sqrt(away**2 + np.float32(0.01))
        return near
