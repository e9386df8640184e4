"""What one column alone tells about the target, judged on rows it was not learned from, with a 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlcore.data import effects
from mlcore.data.effects import Effect, Floats, Integers

_FOLDS = 5
_SMOOTHING = 5.0
_FEWEST = 30
_CHOSEN = 1.22
"""By how much the best of three ways must be surer to be more than chance: 5 % shared by three (Bonferroni)."""


def auc(codes: Integers, numbers: Floats | None, labels: Integers, classes: Sequence[int]) -> Effect:
    """The area under the ROC curve, the mean of each of `classes` against the rest: at least 0.5.

    The score of a row is what was learned of its bin, or its number, or that turned around: whichever says more. The
    interval begins at 0.5 when the best of three ways could be as good by chance.
    """
    plain = None if numbers is None else effects.in_order(numbers)
    scores = [_best(codes, plain, labels == label) for label in classes]
    found = effects.auc(scores, labels, classes)
    low = 0.5 if plain is not None and _may_be_chance(found) else max(found.low, 0.5)
    return replace(found, value=max(found.value, 0.5), low=low, high=max(found.high, 0.5))


def _may_be_chance(found: Effect) -> bool:
    if not 0 < found.low < found.value < 1:
        return False
    centre, low = (float(np.log(share / (1 - share))) for share in (found.value, found.low))
    return centre - _CHOSEN * (centre - low) <= 0


def r_squared(codes: Integers, numbers: Floats | None, truth: Floats) -> Effect:
    """The share of the target's spread: by the means of the bins, or by a line through numbers or through ranks."""
    ways = [effects.r_squared(truth, _out_of_fold(codes, truth))]
    if numbers is not None and (present := ~np.isnan(numbers)).sum() >= max(_FEWEST, len(truth) * 0.5):
        x, y = numbers[present], truth[present]
        lines = (effects.r_squared(y, _line(x, y)), _of_ranks(effects.ranks(x), effects.ranks(y)))
        ways += [_shrunk(line, float(present.mean())) for line in lines]
    best = max(ways, key=lambda way: way.value)
    return replace(best, value=float(np.clip(best.value, 0, 1)))


def _of_ranks(x: Floats, y: Floats) -> Effect:
    return replace(effects.r_squared(y, _line(x, y)), method="delta method, of ranks")


def _shrunk(found: Effect, share: float) -> Effect:
    """The effect when it holds for a share of the rows only."""
    return replace(found, value=found.value * share, low=found.low * share, high=found.high * share)


def _best(codes: Integers, plain: Integers | None, positive: NDArray[np.bool_]) -> Integers:
    """The scores, by their order, that tell the positive rows best."""
    learned = _learned(codes, positive.astype(np.float64))
    if plain is None:
        return learned
    turned = int(plain.max()) - plain
    return max((learned, plain, turned), key=lambda score: effects.area(score, positive))


def _learned(codes: Integers, truth: Floats) -> Integers:
    """The out-of-fold scores: for each bin its place among the bins, as learned on the other folds.

    The places and not the means: where a fold happens to have more positive rows the others have fewer, so that means
    of one bin would order its rows the wrong way round.
    """
    cell, means = _cells(codes, truth)
    places = np.concatenate([effects.ranks(fold) for fold in means.reshape(_FOLDS, -1)])
    return effects.in_order(places)[cell]


def _out_of_fold(codes: Integers, truth: Floats) -> Floats:
    """For each row the mean of the truth in its bin among the other folds' rows, drawn towards the overall mean."""
    cell, means = _cells(codes, truth)
    return np.asarray(means[cell], dtype=np.float64)


def _cells(codes: Integers, truth: Floats) -> tuple[Integers, Floats]:
    """For each row the number of its fold and bin, and for each of those the mean learned on the other folds."""
    rows, width = len(codes), int(codes.max()) + 1
    folds = np.random.default_rng(0).permutation(rows) % _FOLDS
    cell = folds * width + codes
    counts = np.bincount(cell, minlength=_FOLDS * width).reshape(_FOLDS, width).astype(np.float64)
    sums = np.bincount(cell, weights=truth, minlength=_FOLDS * width).reshape(_FOLDS, width)
    prior = (sums.sum() - sums.sum(axis=1)) / np.maximum(counts.sum() - counts.sum(axis=1), 1)
    other_counts, other_sums = counts.sum(axis=0) - counts, sums.sum(axis=0) - sums
    return cell, ((other_sums + _SMOOTHING * prior[:, None]) / (other_counts + _SMOOTHING)).ravel()


def _line(x: Floats, y: Floats) -> Floats:
    """The straight line of least squares through the points; flat when x does not vary."""
    away = x - x.mean()
    size = float((away**2).sum())
    slope = float((away * (y - y.mean())).sum()) / size if size > 0 and np.isfinite(size) else 0.0
    return np.asarray(y.mean() + slope * away, dtype=np.float64)
