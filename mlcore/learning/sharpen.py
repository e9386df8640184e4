"""Probabilities made sharper or softer where rows that a model did not see show it less or more sure than it is right.

Temperature scaling (Guo et al., "On calibration of modern neural networks", ICML 2017): each probability to a power,
then shared out again. One number, so little can be learned by heart: it is fitted on out-of-fold predictions, judged by
fitting it on the other folds, and used only where log loss falls by more than chance explains. It never changes which
label is the most likely, nor, with two labels, the order of rows.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning.folder import RunFolder
from mlcore.learning.results import OutOfFold
from mlcore.learning.scoring import raised

LEAST_ROWS = 500
SURE = 3.0  # standard errors
MOST_FITTED = 20_000  # rows; one number needs no more
POWERS = np.geomspace(0.2, 10.0, 11)
SMALLEST = float(np.finfo(np.float64).eps)


def sharpened(run: RunFolder, said: OutOfFold) -> tuple[OutOfFold, float | None]:
    """What was said with the power that helps, each fold with that of the others, and the power for the final model.

    The same and None where none helps beyond chance, where rows are few, and where folds go forward in time: what an
    earlier time needed says little of a later one.
    """
    few = len(np.unique(said.chosen)) < LEAST_ROWS
    if few or not run.labels or run.split.forward or not np.isfinite(said.values).all():
        return said, None
    truth = run.truth[said.chosen].astype(np.int64)
    values = np.empty_like(said.values)
    for fold in np.unique(said.fold):
        here = said.fold == fold
        others = np.flatnonzero((said.round == said.round[here][0]) & ~here)
        if not len(others):
            return said, None
        values[here] = raised(said.values[here], power_of(said.values[others], truth[others]))
    groups = said.chosen if run.groups is None else run.groups[said.chosen]
    if not helps(_loss(said.values, truth) - _loss(values, truth), groups):
        return said, None
    return replace(said, values=values), power_of(said.values, truth)


def power_of(values: Floats, truth: Integers) -> float:
    """The power of the lowest log loss, between 0.2 and 10: on a grid, then by golden section around the best."""
    step = max(1, len(truth) // MOST_FITTED)
    values, truth = values[::step], truth[::step]

    def loss(power: float) -> float:
        return float(_loss(raised(values, power), truth).mean())

    best = int(np.argmin([loss(power) for power in POWERS]))
    low, high = math.log(POWERS[max(best - 1, 0)]), math.log(POWERS[min(best + 1, len(POWERS) - 1)])
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(8):
        one, other = high - golden * (high - low), low + golden * (high - low)
        if loss(math.exp(one)) < loss(math.exp(other)):
            high = other
        else:
            low = one
    return math.exp((low + high) / 2)


def _loss(values: Floats, truth: Integers) -> Floats:
    return np.asarray(-np.log(np.clip(values[np.arange(len(truth)), truth], SMALLEST, 1.0)))


def helps(gains: Floats, groups: Integers, *, errors: float = SURE) -> bool:
    """Whether the mean gain is more than so many standard errors; rows of a group, or rounds of a row, are one."""
    _, unit = np.unique(groups, return_inverse=True)
    mean = float(gains.mean())
    error = math.sqrt(float((np.bincount(unit, weights=gains - mean) ** 2).sum())) / len(gains)
    return mean > errors * error
