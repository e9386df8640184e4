"""Judge a candidate: fit it on every fold and hear what it says about the rows it did not see, round after round."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning.fold import LATE, Fitted, Making, Material, fitted
from mlcore.learning.folder import ENCODED, RunFolder
from mlcore.learning.models import MODELS
from mlcore.learning.plan import Candidate, Validation
from mlcore.learning.results import OutOfFold
from mlcore.learning.run import has_model
from mlcore.learning.scoring import CHUNK

PART_KEPT = 50_000  # with more rows than this a model of one part is kept: the part it was judged on would add little
CELLS_KEPT = 5_000_000  # and with more cells: in the time of fitting it again another model is tried
LAST_SHARE = 0.8  # of the time that is left goes into growing where nothing is fitted afterwards
SHARE = 0.5  # of its part of the time where another fit follows
STEADY_SHARE = 0.7  # of its part of the time is what each of several like fits grows for; the rest encodes and scores
PATIENCE = 2  # a variation that is behind in each of so many first folds is given up


class OutOfTime(Exception):  # noqa: N818 - a sentence, not an error of ours
    """The deadline does not allow all folds; scores from fewer would not be comparable. `needed` seconds would do."""

    def __init__(self, needed: float, left: float) -> None:
        super().__init__(f"ran out of time: it would need about {needed:,.1f} s, {left:,.1f} s were left")
        self.needed = needed


class Behind(Exception):  # noqa: N818 - a sentence, not an error of ours
    """A variation does worse than what it varies."""


@dataclass
class Clock:
    """When the candidate began, how long it may take, and how much of that is its fair share.

    `ready` is when its first fit began: what came before (a process, the table read) is done once, not with every fit.
    """

    start: float
    seconds: float
    fair: float
    ready: float | None = None

    def until(self, fit: int, fits: int, *, steady: bool = False) -> float:
        """When growing must end in the fit of this number, so that all fits and the last one find time.

        `steady`: all of them will take about as long as the first.
        """
        left = self.start + self.seconds - time.monotonic()
        share = LAST_SHARE if fits == 1 else STEADY_SHARE if steady else SHARE
        return time.monotonic() + share * max(left, 0.0) / max(1, fits - fit)

    def check(self, done: int, fits: int) -> None:
        """Give up as soon as it is clear that not all fits can be done."""
        if not done:
            self.ready = time.monotonic()
        elif self._needed(done, fits) > 1.05 * self.seconds:
            raise OutOfTime(self._needed(done, fits), self.seconds)

    def allows(self, done: int, fits: int) -> bool:
        """Whether so many fits in all stay within the candidate's fair share of the time."""
        return self._needed(done, fits) <= self.fair

    def _needed(self, done: int, fits: int) -> float:
        ready = self.start if self.ready is None else self.ready
        return ready - self.start + (time.monotonic() - ready) / done * fits


@dataclass(frozen=True, kw_only=True, eq=False)
class Portion:
    """What a candidate learns from: the material of the rows in `places` (of the run's n), and positions in those.

    `pairs` are the rows to train on and to test on, fold by fold; `final` those that the final model learns from.
    """

    material: Material
    places: Integers
    pairs: list[tuple[Integers, Integers]]
    final: Integers

    @classmethod
    def of(cls, run: RunFolder, candidate: Candidate) -> Portion:
        """All rows of the run, or those that a candidate limited in rows needs."""
        pairs, final = learned_from(run, candidate)
        everyone = np.arange(len(run.truth), dtype=np.int64)
        if not candidate.rows or len(run.split.training) <= candidate.rows:
            return cls(material=material_of(run, candidate, everyone), places=everyone, pairs=pairs, final=final)
        places = np.unique(np.concatenate([final, *(np.concatenate(pair) for pair in pairs)]))
        return cls(
            material=material_of(run, candidate, places),
            places=places,
            pairs=[(np.searchsorted(places, train), np.searchsorted(places, test)) for train, test in pairs],
            final=np.searchsorted(places, final),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Judging:
    """A candidate being judged."""

    run: RunFolder
    candidate: Candidate
    making: Making
    clock: Clock

    @cached_property
    def portion(self) -> Portion:
        """What it learns from."""
        return Portion.of(self.run, self.candidate)

    @cached_property
    def once(self) -> int:
        """Folds in a round."""
        return len(self.portion.pairs) // self.run.plan.validation.repeats

    @property
    def kept(self) -> bool:
        """Whether the model of its only part is the final one, so that nothing is fitted again."""
        return keeps_part(self.run, len(self.portion.final))

    @property
    def fits(self) -> int:
        """Fits in one round, and the last one where there is one."""
        return self.once if self.kept else self.once + 1

    @cached_property
    def rival(self) -> OutOfFold | None:
        """What the candidate that this one varies said."""
        parent = self.candidate.parent
        return OutOfFold.read(self.run, parent) if parent else None

    def carried_out(self) -> tuple[OutOfFold, list[Fitted]]:
        """What each fit said about the rows it had not seen, and the fits; only the last keeps its pipeline."""
        said: list[tuple[Floats, Integers, Integers]] = []
        fits: list[Fitted] = []
        for number, (train, test) in enumerate(self.portion.pairs):
            if not self._goes_on(number):
                break
            known = self.portion.material.taught(train)
            fit = self._fitted(number, known, train, fits)
            blocks = (known.cells(test[start : start + CHUNK]) for start in range(0, len(test), CHUNK))
            values = np.concatenate([fit.values(block, known.labels) for block in blocks])
            said.append((values, self.portion.places[test], np.full(len(test), number, dtype=np.int64)))
            fits = [*(replace(one, pipeline=None) for one in fits), fit]
            self._grown_enough(number, fit)
            self._compared(number, said)
        values, chosen, fold = (np.concatenate(parts) for parts in zip(*said, strict=True))
        return OutOfFold(values=values, chosen=chosen, fold=fold, round=fold // max(1, self.once)).in_order(), fits

    def final(self, rounds: int | None) -> Fitted:
        """The model fitted on all rows it may learn from."""
        known = self.portion.material.taught(self.portion.final)
        return fitted(known, self.making, self.portion.final, rounds=rounds, until=None)

    def _fitted(self, number: int, known: Material, train: Integers, before: Sequence[Fitted]) -> Fitted:
        """A forest gets no more trees than those before, so that its folds compare."""
        making, steady = replace(self.making, seed=self.making.seed + number), self.making.kind.plant is not None
        until = self.clock.until(number % self.once, self.fits, steady=steady)
        return fitted(known, making, train, rounds=fewest(before) if steady else None, until=until)

    def _goes_on(self, number: int) -> bool:
        """Whether there is another fold; a further round is begun only when it fits, or to draw level with a rival."""
        self.clock.check(number, self.fits)
        if number == 0 or number % self.once:
            return True
        if self.rival is not None:
            return number // self.once <= int(self.rival.round.max())
        return self.clock.allows(number, number + self.fits)

    def _grown_enough(self, number: int, fit: Fitted) -> None:
        """Give a boosted model up whose time allowed too few rounds; not where there would be no model without it."""
        enough = self.making.kind.enough(self.making.settings)
        others = (trial for trial in self.run.trials() if trial.key != self.candidate.key)
        if LATE not in fit.notes or not 0 < (fit.rounds or enough) < enough or not has_model(others):
            return
        spent, share = (time.monotonic() - self.clock.start) / (number + 1), LAST_SHARE if self.fits == 1 else SHARE
        needed = spent - fit.growing + fit.growing * enough / (fit.rounds or 1) / share
        raise OutOfTime(max(needed * self.fits, 1.05 * self.clock.seconds), self.clock.seconds)

    def _compared(self, number: int, said: list[tuple[Floats, Integers, Integers]]) -> None:
        """Give a variation up that has been behind what it varies in every fold so far."""
        done = number + 1
        if self.rival is None or done != PATIENCE or done >= self.once:
            return
        if all(self._behind(fold, values, chosen) for fold, (values, chosen, _) in enumerate(said)):
            raise Behind(f"it did worse than the model it varies in each of the first {done} folds")

    def _behind(self, fold: int, values: Floats, chosen: Integers) -> bool:
        assert self.rival is not None
        metric = METRICS[self.run.plan.goal.metric]
        theirs = self.rival.take(np.flatnonzero(self.rival.fold == fold)).predictions(self.run)
        try:
            ours = metric.score(self.run.predictions(values, chosen, self.run.measured))
            return metric.gain(ours, metric.score(theirs)) < 0
        except (UserError, ValueError):
            return False


def fewest(fits: Sequence[Fitted]) -> int | None:
    """The trees of the smallest forest; None where all have as many as they should."""
    return min((fit.rounds for fit in fits if fit.rounds is not None), default=None)


def part_kept(validation: Validation, rows: int, columns: int) -> bool:
    """Whether models that are judged on one part of so many rows are kept as they were judged."""
    return validation.method == "one split" and (rows > PART_KEPT or rows * columns > CELLS_KEPT)


def learned_from(run: RunFolder, candidate: Candidate) -> tuple[list[tuple[Integers, Integers]], Integers]:
    """The rows (of the run's n) that a candidate trains and is tested on, fold by fold, and those of its final model.

    A candidate limited in rows draws some of them."""
    pairs, final = list(run.split.pairs()), run.split.training
    if not candidate.rows or len(final) <= candidate.rows:
        return pairs, final
    chance = np.random.default_rng(run.plan.seed)
    pairs = [(_thinned(train, candidate.rows, chance), test) for train, test in pairs]
    return pairs, _thinned(final, candidate.rows, chance)


def drawn(run: RunFolder, candidate: Candidate, rows: Integers) -> Integers:
    """These rows, or of more than a candidate may learn from as many as it may."""
    return _thinned(rows, candidate.rows or len(rows), np.random.default_rng(run.plan.seed))


def keeps_part(run: RunFolder, final: int) -> bool:
    """Whether a model that may learn from so many rows stays the one of its only part."""
    return part_kept(run.plan.validation, final, len(run.plan.schema.features))


def whole_rounds(judging: Judging, fits: list[Fitted]) -> int:
    """How many rounds of folds were done."""
    return max(1, len(fits) // max(1, judging.once))


def material_of(run: RunFolder, candidate: Candidate, places: Integers) -> Material:
    """What there is to learn from in these of the run's n rows."""
    blind = MODELS[candidate.model].intake == "nothing"  # one column, of which only the rows count
    return Material(
        task=run.plan.goal.task,
        features=run.features_of(places, most=1) if blind else run.features_of(places),
        truth=run.truth[places],
        rows=run.rows.take(places),
        fields=[] if blind else run.spec["fields"],
        labels=len(run.labels),
        weighing=run.weighing.take(places),
        cache=run.path / ENCODED,
        signs={} if blind else run.signs,  # what looks at nothing neither rises nor falls
    )


def _thinned(rows: Integers, most: int, chance: np.random.Generator) -> Integers:
    return rows if len(rows) <= most else np.sort(chance.choice(rows, most, replace=False))
