"""How a model takes worse input: noise, missing values, shifted values, values never seen; and its weakest column.

Judged on rows that the model was not trained on: the locked rows where a person has opened them, with the final model;
else the rows of the first fold, with the same model fitted again on the others. Rows that are locked are never touched.
Each strength is scored on the same rows as the untouched input, so differences are paired: their intervals come from
the same draws (see `evaluation/intervals.py`). Rows are a stated sample, so that everything fits into a stated time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from mlcore.evaluation.intervals import around, drawn, finite, quantile_t
from mlcore.evaluation.metrics import Metric
from mlcore.evaluation.predictions import Floats, Measured, Predictions
from mlcore.learning.spoiling import SHIFTED, Spoil, missed, noised, spoiled, unseen

MOST_ROWS, FEWEST_ROWS = 2_000, 200
MOST_COLUMNS = 40
SURE = 3  # columns that are tried alone however little time there is
CURVES = 0.5  # of the time, for curves
SIEVE = 0.25  # of the time, to put the columns in order
SIEVED_ROWS = (25, 200)
DRAWS = 200

Kind = Literal["noise", "missing", "shifted", "unseen"]
STRENGTHS: Mapping[Kind, tuple[float, ...]] = {
    "noise": (0.1, 0.25, 0.5, 1.0),
    "missing": (0.05, 0.1, 0.25, 0.5),
    "shifted": (0.1, 0.25, 0.5, 1.0),
    "unseen": (0.05, 0.1, 0.25, 0.5),
}
"""Noise and shifts as shares of a column's spread, the others as shares of cells."""

Values = Callable[[pd.DataFrame], Floats]
"""Probabilities (n, k) or numbers (n,) for rows of the user's columns."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """The score at one strength; `lost` is how much worse than on untouched rows (below 0: better), paired."""

    strength: float
    score: float
    lost: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Curve:
    """How the score runs with the strength of one kind of trouble in all `columns` columns that can have it."""

    kind: Kind
    columns: int
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Weakness:
    """What one column alone can do: the score lost when it is missing everywhere, and when it is wrong everywhere.

    `wrong` is noise of one spread, or for words a value never seen; None for texts.
    """

    column: str
    missing: Point
    wrong: Point | None = None

    @property
    def worst(self) -> Point:
        """The greater loss of the two."""
        return self.missing if self.wrong is None or self.missing.lost >= self.wrong.lost else self.wrong


@dataclass(frozen=True, kw_only=True)
class Stress:
    """How one model degrades, by a metric of the catalogue, on `n` rows drawn from `of`.

    `refitted`: these rows were kept from the model by fitting it again without them. `skipped` counts columns that were
    tried alone on a few rows only, where they changed less than those in `columns`; `left_out` kinds of trouble that
    there was no time for. `progress` is below 1 while it goes on, or when it was stopped.
    """

    metric: str
    n: int
    of: int
    measured: Measured
    refitted: bool
    score: float
    low: float | None
    high: float | None
    seconds: float
    curves: tuple[Curve, ...] = ()
    columns: tuple[Weakness, ...] = ()
    skipped: int = 0
    left_out: int = 0
    progress: float = 0.0

    @property
    def weakest(self) -> Weakness | None:
        """The column whose trouble costs most; None when no column was tried."""
        return max(self.columns, key=lambda one: one.worst.lost, default=None)


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """What is put under stress: `values` of the rows of `table`, (n, columns), whose truth `known` holds.

    `fields` are those of the model's scoring.json: name, kind (number, category, time, text).
    """

    values: Values
    table: pd.DataFrame
    known: Predictions
    fields: tuple[Mapping[str, Any], ...]
    refitted: bool


def stress(
    subject: Subject, metric: Metric, *, seconds: float, threshold: float | None = None, seed: int = 0
) -> Iterator[Stress]:
    """The record after each curve and every few columns, the last one whole, or as far as the time went.

    Half of the time at most goes to curves, one is always made. Columns are tried alone in the order in which trouble
    in them changes what the model says about a few rows, so that the weakest is among those that there is time for, and
    the first `SURE` always. `UserError` when the metric is not defined for these rows.
    """
    start = time.monotonic()
    under = _Under(subject, metric, threshold, seed, seconds)
    made = under.first
    steps = [kind for kind in STRENGTHS if _able(kind, under.fields)]
    whole = 4 * len(steps) + min(len(under.fields), MOST_COLUMNS)
    done = 0
    for kind in steps:
        if done and time.monotonic() - start > CURVES * seconds:
            break
        made = replace(made, curves=(*made.curves, under.curve(kind)))
        done += 4
        yield _at(made, done / whole, start)
    made = replace(made, left_out=len(steps) - len(made.curves))
    for place, one in enumerate(under.by_effect(SIEVE * seconds)[:MOST_COLUMNS]):
        if place >= SURE and time.monotonic() - start > seconds:
            break
        made = replace(made, columns=(*made.columns, under.alone(one)))
        done += 1
        if place % 5 == 4:
            yield _at(made, done / whole, start)
    yield _at(replace(made, skipped=len(under.fields) - len(made.columns)), 1.0, start)


class _Under:
    """The sampled rows, and their score untouched."""

    def __init__(self, subject: Subject, metric: Metric, threshold: float | None, seed: int, seconds: float) -> None:
        self.metric, self.threshold, self.seed = metric, threshold, seed
        self.values, self.fields = subject.values, subject.fields
        self.each = _each(subject)
        rows = _affordable(subject, seconds, self.each)
        chance = np.random.default_rng([seed, 3])
        taken = np.sort(chance.permutation(len(subject.table))[:rows])
        self.table = subject.table.iloc[taken].reset_index(drop=True)
        self.known = subject.known.take(taken)
        clean = replace(self.known, values=self.values(self.table))
        self.clean = drawn(clean, (metric,), threshold=threshold, seed=seed, draws=DRAWS)[0]
        told = around(self.clean.value, self.clean.draws, metric, self.clean.resting_on)
        self.first = Stress(
            metric=metric.key, n=rows, of=len(subject.table), measured=self.known.measured, refitted=subject.refitted,
            score=told.value, low=finite(told.low), high=finite(told.high), seconds=0.0,
        )  # fmt: skip

    def curve(self, kind: Kind) -> Curve:
        """One kind of trouble in every column that can have it."""
        columns = sum(field["kind"] in KINDS_OF[kind] for field in self.fields)
        points = []
        for strength in STRENGTHS[kind]:
            ways = [self.point(spoil, strength, self.fields) for spoil in SPOILS[kind]]
            points.append(max(ways, key=lambda point: point.lost))
        return Curve(kind=kind, columns=columns, points=tuple(points))

    def by_effect(self, seconds: float) -> tuple[Mapping[str, Any], ...]:
        """The fields, first those whose trouble changes most what the model says of a few rows, on average."""
        least, most = SIEVED_ROWS
        spread = seconds / max(1e-9, 2 * len(self.fields) * self.each)
        few = self.table.head(max(least, min(most, int(spread))))
        before = self.values(few)

        def moved(field: Mapping[str, Any]) -> float:
            chance = np.random.default_rng([self.seed, 23])
            ways = [self.values(spoiled(few, (field,), spoil, 1.0, chance)) for spoil in _failures(field)]
            return max(float(np.nanmean(np.abs(values - before))) for values in ways)

        effects = [moved(field) for field in self.fields]
        return tuple(self.fields[at] for at in np.argsort(np.negative(effects), kind="stable"))

    def alone(self, field: Mapping[str, Any]) -> Weakness:
        """One column missing everywhere, and wrong everywhere."""
        missing, *wrong = (self.point(spoil, 1.0, (field,)) for spoil in _failures(field))
        return Weakness(column=str(field["name"]), missing=missing, wrong=wrong[0] if wrong else None)

    def point(self, spoil: Spoil, strength: float, fields: tuple[Mapping[str, Any], ...]) -> Point:
        """The score with these columns spoiled, against the untouched rows on the same draws."""
        chance = np.random.default_rng([self.seed, 17, round(1000 * strength)])
        values = self.values(spoiled(self.table, fields, spoil, strength, chance))
        here = drawn(
            replace(self.known, values=values), (self.metric,), threshold=self.threshold, seed=self.seed, draws=DRAWS
        )[0]
        sign = -1.0 if self.metric.higher_is_better else 1.0
        lost, apart = sign * (here.value - self.clean.value), sign * (here.draws - self.clean.draws)
        apart = apart[np.isfinite(apart)]
        error = float(apart.std(ddof=1)) if len(apart) > 1 else math.inf
        reach = quantile_t(here.resting_on - 1) * error
        return Point(strength=strength, score=here.value, lost=lost, low=lost - reach, high=lost + reach)


KINDS_OF: Mapping[Kind, tuple[str, ...]] = {
    "noise": ("number", "time"),
    "missing": ("number", "time", "category", "text"),
    "shifted": ("number", "time"),
    "unseen": ("category",),
}
SPOILS: Mapping[Kind, tuple[Spoil, ...]] = {
    "noise": (noised,),
    "missing": (missed,),
    "shifted": SHIFTED,
    "unseen": (unseen,),
}


def _able(kind: Kind, fields: tuple[Mapping[str, Any], ...]) -> bool:
    return any(field["kind"] in KINDS_OF[kind] for field in fields)


def _failures(field: Mapping[str, Any]) -> tuple[Spoil, ...]:
    """How a column fails alone: missing, and wrong where that can be."""
    wrong = {"number": noised, "time": noised, "category": unseen}.get(field["kind"])
    return (missed,) if wrong is None else (missed, wrong)


def _each(subject: Subject) -> float:
    """Seconds for one row, measured on a few."""
    few = subject.table.head(FEWEST_ROWS)
    subject.values(few)  # the first call warms up
    start = time.monotonic()
    subject.values(few)
    return (time.monotonic() - start) / max(1, len(few))


def _affordable(subject: Subject, seconds: float, each: float) -> int:
    """How many rows can be scored as often as needed in the time."""
    rows = len(subject.table)
    calls = 20 + 2 * min(len(subject.fields), MOST_COLUMNS)
    return max(min(rows, FEWEST_ROWS), min(rows, MOST_ROWS, int(0.8 * seconds / calls / max(each, 1e-9))))


def _at(made: Stress, progress: float, start: float) -> Stress:
    return replace(made, progress=min(1.0, progress), seconds=time.monotonic() - start)
