"""Balanced accuracy: the share of right answers within each label, averaged."""

from __future__ import annotations

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.metrics.counting import by_label, outcomes
from mlcore.evaluation.metrics.metric import Metric, Weighted, ratio, truth_of
from mlcore.evaluation.predictions import Floats, Predictions


def _measure(predictions: Predictions, threshold: float) -> Weighted:
    if predictions.task == "binary":
        return _binary(predictions, threshold)
    if len(np.unique(truth_of(predictions))) < 2:
        raise UserError("Balanced accuracy needs rows of at least two labels", remedy="Measure it on more rows.")
    count = by_label(predictions)

    def average(weights: Floats) -> Floats:
        hits, _, rows = count(weights)
        return np.asarray(ratio(hits, rows, 0.0).sum(axis=1) / (rows > 0).sum(axis=1), dtype=np.float64)

    return average


def _binary(predictions: Predictions, threshold: float) -> Weighted:
    count = outcomes(predictions, threshold, both="Balanced accuracy")

    def average(weights: Floats) -> Floats:
        hits, false_yes, true_no, missed = count(weights)
        return (ratio(hits, hits + missed, np.nan) + ratio(true_no, true_no + false_yes, np.nan)) / 2

    return average


METRIC = Metric(
    key="balanced_accuracy",
    title="How often it is right, each label counting the same",
    term="balanced accuracy",
    tasks=("binary", "multiclass"),
    higher_is_better=True,
    low=0.0,
    high=1.0,
    help="The share of right answers within each label, averaged: rare labels count as much as common ones.",
    measure=_measure,
    unit="share",
    uses_threshold=True,
    within_labels=True,
)
