"""Counting right and wrong answers, with weights: what metrics at a threshold and per-label metrics share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.metrics.metric import is_positive, truth_of
from mlcore.evaluation.predictions import Floats, Integers, Predictions


def outcomes(predictions: Predictions, threshold: float, *, both: str = "") -> Callable[[Floats], Floats]:
    """From weights (d, n) to the weight of true and false yes, true and false no, (4, d); binary tasks."""
    positive = is_positive(predictions, both=both)
    yes = predictions.score >= threshold
    cells = np.column_stack([yes & positive, yes & ~positive, ~yes & ~positive, ~yes & positive]).astype(np.float64)
    return lambda weights: (weights @ cells).T


def by_label(predictions: Predictions) -> Callable[[Floats], tuple[Floats, Floats, Floats]]:
    """From weights (d, n) to the weight of hits, of predictions and of rows of each label, each (d, k)."""
    k = len(predictions.labels)
    truth = truth_of(predictions).astype(np.int64)
    said = answers(predictions)
    true_cells, said_cells = np.eye(k)[truth], np.eye(k)[said]
    hit_cells = true_cells * said_cells
    return lambda weights: (weights @ hit_cells, weights @ said_cells, weights @ true_cells)


def agreement(
    predictions: Predictions, threshold: float, *, name: str
) -> Callable[[Floats], tuple[Floats, Floats, Floats]]:
    """From weights (d, n) to the weight of right answers, (d,), of predictions and of rows of each label, each (d, k).

    `UserError`, with the `name` of the metric, when the rows have one label only.
    """
    if predictions.task == "binary":
        count = outcomes(predictions, threshold, both=name)

        def of_two(weights: Floats) -> tuple[Floats, Floats, Floats]:
            hits, false_yes, true_no, missed = count(weights)
            said = np.column_stack([hits + false_yes, true_no + missed])
            return hits + true_no, said, np.column_stack([hits + missed, true_no + false_yes])

        return of_two
    if len(np.unique(truth_of(predictions))) < 2:
        raise UserError(f"{name} needs rows of at least two labels", remedy="Measure it on more rows.")
    cells = by_label(predictions)

    def of_several(weights: Floats) -> tuple[Floats, Floats, Floats]:
        hits, said, rows = cells(weights)
        return np.asarray(hits.sum(axis=1), dtype=np.float64), said, rows

    return of_several


def answers(predictions: Predictions) -> Integers:
    """The index of the most probable label of each row, (n,); the first of equals."""
    return np.asarray(predictions.values.argmax(axis=1), dtype=np.int64)


def ranked(predictions: Predictions, *, both: str) -> Callable[[Floats], tuple[Floats, Floats]]:
    """From weights (d, n) to the weight of positives and of all rows down to each distinct score, each (d, m).

    Rows are taken from the highest score to the lowest; rows with equal scores come together.
    """
    positive = is_positive(predictions, both=both)
    order = np.argsort(-predictions.score, kind="stable")
    scores = predictions.score[order]
    ends = np.flatnonzero(np.append(np.diff(scores) != 0, True))
    hits = positive[order].astype(np.float64)

    def cumulated(weights: Floats) -> tuple[Floats, Floats]:
        sorted_weights = weights[:, order]
        return (sorted_weights * hits).cumsum(axis=1)[:, ends], sorted_weights.cumsum(axis=1)[:, ends]

    return cumulated
