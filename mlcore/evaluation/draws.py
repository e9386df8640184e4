"""Draws of the units that were predicted, with replacement: what every interval and comparison rests on.

Units that belong together (a group, or one row predicted in several repeats) are drawn together. Of very many units a
sample stands for all: each label has its part of it, and a draw of the sample is shrunk towards the sample so that its
scores scatter as those of a draw of all units would.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers, Predictions

CELLS_AT_ONCE = 2_000_000
ROWS_OF_A_UNIT = 3  # on average; of larger groups some rows stand for all


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """What is drawn: `count` units; `of_row` is (n,), the unit of each row; `label` is (count,), -1 when mixed.

    `stands_for` is (count,), how many units each one stands for; None: these are all there are.
    """

    count: int
    of_row: Integers
    label: Integers
    stands_for: Floats | None = None

    def strata(self, within_labels: bool) -> tuple[Integers, ...]:
        """The units to draw from separately: by label when asked and every unit has one, else all together."""
        if not within_labels or (self.label < 0).any():
            return (np.arange(self.count),)
        return tuple(np.flatnonzero(self.label == label) for label in np.unique(self.label))

    def drawn(self, counts: Floats) -> Floats:
        """What units weigh that were drawn so often, (d, count)."""
        return self._shrunk(counts)

    def left_out(self, counts: Floats) -> Floats:
        """What units weigh in the part that a draw left out, (d, count)."""
        return self._shrunk((counts == 0) * math.e)  # a unit is left out by one draw in e

    @property
    def once(self) -> Floats:
        """What each weighs without any draw, (1, count)."""
        return np.ones((1, self.count)) if self.stands_for is None else self.stands_for[None, :]

    def _shrunk(self, weights: Floats) -> Floats:
        if self.stands_for is None:
            return weights
        return np.asarray(self.stands_for + np.sqrt(self.stands_for) * (weights - 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """Predictions of some units that stand for all `n` rows.

    `ids` names the units, sorted; `stands_for` is how many each stands for (None: these are all). `taken` is where they
    are among those that the sample was taken of (None: these are all).
    """

    predictions: Predictions
    n: int
    ids: Integers
    stands_for: Floats | None = None
    taken: Integers | None = None


def ids_of(predictions: Predictions) -> Integers:
    """The unit of each row by name: its group, else the row itself."""
    return np.asarray(predictions.rows if predictions.groups is None else predictions.groups, dtype=np.int64)


def distinct(ids: Integers) -> Integers:
    """Each id once, in order; much quicker than `np.unique` where they are in order already."""
    ordered = np.sort(ids)
    return ordered[np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))]


def units_of(predictions: Predictions, known: Integers | None = None, stands_for: Floats | None = None) -> Units:
    """The units of these predictions: their groups, else their rows. With `known`, sorted ids, the units are those."""
    ids = ids_of(predictions)
    every = distinct(ids) if known is None else known
    of_row = np.searchsorted(every, ids)
    label = np.full(len(every), -1, dtype=np.int64)
    if predictions.task != "regression" and predictions.truth is not None:
        truth = np.asarray(predictions.truth, dtype=np.int64)
        label[of_row] = truth
        label[of_row[label[of_row] != truth]] = -1
    return Units(count=len(every), of_row=of_row, label=label, stands_for=stands_for)


def sample_of(predictions: Predictions, most: int) -> Sample:
    """At most about `most` units, the same for all predictions of the same rows; all of them when there are no more.

    Half of the sample is dealt evenly to the labels, so that rare ones are not lost, half by their share.
    """
    return Sampler(most).of(predictions)


class Sampler:
    """Takes samples of several models' predictions; of the same rows it is found out once which to take."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._last: Predictions | None = None
        self._n = 0
        self._taken: Integers = np.arange(0)
        self._ids: Integers = np.arange(0)
        self._stands_for: Floats | None = None

    def of(self, predictions: Predictions) -> Sample:
        """The sample, as `sample_of` takes it."""
        if self._last is None or not np.array_equal(self._last.rows, predictions.rows):
            self._last, self._n = predictions, len(distinct(predictions.rows))
            self._ids, self._stands_for, self._taken = _chosen(predictions, self._most)
        whole = len(self._taken) == len(predictions)
        taken = predictions if whole else predictions.take(self._taken)
        places = None if whole else self._taken
        return Sample(predictions=taken, n=self._n, ids=self._ids, stands_for=self._stands_for, taken=places)


def _chosen(predictions: Predictions, most: int) -> tuple[Integers, Floats | None, Integers]:
    """The units to take, sorted, how many each stands for, and where their rows are."""
    units = units_of(predictions)
    ids = distinct(ids_of(predictions))
    if units.count <= most:
        return ids, None, _fewer(predictions, np.arange(len(predictions)), most)
    kept = np.zeros(units.count, dtype=np.bool_)
    stands_for = np.ones(units.count)
    labels, inverse, sizes = np.unique(units.label, return_inverse=True, return_counts=True)
    order = np.argsort(_mixed(ids), kind="stable")
    for code, size in enumerate(sizes):
        amount = min(int(size), math.ceil(most / 2 / len(labels) + most / 2 * size / units.count))
        taken = order[inverse[order] == code][:amount]
        kept[taken], stands_for[taken] = True, size / amount
    rows = np.flatnonzero(kept[units.of_row])
    return ids[kept], stands_for[kept], _fewer(predictions, rows, most)


def _fewer(predictions: Predictions, rows: Integers, most: int) -> Integers:
    """Of groups so large that rows are many all the same, some rows of each."""
    share = most * ROWS_OF_A_UNIT / len(rows)
    if predictions.groups is None or share >= 1:
        return rows
    kept = _mixed(predictions.rows[rows]) < np.uint64(int(share * 2.0**63) * 2)
    kept[np.unique(predictions.groups[rows], return_index=True)[1]] = True
    return rows[kept]


def _mixed(ids: Integers) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Numbers without order, always the same for the same id (splitmix64, Steele et al. 2014)."""
    z = ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def unit_counts(units: Units, *, within_labels: bool, seed: int, draws: int) -> Iterator[Floats]:
    """How often each unit is drawn, in chunks (d, count) that add up to `draws` draws.

    Units that stand for others are drawn independently of each other (Poisson) where labels are not drawn apart: what
    binds the counts of all units together would bind those of the sample wrongly.
    """
    random = np.random.default_rng([seed, int(within_labels)])
    strata = units.strata(within_labels)
    at_once = max(1, CELLS_AT_ONCE // max(units.count, len(units.of_row)))
    for start in range(0, draws, at_once):
        amount = min(at_once, draws - start)
        if units.stands_for is not None and len(strata) == 1:
            yield random.poisson(1.0, size=(amount, units.count)).astype(np.float64)
            continue
        counts = np.empty((amount, units.count))
        for stratum in strata:
            size = len(stratum)
            picks = random.integers(0, size, size=(amount, size)) + size * np.arange(amount)[:, None]
            counts[:, stratum] = np.bincount(picks.ravel(), minlength=amount * size).reshape(amount, size)
        yield counts


def unit_weights(units: Units, *, within_labels: bool, seed: int, draws: int) -> Iterator[Floats]:
    """What each unit weighs in draws, in chunks (d, count) that add up to `draws` draws."""
    for counts in unit_counts(units, within_labels=within_labels, seed=seed, draws=draws):
        yield units.drawn(counts)


def own_weights(units: Units, *, seed: int, draws: int) -> Iterator[Floats]:
    """As `unit_weights`, for a score that was measured on these units alone: a sample is no surer than it is large.

    Each label's part of the sample is drawn by itself, as it was taken, and its rows in all vary by chance, too.
    """
    if units.stands_for is None:
        yield from unit_weights(units, within_labels=False, seed=seed, draws=draws)
        return
    strata, random = units.strata(within_labels=True), np.random.default_rng([seed, 2])
    for counts in unit_counts(units, within_labels=True, seed=seed, draws=draws):
        for stratum in strata if len(strata) > 1 else ():
            rows = float(units.stands_for[stratum].sum())
            counts[:, stratum] *= random.poisson(rows, size=(len(counts), 1)) / rows
        yield counts * units.stands_for


def smallest(units: Units, within_labels: bool) -> int:
    """The number of units in the smallest stratum: what the certainty of a score rests on."""
    return min(round(float(units.once[0, stratum].sum())) for stratum in units.strata(within_labels))


def joined(units: list[Units], samples: list[Sample], known: Integers) -> Units:
    """The units of several predictions as one: the label of each from whichever predicted it, -1 when none knows."""
    label = np.max([unit.label for unit in units], axis=0)
    stands_for = np.ones(len(known))
    for sample in samples:
        if sample.stands_for is not None:
            stands_for[np.searchsorted(known, sample.ids)] = sample.stands_for
    whole = all(sample.stands_for is None for sample in samples)
    shared = Units(count=len(known), of_row=np.arange(len(known)), label=np.asarray(label, dtype=np.int64))
    return shared if whole else replace(shared, stands_for=stands_for)
