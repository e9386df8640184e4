"""The worst segment: where in the table a model is most wrong, found on one half of the rows, confirmed on the other.

Every part of every column and every pair of parts is tried on the first half (after Chung et al. 2019, "Slice finder",
ICDE). What looks worst there is only a suspicion: of thousands tried some look bad by chance. So at most five are
tested on the second half, which had no say in choosing them: one-sided, with standard errors by group or row, corrected
for the number tested (Holm 1979). Groups lie whole in one half, and so do repeats of a row. The chance that anything is
raised where nothing is wrong is 1 %.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlcore.evaluation.compare import holm
from mlcore.evaluation.cuts import Cut
from mlcore.evaluation.draws import distinct, ids_of
from mlcore.evaluation.intervals import quantile_t
from mlcore.evaluation.metrics.metric import checked, truth_of
from mlcore.evaluation.predictions import Floats, Integers, Measured, Predictions
from mlcore.evaluation.slices import Part, p_of

CHANCE = 0.01
LEAST = 40
"""Rows that a segment must have in the first half; in the second it must have half as many, as groups if there are."""

MATERIAL = 0.1
"""How much worse than the rest a segment must look, as a share of the error in the rest."""

TESTED = 5
MOST_PAIRED = 30
"""Columns whose pairs are tried; of more those that tell most alone."""

SURER = 1.1
OVERLAP = 0.5
MOST_ROWS = 200_000

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
MEASURES: Mapping[str, str] = {"binary": "brier", "multiclass": "log_loss", "regression": "mae"}
"""What counts as wrong: a metric that is a mean over rows."""


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """A segment that looked bad on the first half, and what the second half says of it.

    `n` counts its rows in both halves, `tested` those in the second. `error` is the mean error in the segment and
    `rest` that of all other rows, both on the second half, `low` and `high` bound their difference; `first` is the
    difference that the first half saw. `p` is corrected for the number tested. `said` and `happened` are means in the
    segment over both halves: of the probability of the positive label and of its share, or of prediction and truth.
    """

    parts: tuple[Part, ...]
    n: int
    tested: int
    error: float
    rest: float
    low: float
    high: float
    first: float
    p: float
    confirmed: bool
    said: float | None = None
    happened: float | None = None


@dataclass(frozen=True, kw_only=True)
class Worst:
    """What the search came to. `measure` is a key of the metrics catalogue; `tried` counts segments on the first half.

    `suspicions` are the tested segments, confirmed ones first, those with the largest difference before others.
    `n` counts rows; `why` says in a sentence why there was no search.
    """

    measure: str
    n: int
    measured: Measured
    columns: int
    tried: int
    suspicions: tuple[Suspicion, ...] = ()
    why: str = ""

    @property
    def confirmed(self) -> tuple[Suspicion, ...]:
        """The segments that the second half confirms."""
        return tuple(one for one in self.suspicions if one.confirmed)


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """One number a row: `error` is (n,), `unit` the unit it belongs to, `first` whether it is in the first half."""

    error: Floats
    unit: Integers
    first: Mask


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """A segment by the columns' places and codes; `sure` is how much worse it is at least, by the first half."""

    places: tuple[int, ...]
    codes: tuple[int, ...]
    difference: float
    sure: float


def worst_segments(predictions: Predictions, cuts: Sequence[Cut], *, least: int = LEAST, seed: int = 0) -> Worst:
    """Search the parts of these columns, whose cuts are aligned with the predictions, and their pairs.

    `UserError` when the predictions cannot be measured.
    """
    checked(predictions)
    if len(predictions) > MOST_ROWS:
        fewer = np.sort(np.random.default_rng(seed).choice(len(predictions), MOST_ROWS, replace=False))
        predictions = predictions.take(fewer)
        cuts = [replace(one, codes=one.codes[fewer]) for one in cuts]
    rows = _halved(predictions, seed)
    n = len(distinct(predictions.rows))
    nothing = Worst(measure=MEASURES[predictions.task], n=n, measured=predictions.measured, columns=len(cuts), tried=0)
    if min(len(np.unique(rows.unit[half])) for half in (rows.first, ~rows.first)) < 2 * least:
        what = "groups" if predictions.groups is not None else "rows"
        return replace(
            nothing, why=f"A search for the worst segment needs {4 * least} {what} at least: there are too few here."
        )
    candidates, tried = _searched(rows, cuts, least)
    chosen = _chosen(candidates, cuts, rows, least)
    tested = [_tested(one, cuts, rows, predictions) for one in chosen]
    return replace(nothing, tried=tried, suspicions=_corrected(tested))


def errors_of(predictions: Predictions) -> Floats:
    """How wrong each prediction is, (n,); its mean is the metric that `MEASURES` names."""
    truth = truth_of(predictions)
    if predictions.task == "regression":
        return np.abs(truth - predictions.values)
    if predictions.task == "binary":
        return np.asarray((predictions.score - (truth == predictions.positive_index)) ** 2)
    told = predictions.values[np.arange(len(predictions)), truth.astype(np.int64)]
    smallest = float(np.finfo(np.float64).eps)
    return -np.log(np.clip(told, smallest, 1 - smallest))


def _halved(predictions: Predictions, seed: int) -> _Rows:
    """The rows with their errors, each unit whole in one half."""
    ids = ids_of(predictions)
    every = distinct(ids)
    unit = np.searchsorted(every, ids)
    first = np.zeros(len(every), dtype=bool)
    first[np.random.default_rng([seed, 7]).permutation(len(every))[: len(every) // 2]] = True
    return _Rows(error=errors_of(predictions), unit=unit, first=first[unit])


class _Half:
    """Sums over one half of the rows, by which any segment is compared with the rest at once."""

    def __init__(self, rows: _Rows, half: Mask, least: int) -> None:
        self.error, self.least = rows.error[half], least
        self.units_a_row = len(np.unique(rows.unit[half])) / max(1, len(self.error))
        self.n, self.sum, self.squares = len(self.error), self.error.sum(), (self.error**2).sum()

    def compared(self, codes: Integers, size: int) -> tuple[Floats, Floats, Mask]:
        """Of each of `size` segments: how much larger its error is, the error of that, and whether it may be tried."""
        n = np.bincount(codes, minlength=size).astype(np.float64)
        total = np.bincount(codes, weights=self.error, minlength=size)
        squares = np.bincount(codes, weights=self.error**2, minlength=size)
        others = self.n - n
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, mean_rest = total / n, (self.sum - total) / others
            spread = np.maximum(squares / n - mean**2, 0) / n
            spread_rest = np.maximum((self.squares - squares) / others - mean_rest**2, 0) / others
            difference = mean - mean_rest
            error = np.sqrt((spread + spread_rest) / self.units_a_row)
            able = (np.minimum(n, others) >= self.least) & (error > 0)
            worse = able & (difference > MATERIAL * mean_rest)
        return difference, error, np.asarray(np.where(worse, 2, able).astype(np.int64))


def _searched(rows: _Rows, cuts: Sequence[Cut], least: int) -> tuple[list[_Candidate], int]:
    """What looks worse than the rest on the first half, and how many segments were looked at."""
    half = _Half(rows, rows.first, least)
    codes = [one.codes[rows.first] for one in cuts]
    found: list[_Candidate] = []
    tried, strength = 0, np.zeros(len(cuts))
    for place, one in enumerate(cuts):
        made, number, top = _looked_at(half, codes[place], (place,), (len(one.labels),))
        found, tried, strength[place] = [*found, *made], tried + number, top
    paired = np.sort(np.argsort(-strength, kind="stable")[:MOST_PAIRED])
    for at, a in enumerate(paired):
        for b in paired[at + 1 :]:
            sizes = len(cuts[a].labels), len(cuts[b].labels)
            made, number, _ = _looked_at(half, codes[a] * sizes[1] + codes[b], (int(a), int(b)), sizes)
            found, tried = [*found, *made], tried + number
    return found, tried


def _looked_at(
    half: _Half, codes: Integers, places: tuple[int, ...], sizes: tuple[int, ...]
) -> tuple[list[_Candidate], int, float]:
    """The bad ones among the segments of one or two columns, how many there were, and the largest z among all."""
    difference, error, state = half.compared(codes, math.prod(sizes))
    able = np.flatnonzero(state > 0)
    top = float((np.abs(difference[able]) / error[able]).max()) if len(able) else 0.0
    bad = [at for at in np.flatnonzero(state == 2) if difference[at] > 2 * error[at]]
    made = [
        _Candidate(
            places=places, codes=tuple(int(code) for code in np.unravel_index(at, sizes)),
            difference=float(difference[at]), sure=float(difference[at] - 2 * error[at]),
        )
        for at in bad
    ]  # fmt: skip
    return made, len(able), top


def _chosen(found: list[_Candidate], cuts: Sequence[Cut], rows: _Rows, least: int) -> list[_Candidate]:
    """The few to test: surely bad, not the same rows twice, and pairs only where they say more than their parts."""
    alone = {(one.places[0], one.codes[0]): one.sure for one in found if len(one.places) == 1}
    chosen: list[_Candidate] = []
    masks: list[Mask] = []
    for one in sorted(found, key=lambda one: (-one.sure, len(one.places))):
        parts = zip(one.places, one.codes, strict=True)
        if len(one.places) == 2 and one.sure < SURER * max(alone.get(part, 0.0) for part in parts):
            continue
        mask = _mask(one, cuts)
        if min(len(np.unique(rows.unit[mask & half])) for half in (rows.first, ~rows.first)) < least // 2:
            continue
        if all((mask & other).sum() <= OVERLAP * (mask | other).sum() for other in masks):
            chosen.append(one)
            masks.append(mask)
        if len(chosen) == TESTED:
            break
    return chosen


def _mask(one: _Candidate, cuts: Sequence[Cut]) -> Mask:
    inside = [cuts[place].codes == code for place, code in zip(one.places, one.codes, strict=True)]
    return np.asarray(np.logical_and.reduce(inside))


def _tested(one: _Candidate, cuts: Sequence[Cut], rows: _Rows, predictions: Predictions) -> Suspicion:
    """The segment on the second half, one-sided, not yet corrected."""
    mask = _mask(one, cuts)
    second = ~rows.first
    difference, error, freedom = _difference(rows.error[second], mask[second], rows.unit[second])
    p = p_of(difference, error, freedom) / 2
    reach = quantile_t(freedom) * error
    here = predictions.take(np.flatnonzero(mask))
    said, happened = _means(here)
    labelled = zip(one.places, one.codes, strict=True)
    return Suspicion(
        parts=tuple(Part(column=cuts[place].column, label=cuts[place].labels[code]) for place, code in labelled),
        n=len(distinct(here.rows)),
        tested=len(distinct(predictions.rows[mask & second])),
        error=float(rows.error[mask & second].mean()),
        rest=float(rows.error[~mask & second].mean()),
        low=difference - reach, high=difference + reach, first=one.difference,
        p=p if difference > 0 else 1 - p, confirmed=False, said=said, happened=happened,
    )  # fmt: skip


def _difference(error: Floats, inside: Mask, unit: Integers) -> tuple[float, float, int]:
    """Mean inside less mean outside, its standard error by unit (linearised), and its degrees of freedom."""
    n, others = inside.sum(), (~inside).sum()
    mean, rest = error[inside].mean(), error[~inside].mean()
    influence = np.where(inside, (error - mean) / n, -(error - rest) / others)
    by_unit = np.bincount(unit, weights=influence)
    units = len(np.unique(unit))
    freedom = min(len(np.unique(unit[inside])), len(np.unique(unit[~inside]))) - 1
    spread = math.sqrt(float((by_unit**2).sum()) * units / max(1, units - 1)) * math.sqrt((freedom + 1) / freedom)
    return float(mean - rest), spread, freedom


def _means(here: Predictions) -> tuple[float | None, float | None]:
    """What was said on average, and what happened; None for several labels."""
    if here.task == "multiclass":
        return None, None
    if here.task == "regression":
        return float(here.values.mean()), float(truth_of(here).mean())
    return float(here.score.mean()), float((truth_of(here) == here.positive_index).mean())


def _corrected(tested: Sequence[Suspicion]) -> tuple[Suspicion, ...]:
    found = [
        replace(one, p=p, confirmed=p < CHANCE) for one, p in zip(tested, holm([one.p for one in tested]), strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (not one.confirmed, one.rest - one.error)))
