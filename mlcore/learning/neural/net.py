"""A neural net for tables, trained with NumPy on the CPU and handed over as scikit-learn's own `MLP…`.

What it does is what was measured to work by others: robustly scaled numbers that are clipped (Holzmüller, Grinsztajn
and Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data", NeurIPS 2024: RealMLP, from
which the learned scale of each input, a rate for each kind of weight, beta2 = 0.95 and the best pass through the rows
are taken, too); beside each number its place between quantiles, as ramps that rise from 0 to 1 (Gorishniy, Rubachev and
Babenko, "On embeddings for numerical features in tabular deep learning", NeurIPS 2022: piecewise linear encoding); and
weights averaged over the last steps, so that the net is usable at any moment. A ramp is two layers of rectified units
(1 - relu(1 - x) is min(x, 1)), so that inputs, ramps and layers are one stock net that any reader of them can run.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from mlcore.evaluation.predictions import Floats, Integers, Task
from mlcore.learning.neural.inputs import Inputs, Singles
from mlcore.learning.neural.target import Target
from mlcore.learning.neural.training import Aside, Pace, Rows, Weights, trained


@dataclass(frozen=True, kw_only=True, eq=False)
class Held:
    """Rows to stop by with what each counts (None: all alike), and when to stop at the latest."""

    X: Any
    y: Floats | Integers
    until: float | None = None
    weight: Floats | None = None


class Net(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Learns as a scikit-learn estimator; `stock` is the fitted net as scikit-learn's own type.

    `epochs` is the number of passes through the rows (None: so many that about `steps` steps are made); the rate falls
    over their second half. `aim`: what a number is to be near to, the mean or the median.
    """

    def __init__(
        self,
        task: Task = "regression",
        *,
        width: int = 128,
        layers: int = 2,
        ramps: int = 8,
        rate: float = 0.03,
        penalty: float = 0.3,
        dropout: float = 0.2,
        smoothing: float = 0.0,
        aim: str = "mean",
        steps: int = 3_000,
        epochs: int | None = None,
        seed: int = 0,
    ) -> None:
        self.task = task
        self.width = width
        self.layers = layers
        self.ramps = ramps
        self.rate = rate
        self.penalty = penalty
        self.dropout = dropout
        self.smoothing = smoothing
        self.aim = aim
        self.steps = steps
        self.epochs = epochs
        self.seed = seed

    def fit(self, X: Any, y: Floats | Integers, sample_weight: Floats | None = None, held: Held | None = None) -> Net:
        """Learn; with rows `held` aside it is the net after the pass, `best` of them, that does best there."""
        X = np.asarray(X, dtype=np.float32)
        target, inputs = Target.of(y, self.task), Inputs.of(X, self.ramps)

        def rows(X: Any, y: Floats | Integers, weight: Floats | None, smoothing: float = 0.0) -> Rows:
            return Rows(X=np.asarray(X, dtype=np.float32), aimed=target.aimed(y, smoothing), weight=_weighed(weight, y))

        aside = None if held is None else Aside(rows=rows(held.X, held.y, held.weight), until=held.until)
        weights, self.best = trained(rows(X, y, sample_weight, self.smoothing), inputs, target, self._pace(), aside)
        self.stock = _stock(inputs, target, weights, self.seed)
        return self

    def _pace(self) -> Pace:
        return Pace(**{part.name: getattr(self, part.name) for part in fields(Pace)})


def _weighed(weights: Floats | None, y: Floats | Integers) -> Singles:
    """(n, 1), with mean 1."""
    even = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    return np.asarray(even / even.mean(), dtype=np.float32)[:, None]


def _stock(inputs: Inputs, target: Target, weights: Weights, seed: int) -> Any:
    """The same net as scikit-learn's `MLPClassifier` or `MLPRegressor`."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    layers = [*_ramp_layers(inputs), *_learned_layers(inputs, target, weights)]
    sizes = tuple(len(intercepts) for _, intercepts in layers[:-1])
    model = (MLPClassifier if target.labels else MLPRegressor)(hidden_layer_sizes=sizes, random_state=seed)
    nothing = np.zeros((max(1, target.labels), len(layers[0][0])))
    if target.labels:
        model.partial_fit(nothing, np.arange(target.labels), classes=np.arange(target.labels))
    else:
        model.partial_fit(nothing, np.zeros(1))
    del model._optimizer  # its moments are as large as the net
    model.coefs_ = [matrix.astype(np.float32) for matrix, _ in layers]
    model.intercepts_ = [intercepts.astype(np.float32) for _, intercepts in layers]
    return model


Layer = tuple[Floats, Floats]


def _ramp_layers(inputs: Inputs) -> list[Layer]:
    """From columns to ramps: relu(1 - relu(1 - x)) is x clipped to 0 and 1, without a difference of large numbers."""
    if not inputs.clips:
        return []
    ramps = np.arange(len(inputs.column))
    slopes = np.zeros((inputs.columns, len(ramps)))
    slopes[inputs.column, ramps] = -inputs.slope
    return [(slopes, np.asarray(1 - inputs.start, dtype=np.float64)), (-np.eye(len(ramps)), np.ones(len(ramps)))]


def _learned_layers(inputs: Inputs, target: Target, weights: Weights) -> list[Layer]:
    """The layers as trained; what is done to their inputs and to the target is taken into the first and the last."""
    parts = [part.astype(np.float64) for part in weights]
    size = inputs.spread.astype(np.float64) * parts[0]
    first: Layer = size[:, None] * parts[1], parts[2] - (inputs.centre * size) @ parts[1]
    if not inputs.clips:
        slopes = np.zeros((inputs.columns, len(size)))
        slopes[inputs.column, np.arange(len(size))] = inputs.slope
        first = slopes @ first[0], first[1] + inputs.start @ first[0]
    last = parts[-2] * target.spread, parts[-1] * target.spread + target.mean
    between = [(parts[place], parts[place + 1]) for place in range(3, len(parts) - 2, 2)]
    return [first, *between, last]
