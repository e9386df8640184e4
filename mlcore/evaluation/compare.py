"""The honest leaderboard: scores with intervals, who is tied with the best, and the simplest that is as good.

All models are scored on the same draws of the same units, so that differences between two models are paired; of many
thousand units a sample stands for all. A model is tied with the best when its difference from it could be chance:
two-sided, 5 %, corrected for the number of models (Holm 1979). With few rows much is tied that is worse, so recommended
is the simplest of the tied that costs no more than one standard error of the difference (Breiman et al. 1984,
Classification and Regression Trees) and a small share of what the best gains. The comparison holds for these fitted
models on new rows; it leaves out the variation from training again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.choice import Choice, standard_error
from mlcore.evaluation.draws import Sample, Sampler
from mlcore.evaluation.intervals import Interval, finite
from mlcore.evaluation.metrics.metric import Metric
from mlcore.evaluation.paired import MOST_UNITS, Paired, paired
from mlcore.evaluation.predictions import Floats, Measured, Predictions
from mlcore.evaluation.selection import Blended, Selection, selection

CHANCE = 0.05
TOO_MUCH_LOST = 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """One model to compare: its predictions for rows it was not trained on, or the `error` that left it without.

    `simplicity` ranks models, 0 the simplest. `score` is the metric over all predictions, where it is known already,
    `train_score` that on rows it was trained on. `members` are the keys of the entries that it is a blend
    of; `cross_fitted`: its weights were learned on other rows than those they are scored on.
    """

    key: str
    title: str
    predictions: Predictions | None
    simplicity: int = 0
    score: float | None = None
    train_score: float | None = None
    fit_seconds: float | None = None
    ms_per_1000: float | None = None
    megabytes: float | None = None
    members: tuple[str, ...] = ()
    cross_fitted: bool = False
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
    """The models, best first, failed ones last. `n` rows were predicted; `best` and `recommended` are keys of rows.

    `selection` and `recommendation` say what to expect of the best and of the recommended one after they were chosen
    among so many.
    """

    metric: str
    n: int
    measured: Measured
    rows: tuple[Row, ...]
    best: str | None = None
    recommended: str | None = None
    baseline: str | None = None
    selection: Selection | None = None
    recommendation: Selection | None = None

    def __getitem__(self, key: str) -> Row:
        for row in self.rows:
            if row.key == key:
                return row
        raise KeyError(key)

    def expected_of(self, key: str | None) -> Selection | None:
        """What to expect of this model on new rows; None unless it is the best or the recommended one."""
        return next((one for one in (self.selection, self.recommendation) if one and one.chosen == key), None)

    @property
    def unbeaten(self) -> str:
        """What it means that the baseline is the one to take; empty when a model is."""
        if self.recommended is None or self.recommended != self.baseline:
            return ""
        title = self[self.recommended].title
        if len(self.scored) == 1:
            return f"Only the baseline, “{title}”, was finished: it learns nothing from the columns. Give it more time."
        return (
            f"No model is shown to be better than the baseline, “{title}”: the columns may say little about what is "
            "to be predicted, or there are too few rows to tell."
        )

    @property
    def scored(self) -> tuple[Row, ...]:
        """The rows with a score, best first."""
        return tuple(row for row in self.rows if row.score is not None)


def leaderboard(
    entries: Iterable[Entry], metric: Metric, *, seed: int = 0, baseline: str = "baseline", draws: int | None = None
) -> Leaderboard:
    """The entries compared by a metric. `baseline` is the key of the entry that gains are counted from.

    Entries are taken one by one, and of each only a sample of its predictions is kept.
    """
    rows: dict[str, Row] = {}
    able: dict[str, Entry] = {}
    samples: dict[str, Sample] = {}
    sampler = Sampler(MOST_UNITS)
    for entry in entries:
        reason = entry.error or _unable(entry, metric)
        rows[entry.key] = _facts(entry, reason)
        if not reason and entry.predictions is not None:
            samples[entry.key] = sampler.of(entry.predictions)
            rows[entry.key] = replace(rows[entry.key], n=samples[entry.key].n)
            able[entry.key] = replace(entry, score=_score(entry, metric), predictions=samples[entry.key].predictions)
    if not able:
        return Leaderboard(metric=metric.key, n=0, measured="cross-validation", rows=tuple(rows.values()))
    compared = paired(samples, {key: able[key].score for key in able}, metric, seed=seed, draws=draws)
    rule = Choice(compared, {key: rows[key].simplicity for key in able}, baseline)
    keys, scores = list(able), np.array([[compared.scores[key].value] for key in able])
    best, chosen = keys[int(rule.best(scores)[0])], keys[int(rule.picked(scores)[0])]
    _place(rows, able, compared, best, baseline)
    for key, as_good in zip(keys, rule.as_good(scores)[:, 0], strict=True):
        rows[key] = replace(rows[key], as_good=bool(as_good))
    ordered = _ordered(able, rows, metric, (best, chosen), baseline if baseline in able else None)
    blends = _blends(able, samples, metric)
    winner = selection(compared, best, rule.best, blends)
    simple = winner if chosen == best else selection(compared, chosen, rule.picked, blends)
    return replace(ordered, selection=winner, recommendation=simple)


def _place(rows: dict[str, Row], able: Mapping[str, Entry], compared: Paired, best: str, baseline: str) -> None:
    """Fill in the rows of the entries that have a score."""
    metric, scores = compared.metric, compared.scores
    chances = _chances(scores, compared.drawn, best)
    reference = scores[baseline].value if baseline in scores else None
    reached = able[best].train_score
    for key, entry in able.items():
        row = _placed(rows[key], entry, metric, scores[key], chances[key], reference)
        rows[key] = replace(row, overfit=row.overfit and _closer(entry.train_score, reached, metric))


def _blends(able: Mapping[str, Entry], samples: Mapping[str, Sample], metric: Metric) -> tuple[Blended, ...]:
    """The blends among the entries, each with the single models it could have been made of, best first."""
    single = [entry for entry in able.values() if not entry.members]
    single.sort(key=lambda entry: metric.gain(entry.score or 0.0, 0.0), reverse=True)
    pool = [samples[entry.key] for entry in single]
    return tuple(Blended(key=entry.key, pool=pool) for entry in able.values() if _flattered(entry, able))


def _flattered(entry: Entry, able: Mapping[str, Entry]) -> bool:
    """Whether it is a blend whose weights were chosen on the rows that it is scored on."""
    return not entry.cross_fitted and bool(set(entry.members) & able.keys())


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
    if entry.score is not None and np.isfinite(entry.score):
        return ""
    try:
        metric.weighted(entry.predictions)
    except UserError as error:
        return str(error)
    return ""


def _score(entry: Entry, metric: Metric) -> float | None:
    """The score of all predictions, where it is known or must be; a sample's may differ."""
    if entry.score is not None or entry.predictions is None:
        return entry.score
    return metric.score(entry.predictions)


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


def _chances(scores: Mapping[str, Interval], drawn: Mapping[str, Floats], best: str) -> dict[str, float]:
    """The corrected p-value of each entry's difference from the best; 1 for the best itself."""
    others = [key for key in scores if key != best]
    raw = [chance(scores[key].value - scores[best].value, standard_error(drawn[key] - drawn[best])) for key in others]
    return {best: 1.0, **dict(zip(others, holm(raw), strict=True))}


def chance(difference: float, error: float) -> float:
    """The two-sided p-value of a difference with this standard error (normal approximation)."""
    if error <= 1e-12 * max(1.0, abs(difference)):
        return 1.0 if abs(difference) <= 1e-12 else 0.0
    return math.erfc(abs(difference) / error / math.sqrt(2))


def _placed(row: Row, entry: Entry, metric: Metric, score: Interval, p: float, reference: float | None) -> Row:
    gain = None if reference is None else metric.gain(score.value, reference)
    lost = None
    if gain is not None and reference is not None and entry.train_score is not None:
        gain_in_training = metric.gain(entry.train_score, reference)
        lost = 1 - gain / gain_in_training if gain_in_training > 0 else None
    return replace(
        row,
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
    able: Mapping[str, Entry], rows: Mapping[str, Row], metric: Metric, keys: tuple[str, str], baseline: str | None
) -> Leaderboard:
    """The leaderboard; `keys` are those of the best and of the recommended model."""
    best, chosen = keys
    placed = sorted((rows[key] for key in able), key=lambda row: (-metric.gain(row.score or 0.0, 0.0), row.simplicity))
    placed = [replace(row, recommended=row.key == chosen) for row in placed]
    failed = [row for row in rows.values() if row.score is None]
    first = next(entry.predictions for entry in able.values() if entry.predictions is not None)
    return Leaderboard(
        metric=metric.key,
        n=max(row.n for row in placed),
        measured=first.measured,
        rows=(*placed, *failed),
        best=best,
        recommended=chosen,
        baseline=baseline,
    )
