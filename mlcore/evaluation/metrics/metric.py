"""What a metric is: a name for people, a direction, bounds, and one way to compute it with or without weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlcore.data.amounts import compact
from mlcore.errors import UserError
from mlcore.evaluation.predictions import Floats, Predictions, Task

Unit = Literal["", "share", "times", "target", "gain"]
"""`share`: 0 to 1, shown in per cent. `times`: a multiple. `target`: the unit of the target. `gain`: the unit of the
costs. Empty: a bare number."""

Weighted = Callable[[Floats], Floats]
"""From weights (d, n), how often each of n rows counts in each of d draws, to the d scores; NaN where undefined."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Metric:
    """One measure of how good predictions are.

    `title` says it in plain words, `term` is the field's name for it, `help` explains it in one or two sentences.
    `low` and `high` bound its values (None: no bound). `measure` prepares the computation for some predictions and a
    threshold; point estimates and bootstrap draws both go through it. `uses_threshold`: depends on the threshold from
    which a row counts as a "yes". `within_labels`: each label is measured for itself, so the labels' shares do not
    matter and draws may keep them fixed. `over_rows`: a plain mean over all rows, whatever their labels.
    `lifted`: the best of many cuts, which chance lifts, so that its interval reaches further down.
    `optional`: where it is not defined, an evaluation leaves it out without a word, for nobody misses it there.
    """

    key: str
    title: str
    term: str
    tasks: tuple[Task, ...]
    higher_is_better: bool
    low: float | None
    high: float | None
    help: str
    measure: Callable[[Predictions, float], Weighted]
    unit: Unit = ""
    uses_threshold: bool = False
    within_labels: bool = False
    over_rows: bool = False
    lifted: bool = False
    optional: bool = False

    @property
    def direction(self) -> str:
        """Which way is better, in words."""
        return "higher is better" if self.higher_is_better else "lower is better"

    def weighted(self, predictions: Predictions, threshold: float | None = None) -> Weighted:
        """The metric of these predictions as a function of weights; `UserError` when it is not defined for them."""
        if predictions.task not in self.tasks:
            raise UserError(
                f"{self.term} cannot score a {predictions.task} task",
                remedy="It is for " + " and ".join(self.tasks) + ".",
            )
        checked(predictions)
        return self.measure(predictions, 0.5 if threshold is None else threshold)

    def score(self, predictions: Predictions, threshold: float | None = None) -> float:
        """The metric of these predictions. Rows with a score of at least `threshold` (0.5) count as "yes"."""
        return float(self.weighted(predictions, threshold)(np.ones((1, len(predictions))))[0])

    def gain(self, score: float, reference: float) -> float:
        """How much better `score` is than `reference`, in the metric's own unit; negative when it is worse."""
        return score - reference if self.higher_is_better else reference - score

    def shown(self, value: float | None) -> str:
        """The value as a person reads it: per cent for shares, × for multiples, four significant digits else."""
        if value is None or not np.isfinite(value):
            return "–"
        if self.unit == "share":
            return f"{100 * value:.1f} %"
        if self.unit == "times":
            return f"{value:.2f}×"
        return f"{value:.3f}" if self.unit == "" else compact(value)


def checked(predictions: Predictions) -> Predictions:
    """The predictions, when they can be measured; `UserError` when rows, truth or finite numbers are missing."""
    if len(predictions) == 0:
        raise UserError("There are no rows to measure", remedy="Use a table with at least one row.")
    if predictions.truth is None:
        raise UserError("The true values are not known", remedy="Use a table that has the target column.")
    if not np.isfinite(predictions.values).all():
        raise UserError(
            "Some predictions are not finite numbers", remedy="Choose another model: this one failed on them."
        )
    truth = predictions.truth
    if not np.isfinite(truth).all():
        raise UserError("Some true values are missing", remedy="Leave out the rows without a target value.")
    if predictions.task != "regression" and (truth.min() < 0 or truth.max() >= len(predictions.labels)):
        raise UserError(
            "Some rows have a true label that the model does not know",
            remedy="The labels are: " + ", ".join(map(repr, predictions.labels[:8])) + ".",
        )
    return predictions


def truth_of(predictions: Predictions) -> Floats:
    """The truth as float64, (n,); of checked predictions only."""
    return np.asarray(predictions.truth, dtype=np.float64)


def is_positive(predictions: Predictions, *, both: str = "") -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which rows truly have the positive label, (n,).

    With `both`, the name of a metric, a `UserError` says that it needs rows with and without the positive label.
    """
    positive = truth_of(predictions) == predictions.positive_index
    if both and (positive.all() or not positive.any()):
        label = predictions.labels[int(truth_of(predictions)[0])]
        raise UserError(
            f"{both} needs rows of both labels, but every row is {label!r}",
            remedy="Measure it on rows that contain both.",
        )
    return np.asarray(positive, dtype=np.bool_)


def mean_of(losses: Floats) -> Weighted:
    """The weighted mean of one number a row."""

    def mean(weights: Floats) -> Floats:
        return np.asarray(weights @ losses / weights.sum(axis=1), dtype=np.float64)

    return mean


def ratio(part: Floats, whole: Floats, otherwise: float) -> Floats:
    """`part / whole`, and `otherwise` where the whole is 0."""
    return np.divide(part, whole, out=np.full(np.shape(whole), otherwise, dtype=np.float64), where=whole != 0)
