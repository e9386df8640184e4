"""The estimate before training, for the machine we are on."""

from __future__ import annotations

from collections.abc import Sequence

from mlcore.learning.costs import Shape
from mlcore.learning.estimate import Estimate, configurations, estimate
from mlcore.learning.goal import Goal
from mlcore.workspace import processes


def expected(shape: Shape, goal: Goal, *, seconds: float, models: Sequence[str] | None = None) -> Estimate:
    """What training takes here: with as many lanes and as much memory as the engine would use."""
    return estimate(
        shape,
        configurations(shape, goal, models),
        seconds=seconds,
        cores=processes.usable_cores(),
        available=0.8 * processes.usable_memory() / 1e6,
    )
