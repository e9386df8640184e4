"""What a split looks at, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning.given import Given

Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """What a split looks at, for each of n rows.

    `strata` are class codes or target bins. `blocks` are equal for rows that must stay on one side (equal rows, or one
    group). `moments` order the rows (seconds); None without a time column. `gap` is how long before the first row
    tested the rows learned from must end. `given` is what a column of the table says about the split.
    """

    strata: Integers
    blocks: Integers
    moments: Floats | None = None
    gap: float = 0.0
    given: Given | None = None

    def __len__(self) -> int:
        return len(self.strata)

    def take(self, places: Integers) -> Rows:
        """Only these rows."""
        moments = None if self.moments is None else self.moments[places]
        return Rows(strata=self.strata[places], blocks=self.blocks[places], moments=moments, gap=self.gap)

    @property
    def clock(self) -> Clock | None:
        """What keeps a gap; None where there is none to keep."""
        if self.moments is None or not self.gap:
            return None
        return Clock(moments=self.moments, gap=self.gap)


@dataclass(frozen=True, kw_only=True, eq=False)
class Clock:
    """Keeps a gap between moments."""

    moments: Floats
    gap: float

    def ready(self, test: Mask) -> Mask:
        """Rows at least the gap before the first of the rows `test`."""
        early: Mask = self.moments <= self.moments[test].min() - self.gap
        return early


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Where each of n rows goes.

    `holdout` marks the locked rows. `folds` is (repeats, n): the fold that tests the row; -1 is never tested, only
    trained on, and means nothing for a locked row. `forward`: a fold is trained on lower folds only, never on later
    ones. `scored` is False for rows of a forward split that are older than the rows they would be predicted from, and
    for those left out of a sample. `clock` keeps the gap between rows learned from and rows tested. Rows whose group in
    `groups` is tested are not learned from; None where no group can be on both sides.
    """

    holdout: Mask
    folds: Integers
    forward: bool
    scored: Mask
    clock: Clock | None = None
    groups: Integers | None = None

    def pairs(self) -> Iterator[tuple[Integers, Integers]]:
        """(rows to train on, rows to test on) as positions, fold by fold, repeat after repeat."""
        for folds in self.folds:
            for fold in range(int(folds[~self.holdout].max()) + 1):
                test = (folds == fold) & ~self.holdout & self.scored
                train = ((folds < fold) if self.forward else (folds != fold)) & ~self.holdout
                if self.clock is not None and test.any():
                    train &= self.clock.ready(test)
                if self.groups is not None:
                    train &= ~np.isin(self.groups, self.groups[test])
                if test.any() and train.any():
                    yield np.flatnonzero(train), np.flatnonzero(test)

    @property
    def judged(self) -> Mask:
        """Rows that are tested in the first round."""
        mask: Mask = (self.folds[0] >= 0) & ~self.holdout & self.scored
        return mask

    @property
    def training(self) -> Integers:
        """The rows the final model is fitted on: all that are not locked away, nor in the gap before those."""
        free = ~self.holdout
        if self.clock is not None and self.holdout.any():
            free &= self.clock.ready(self.holdout & self.scored)
        return np.flatnonzero(free)
