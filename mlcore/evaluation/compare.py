"""The honest leaderboard: scores with intervals, who is tied with the best, and the simplest that is as good.

All models are scored on the same draws of the same units, so that differences between two models are paired. A model
is tied with the best when its difference from it could be chance: two-sided, 5 %, corrected for the number of models
(Holm 1979). With few rows much is tied that is worse, so recommended is the simplest of the tied that costs no more
than one standard error of the difference (Breiman et al. 1984, Classification and Regression Trees) and a small share
of what the best gains. The comparison holds for these fitted models on new rows; it leaves out the variation from
training again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.intervals import (
    Interval,
    Units,
    around,
    draws_for,
    finite,
    smallest,
    unit_weights,
    units_of,
)
from mlcore.evaluation.metrics.metric import Metric
from mlcore.evaluation.predictions import Floats, Measured, Predictions

CHANCE = 0.05
TOO_MUCH_LOST = 0.5
GIVEN_UP = 0.02
"""Share of the best model's gain that a simpler one may cost."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """One model to compare: its predictions for rows it was not trained on, or the `error` that left it without.

    `simplicity` ranks models, 0 the simplest. `train_score` is the metric on rows it was trained on.
    """

    key: str
    title: str
    predictions: Predictions | None
    simplicity: int = 0
    train_score: float | None = None
    fit_seconds: float | None = None
    ms_per_1000: float | None = None
    megabytes: float | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One model on the leaderboard.

    `low` and `high` bound the 95 % interval of `score`. `tied`: no worse than the best beyond chance (the best itself
    included); `p` is the corrected p-value of the difference. `as_good`: tied, and what it costs to take it instead of
    the best is small, too. `gain` is how much better than the baseline, in the
    metric's unit, negative when worse. `lost` is the share of the gain on training rows that is gone on new ones;
    `overfit` when that is more than half, and the model is behind the best although it knows its training rows better:
    a forest knows them by heart and may still be the best there is, and where times change every model loses.
    Scores are absent, and `error` says why, for a model that failed.
    `n` rows were predicted; fewer than those of others when the model was stopped early.
    """

    key: str
    title: str
    score: float | None = None
    low: float | None = None
    high: float | None = None
    tied: bool = False
    as_good: bool = False
    p: float | None = None
    gain: float | None = None
    lost: float | None = None
    overfit: bool = False
    fit_seconds: float | None = None
    ms_per_1000: float | None = None
    megabytes: float | None = None
    error: str = ""
    recommended: bool = False
    simplicity: int = 0
    n: int = 0


@dataclass(frozen=True, kw_only=True)
class Leaderboard:
    """The models, best first, failed ones last. `n` rows were predicted; `best` and `recommended` are keys of rows."""

    metric: str
    n: int
    measured: Measured
    rows: tuple[Row, ...]
    best: str | None = None
    recommended: str | None = None
    baseline: str | None = None

    def __getitem__(self, key: str) -> Row:
        for row in self.rows:
            if row.key == key:
                return row
        raise KeyError(key)

    @property
    def scored(self) -> tuple[Row, ...]:
        """The rows with a score, best first."""
        return tuple(row for row in self.rows if row.score is not None)


def leaderboard(
    entries: Sequence[Entry], metric: Metric, *, seed: int = 0, baseline: str = "baseline", draws: int | None = None
) -> Leaderboard:
    """The entries compared by a metric. `baseline` is the key of the entry that gains are counted from."""
    rows: dict[str, Row] = {}
    able: list[Entry] = []
    for entry in entries:
        reason = entry.error or _unable(entry, metric)
        rows[entry.key] = _facts(entry, reason)
        if not reason:
            able.append(entry)
    if not able:
        return Leaderboard(metric=metric.key, n=0, measured="cross-validation", rows=tuple(rows.values()))
    scores, drawn = _scored(able, metric, seed, draws)
    best = max(scores, key=lambda key: (metric.gain(scores[key].value, 0.0), -rows[key].simplicity))
    chances = _chances(scores, drawn, best)
    reference = scores[baseline].value if baseline in scores else None
    for entry in able:
        rows[entry.key] = _placed(rows[entry.key], entry, metric, scores[entry.key], chances[entry.key], reference)
    reached = next(entry.train_score for entry in able if entry.key == best)
    for entry in able:
        row = rows[entry.key]
        rows[entry.key] = replace(row, overfit=row.overfit and _closer(entry.train_score, reached, metric))
    for key in _as_good(rows, drawn, best):
        rows[key] = replace(rows[key], as_good=True)
    return _ordered(able, rows, metric, best, baseline if reference is not None else None)


def _as_good(rows: dict[str, Row], drawn: dict[str, Floats], best: str) -> list[str]:
    """The tied models that cost little: one standard error at most, and a small share of the best one's gain."""
    top = rows[best]
    found = [best]
    for key, row in rows.items():
        if not row.tied or key == best or row.score is None or top.score is None:
            continue
        cost = abs(row.score - top.score)
        small = top.gain is None or cost <= GIVEN_UP * abs(top.gain)
        if small and cost <= _error(drawn[key] - drawn[best]):
            found.append(key)
    return found


def _closer(score: float | None, other: float | None, metric: Metric) -> bool:
    """Whether a model knows its training rows better than another one does; also when that is not known."""
    return score is None or other is None or metric.gain(score, other) > 0


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """The p-values corrected for their number, in their order: never smaller, at most 1."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected, highest = [0.0] * len(p_values), 0.0
    for place, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[index]))
        corrected[index] = highest
    return tuple(corrected)


def _unable(entry: Entry, metric: Metric) -> str:
    """Why this entry cannot be scored; empty when it can."""
    if entry.predictions is None:
        return "It gave no predictions."
    try:
        metric.weighted(entry.predictions)
    except UserError as error:
        return str(error)
    return ""


def _facts(entry: Entry, error: str) -> Row:
    return Row(
        key=entry.key,
        title=entry.title,
        fit_seconds=entry.fit_seconds,
        ms_per_1000=entry.ms_per_1000,
        megabytes=entry.megabytes,
        error=error,
        simplicity=entry.simplicity,
    )


def _scored(
    entries: Sequence[Entry], metric: Metric, seed: int, draws: int | None
) -> tuple[dict[str, Interval], dict[str, Floats]]:
    """Each entry's score with its interval, and its scores over draws that all entries share."""
    given = [entry.predictions for entry in entries if entry.predictions is not None]
    known = np.unique(np.concatenate([_ids(predictions) for predictions in given]))
    units = [units_of(predictions, known) for predictions in given]
    widest = max(len(predictions) for predictions in given)
    amount = draws or max(100, draws_for(widest) // 2)
    weighted = [metric.weighted(predictions) for predictions in given]
    parts: list[list[Floats]] = [[] for _ in given]
    shared = Units(count=len(known), of_row=np.arange(len(known)), label=_shared_labels(units))
    for weights in unit_weights(shared, within_labels=metric.within_labels, seed=seed, draws=amount):
        for part, measure, unit in zip(parts, weighted, units, strict=True):
            part.append(measure(weights[:, unit.of_row]))
    resting_on = smallest(shared, not metric.over_rows)
    scores, drawn = {}, {}
    for entry, measure, part, predictions in zip(entries, weighted, parts, given, strict=True):
        drawn[entry.key] = np.concatenate(part)
        value = float(measure(np.ones((1, len(predictions))))[0])
        scores[entry.key] = around(value, drawn[entry.key], metric, resting_on)
    return scores, drawn


def _ids(predictions: Predictions) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray(predictions.rows if predictions.groups is None else predictions.groups, dtype=np.int64)


def _shared_labels(units: Sequence[Units]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The label of each unit, from whichever entry predicted it; -1 when none knows or rows of it differ."""
    return np.asarray(np.max([unit.label for unit in units], axis=0), dtype=np.int64)


def _chances(scores: dict[str, Interval], drawn: dict[str, Floats], best: str) -> dict[str, float]:
    """The corrected p-value of each entry's difference from the best; 1 for the best itself."""
    others = [key for key in scores if key != best]
    raw = [_chance(scores[key].value - scores[best].value, drawn[key] - drawn[best]) for key in others]
    return {best: 1.0, **dict(zip(others, holm(raw), strict=True))}


def _chance(difference: float, drawn: Floats) -> float:
    """The two-sided p-value of a difference whose draws are known (normal approximation)."""
    error = _error(drawn)
    if error <= 1e-12 * max(1.0, abs(difference)):
        return 1.0 if abs(difference) <= 1e-12 else 0.0
    return math.erfc(abs(difference) / error / math.sqrt(2))


def _error(drawn: Floats) -> float:
    """The standard error of what was drawn; infinite when too little was."""
    drawn = drawn[np.isfinite(drawn)]
    return float(drawn.std(ddof=1)) if len(drawn) > 1 else math.inf


def _placed(row: Row, entry: Entry, metric: Metric, score: Interval, p: float, reference: float | None) -> Row:
    gain = None if reference is None else metric.gain(score.value, reference)
    lost = None
    if gain is not None and reference is not None and entry.train_score is not None:
        gain_in_training = metric.gain(entry.train_score, reference)
        lost = 1 - gain / gain_in_training if gain_in_training > 0 else None
    return replace(
        row,
        n=0 if entry.predictions is None else len(np.unique(entry.predictions.rows)),
        score=score.value,
        low=finite(score.low),
        high=finite(score.high),
        tied=p >= CHANCE,
        p=p,
        gain=gain,
        lost=lost,
        overfit=p < CHANCE and lost is not None and lost > TOO_MUCH_LOST,
    )


def _ordered(
    able: Sequence[Entry], rows: dict[str, Row], metric: Metric, best: str, baseline: str | None
) -> Leaderboard:
    def worth(row: Row) -> float:
        return metric.gain(row.score or 0.0, 0.0)

    placed = sorted((rows[entry.key] for entry in able), key=lambda row: (-worth(row), row.simplicity))
    chosen = min((row for row in placed if row.as_good), key=lambda row: (row.simplicity, -worth(row))).key
    placed = [replace(row, recommended=row.key == chosen) for row in placed]
    failed = [row for row in rows.values() if row.score is None]
    first = next(entry.predictions for entry in able if entry.predictions is not None)
    return Leaderboard(
        metric=metric.key,
        n=max(row.n for row in placed),
        measured=first.measured,
        rows=(*placed, *failed),
        best=best,
        recommended=chosen,
        baseline=baseline,
    )
