"""A neural net: two hidden layers on columns cut into ramps, stopped by rows held aside inside the training part.

Settings near those of RealMLP-TD (Holzmüller, Grinsztajn and Steinwart, "Better by default", NeurIPS 2024): rate 0.04,
dropout 0.15, batches of 256, up to 256 passes. A stronger decay, and no label smoothing, were better on public tables:
binary ones like it strongest, many labels and many rows least.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Floats, Integers, Task
from mlcore.learning.models.kind import AIM, Boosting, Config, ModelKind, Range
from mlcore.params import Param, Value


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """A numeric target is scaled inside, so that the net learns at the same pace whatever its unit."""
    from mlcore.learning.neural.net import Net

    del threads
    settings: dict[str, Any] = dict(params)
    return Net(task, seed=seed, **settings)


def grow(model: Any, X: Any, y: Floats | Integers, boosting: Boosting) -> int:
    """Pass through the rows until those held aside no longer gain, or time is up."""
    from mlcore.learning.neural.net import Held

    held = Held(X=boosting.X, y=boosting.y, until=boosting.until, weight=boosting.held_weight)
    model.fit(X, y, sample_weight=boosting.weight, held=held)
    return int(model.best)


NET = ModelKind(
    key="net",
    title="Neural net",
    family="neural",
    about="Layers of units that learn their own bends and combinations of the columns.",
    intake="scaled",
    simplicity=8,
    build=build,
    min_rows=100,
    max_rows=300_000,
    widest=500,
    least_label=5,
    rounds="epochs",
    grow=grow,
    stock=lambda model: model.stock,
    params=(
        Param(key="width", title="Units in a layer", kind="integer", default=128, low=4, high=1_024),
        Param(key="layers", title="Layers", kind="integer", default=2, low=1, high=6),
        Param(
            key="ramps",
            title="Pieces of a number",
            kind="integer",
            default=8,
            low=0,
            high=64,
            help="Each number is also told by which of so many equal parts of the rows it falls into.",
        ),
        Param(key="rate", title="Learning rate", kind="number", default=0.03, low=1e-5, high=1.0),
        Param(key="penalty", title="Penalty on weights", kind="number", default=0.3, low=0.0, high=100.0),
        Param(
            key="dropout",
            title="Share of units left out",
            kind="number",
            default=0.2,
            low=0.0,
            high=0.9,
            help="At each step of learning, at random: units then do not rely on each other.",
        ),
        Param(
            key="smoothing",
            title="Label smoothing",
            kind="number",
            default=0.0,
            low=0.0,
            high=0.5,
            help="How much of the certainty that a label is right is spread over all labels.",
        ),
        Param(
            key="steps",
            title="Steps of learning",
            kind="integer",
            default=3_000,
            low=100,
            high=100_000,
            help="About so many batches of 256 rows, in 6 to 256 passes through the rows.",
        ),
        AIM,
    ),
    search=(
        Range(key="width", low=48, high=384, log=True),
        Range(key="layers", low=1, high=3),
        Range(key="ramps", low=0, high=24),
        Range(key="rate", low=0.008, high=0.1, log=True),
        Range(key="penalty", low=0.005, high=3.0, log=True),
        Range(key="dropout", low=0.0, high=0.5),
    ),
    portfolio=(
        Config(turn=5, to_rows=20_000, tasks=("binary",), params={"penalty": 1.0, "dropout": 0.3}),
        Config(turn=5, to_rows=20_000, tasks=("multiclass",), params={"penalty": 0.1, "dropout": 0.15}),
        Config(turn=5, to_rows=20_000, tasks=("regression",)),
        Config(turn=5, from_rows=20_001, params={"penalty": 0.02, "dropout": 0.1}),
        Config(
            suffix="weak",
            title="Neural net, weak penalty",
            turn=17,
            tasks=("binary",),
            params={"penalty": 0.3, "dropout": 0.15, "ramps": 4},
        ),
        Config(
            suffix="long",
            title="Neural net, long training",
            turn=17,
            tasks=("multiclass", "regression"),
            params={"penalty": 0.5, "width": 192, "steps": 6_000},
        ),
    ),
)
