"""Two to four models side by side: every metric with its interval, what differs beyond chance, where answers differ.

All metrics of all models are computed on the same draws of the same units (a row in all its rounds, or a group), so the
interval of a difference is that of pairs. The draws stand for other rows of the same kind, judged by these models: with
few rows that is what is least certain. Differences over folds, which also hold what training again would change, are
given beside it (`resampled`) and decide nothing: five folds have four degrees of freedom, so that test misses most of
what is there, and its size is right on average only (Nadeau and Bengio 2003).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mlcore.data.amounts import compact
from mlcore.errors import UserError
from mlcore.evaluation.compare import CHANCE, chance, holm
from mlcore.evaluation.draws import Sample, Sampler
from mlcore.evaluation.intervals import finite, quantile_t
from mlcore.evaluation.metrics import metrics_for
from mlcore.evaluation.metrics.metric import Metric, checked
from mlcore.evaluation.paired import MOST_UNITS, Paired, paired
from mlcore.evaluation.predictions import Floats, Integers, Measured, Predictions, Task
from mlcore.evaluation.ranks import rank_correlation

FEWEST, MOST = 2, 4
LISTED = 30


@dataclass(frozen=True, kw_only=True)
class Score:
    """A metric of one model with its 95 % interval, and how it differs from that of the first model.

    `difference` is value - first value in the metric's unit, `difference_low` and `difference_high` its 95 % interval;
    all three are 0 for the first model. `tied`: the difference could be chance (corrected for the number of models).
    """

    value: float
    low: float | None
    high: float | None
    difference: float = 0.0
    difference_low: float | None = 0.0
    difference_high: float | None = 0.0
    tied: bool = True


@dataclass(frozen=True, kw_only=True)
class Line:
    """One metric of the catalogue, with the score of each model in their order."""

    metric: str
    scores: tuple[Score, ...]


@dataclass(frozen=True, kw_only=True)
class Apart:
    """A row on which the models differ. `row` is its position in the table.

    `said` are the answers and `values` what stands behind them: the probability that was given to the answer, or the
    number itself. `distance` is the largest between two of the models: the share of
    probability that is given otherwise, or the difference of the numbers.
    """

    row: int
    truth: str
    said: tuple[str, ...]
    values: tuple[float, ...]
    distance: float


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Models by key, in the order in which they are shown; the first is the one that differences are counted from.

    `n` rows were predicted by all of them. `alike` is the share of these with the same answer (None for numbers), and
    `right` how often each model is right where they differ. `distance` is the middle distance of the numbers, and
    `together` the smallest rank correlation of two models' numbers or probabilities (None where it is not defined).
    `apart` are the rows that differ most, the farthest first. `notes` say what could not be measured and why.
    """

    keys: tuple[str, ...]
    task: Task
    n: int
    measured: Measured
    lines: tuple[Line, ...]
    alike: float | None
    right: tuple[float, ...]
    distance: float
    together: float | None
    apart: tuple[Apart, ...]
    notes: tuple[str, ...] = ()

    def __getitem__(self, metric: str) -> Line:
        for line in self.lines:
            if line.metric == metric:
                return line
        raise KeyError(metric)


def beside(
    predictions: Mapping[str, Predictions],
    *,
    metrics: Sequence[Metric] | None = None,
    threshold: float | None = None,
    seed: int = 0,
    draws: int | None = None,
) -> Beside:
    """Compare what these models said about the same rows; `UserError` when they have none in common, or are too many.

    `metrics` are those to compute, all of the task when None. `threshold` (0.5) is the score from which a row counts as
    positive, in binary tasks only.
    """
    if not FEWEST <= len(predictions) <= MOST:
        raise UserError(
            f"{len(predictions)} models cannot be laid side by side", remedy=f"Choose {FEWEST} to {MOST} of them."
        )
    said = _shared({key: checked(one) for key, one in predictions.items()})
    first = next(iter(said.values()))
    threshold = (0.5 if threshold is None else threshold) if first.task == "binary" else None
    able, notes = _able(said, metrics_for(first.task) if metrics is None else metrics, threshold)
    sampler = Sampler(MOST_UNITS)
    samples = {key: sampler.of(one) for key, one in said.items()}
    once = [one.averaged() for one in said.values()]
    distances = _distances(once)
    answers = _answers(once, threshold)
    differ = np.any(answers != answers[0], axis=0)
    labels = first.task != "regression"
    return Beside(
        keys=tuple(predictions),
        task=first.task,
        n=len(once[0]),
        measured=first.measured,
        lines=tuple(_line(metric, said, samples, threshold, seed, draws) for metric in able),
        alike=float(1 - differ.mean()) if labels else None,
        right=_right(answers[:, differ], once[0].take(np.flatnonzero(differ))) if labels and differ.any() else (),
        distance=float(np.median(distances)),
        together=_together(once),
        apart=_apart(once, answers, distances),
        notes=notes,
    )


def _shared(predictions: Mapping[str, Predictions]) -> dict[str, Predictions]:
    """The rows that all models predicted, each model with its rounds."""
    every = [np.unique(one.rows) for one in predictions.values()]
    common = every[0]
    for rows in every[1:]:
        common = np.intersect1d(common, rows, assume_unique=True)
    if not len(common):
        raise UserError(
            "These models were judged on different rows", remedy="Compare models that were trained in the same run."
        )
    if all(len(rows) == len(common) for rows in every):
        return dict(predictions)
    return {key: one.take(np.flatnonzero(np.isin(one.rows, common))) for key, one in predictions.items()}


def _able(
    said: Mapping[str, Predictions], metrics: Sequence[Metric], threshold: float | None
) -> tuple[list[Metric], tuple[str, ...]]:
    """The metrics that are defined for all models, and why the others are not."""
    able, notes = list[Metric](), list[str]()
    for metric in metrics:
        try:
            for one in said.values():
                metric.weighted(one, threshold)
        except UserError as error:
            notes += [] if metric.optional else [str(error)]
        else:
            able.append(metric)
    return able, tuple(dict.fromkeys(notes))


def _line(
    metric: Metric,
    said: Mapping[str, Predictions],
    samples: Mapping[str, Sample],
    threshold: float | None,
    seed: int,
    draws: int | None,
) -> Line:
    sampled = next(iter(samples.values())).stands_for is not None
    values = {key: metric.score(one, threshold) if sampled else None for key, one in said.items()}
    compared = paired(samples, values, metric, seed=seed, draws=draws, threshold=threshold)
    first, *others = compared.scores
    differences = [_difference(compared, first, key) for key in others]
    chances = holm([chance(difference, error) for difference, error in differences])
    reach = quantile_t(compared.resting_on - 1)
    scores = [_score(compared, first)]
    for key, (difference, error), p in zip(others, differences, chances, strict=True):
        known = math.isfinite(error)
        scores.append(
            _score(
                compared,
                key,
                difference=difference,
                difference_low=difference - reach * error if known else None,
                difference_high=difference + reach * error if known else None,
                tied=p >= CHANCE,
            )
        )
    return Line(metric=metric.key, scores=tuple(scores))


def _score(compared: Paired, key: str, **more: float | bool | None) -> Score:
    value, low, high = compared.scores[key]
    return Score(value=value, low=finite(low), high=finite(high), **more)  # type: ignore[arg-type]


def _difference(compared: Paired, first: str, key: str) -> tuple[float, float]:
    """How a model's score differs from the first one's, and the standard error of that."""
    drawn = compared.drawn[key] - compared.drawn[first]
    drawn = drawn[np.isfinite(drawn)]
    difference = compared.scores[key].value - compared.scores[first].value
    units = compared.resting_on
    if len(drawn) < 20 or units < 2:
        return difference, math.inf
    return difference, float(drawn.std(ddof=1)) * math.sqrt(units / (units - 1))


def _distances(once: Sequence[Predictions]) -> Floats:
    """For each row the largest distance of two models."""

    def between(one: Predictions, other: Predictions) -> Floats:
        gap = np.abs(one.values - other.values)
        return np.asarray(gap if gap.ndim == 1 else gap.sum(axis=1) / 2)

    return np.asarray(np.max([between(*two) for two in combinations(once, 2)], axis=0))


def _answers(once: Sequence[Predictions], threshold: float | None) -> Integers:
    """The label code that each model answers, (models, n); 0 for numbers."""
    if once[0].task == "regression":
        return np.zeros((len(once), len(once[0])), dtype=np.int64)
    if threshold is None:
        return np.stack([one.values.argmax(axis=1) for one in once])
    positive = once[0].positive_index
    return np.stack([np.where(one.score >= threshold, positive, 1 - positive) for one in once]).astype(np.int64)


def _right(answers: Integers, like: Predictions) -> tuple[float, ...]:
    return tuple(float(np.mean(mine == like.truth)) for mine in answers)


def _together(once: Sequence[Predictions]) -> float | None:
    """The smallest rank correlation of what two models say; None when one says the same of every row."""
    said = [one.score if one.task == "binary" else one.values for one in once]
    found = [rank_correlation(np.ravel(a), np.ravel(b)) for a, b in combinations(said, 2)]
    known = [value for value in found if value is not None]
    return min(known) if len(known) == len(found) else None


def _apart(once: Sequence[Predictions], answers: Integers, distances: Floats) -> tuple[Apart, ...]:
    """The rows on which the models are farthest apart; rows on which all say the same are none."""
    order = np.argsort(-distances, kind="stable")[:LISTED]
    return tuple(_row(once, answers, distances, int(at)) for at in order if distances[at] > 1e-9)


def _row(once: Sequence[Predictions], answers: Integers, distances: Floats, at: int) -> Apart:
    first = once[0]
    assert first.truth is not None
    if first.task == "regression":
        truth = compact(float(first.truth[at]))
        values = tuple(float(one.values[at]) for one in once)
        said = tuple(compact(value) for value in values)
    else:
        truth = first.labels[int(first.truth[at])]
        said = tuple(first.labels[code] for code in answers[:, at])
        values = tuple(float(one.values[at, code]) for one, code in zip(once, answers[:, at], strict=True))
    return Apart(row=int(first.rows[at]), truth=truth, said=said, values=values, distance=float(distances[at]))
