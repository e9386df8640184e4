"""Measure predictions against the truth: every metric that applies, with intervals, and the curves behind them."""

from __future__ import annotations

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation import classes, numbers, yes_no
from mlcore.evaluation.evaluation import BinaryDetail, Evaluation, Measure
from mlcore.evaluation.intervals import finite, intervals
from mlcore.evaluation.metrics import Metric, metrics_for
from mlcore.evaluation.metrics.metric import checked, truth_of
from mlcore.evaluation.predictions import Floats, Predictions

FEW = 20


def evaluate(
    predictions: Predictions, *, threshold: float | None = None, seed: int = 0, draws: int | None = None
) -> Evaluation:
    """Everything that can be said about these predictions.

    A metric that is not defined for them is left out and a note says why; `UserError` when nothing can be measured.
    `threshold` (0.5) is the score from which a row counts as positive, in binary tasks only.
    """
    checked(predictions)
    binary = predictions.task == "binary"
    threshold = (0.5 if threshold is None else threshold) if binary else None
    metrics, notes = _able(predictions, threshold)
    weights = row_weights(predictions)
    n = round(float(weights.sum()))
    return Evaluation(
        task=predictions.task,
        n=n,
        measured=predictions.measured,
        measures=_measures(predictions, metrics, threshold, seed, draws),
        repeats=len(predictions) / n,
        labels=predictions.labels,
        threshold=threshold,
        binary=yes_no.detail(predictions, weights) if binary else None,
        multiclass=classes.detail(predictions, weights) if predictions.task == "multiclass" else None,
        regression=numbers.detail(predictions, weights, seed=seed) if predictions.task == "regression" else None,
        worst=numbers.worst(predictions) if predictions.task == "regression" else classes.worst(predictions),
        notes=(*notes, *_cautions(predictions)),
    )


def suggested_threshold(detail: BinaryDetail, by: str = "f1") -> float:
    """The threshold at which `by` (f1, balanced_accuracy or accuracy) is highest; the middle one of equals."""
    values = np.array([getattr(counts, by) for counts in detail.thresholds])
    best = np.flatnonzero(values >= values.max() - 1e-12)
    return detail.thresholds[int(best[len(best) // 2])].threshold


def row_weights(predictions: Predictions) -> Floats:
    """How much each prediction counts, (n,): 1, or less when its row was predicted several times."""
    _, inverse, counts = np.unique(predictions.rows, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / counts[inverse], dtype=np.float64)


def _able(predictions: Predictions, threshold: float | None) -> tuple[tuple[Metric, ...], tuple[str, ...]]:
    """The metrics that are defined for these predictions, and why the others are not."""
    able: list[Metric] = []
    notes: list[str] = []
    for metric in metrics_for(predictions.task):
        try:
            metric.weighted(predictions, threshold)
        except UserError as error:
            if not metric.optional:
                notes.append(str(error))
        else:
            able.append(metric)
    return tuple(able), tuple(notes)


def _measures(
    predictions: Predictions, metrics: tuple[Metric, ...], threshold: float | None, seed: int, draws: int | None
) -> tuple[Measure, ...]:
    scored = intervals(predictions, metrics, threshold=threshold, seed=seed, draws=draws)
    return tuple(
        Measure(
            key=metric.key,
            title=metric.title,
            term=metric.term,
            value=score.value,
            low=finite(score.low),
            high=finite(score.high),
            higher_is_better=metric.higher_is_better,
            unit=metric.unit,
        )
        for metric, score in zip(metrics, scored, strict=True)
    )


def _cautions(predictions: Predictions) -> tuple[str, ...]:
    """What makes these numbers less sure than they look."""
    notes: list[str] = []
    if predictions.task != "regression":
        rows = np.bincount(truth_of(predictions).astype(np.int64), minlength=len(predictions.labels))
        few = [label for label, count in zip(predictions.labels, rows, strict=True) if 0 < count < FEW]
        if few:
            named = ", ".join(repr(label) for label in few[:3]) + (" and others" if len(few) > 3 else "")
            notes.append(f"Fewer than {FEW} rows have the label {named}: read what is said about it with care.")
    if len(predictions) > 1 and bool((predictions.values == predictions.values[:1]).all()):
        notes.append("The model gives every row the same answer, so it cannot tell rows apart.")
    return tuple(notes)
