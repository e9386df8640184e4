"""ROC AUC: how well the scores sort."""

from __future__ import annotations

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.metrics.metric import Metric, Weighted, is_positive, ratio, truth_of
from mlcore.evaluation.predictions import Floats, Predictions


def concordance(score: Floats, positive: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Weighted:
    """The weighted share of pairs in which the positive row scores higher than the negative one; equals count half."""
    yes, no = np.flatnonzero(positive), np.flatnonzero(~positive)
    no = no[np.argsort(score[no], kind="stable")]
    below = np.searchsorted(score[no], score[yes], side="left")
    upto = np.searchsorted(score[no], score[yes], side="right")

    def share(weights: Floats) -> Floats:
        passed = np.zeros((len(weights), len(no) + 1))
        np.cumsum(weights[:, no], axis=1, out=passed[:, 1:])
        won = (weights[:, yes] * (passed[:, below] + passed[:, upto])).sum(axis=1) / 2
        pairs = weights[:, yes].sum(axis=1) * passed[:, -1]
        return ratio(won, pairs, np.nan)

    return share


def _measure(predictions: Predictions, _threshold: float) -> Weighted:
    if predictions.task == "binary":
        return concordance(predictions.score, is_positive(predictions, both="ROC AUC"))
    truth = truth_of(predictions)
    present = [index for index in range(len(predictions.labels)) if (truth == index).any()]
    if len(present) < 2:
        raise UserError(
            f"ROC AUC needs rows of at least two labels, but every row is {predictions.labels[present[0]]!r}",
            remedy="Measure it on rows that contain several.",
        )
    each = [concordance(predictions.values[:, index], truth == index) for index in present]
    return lambda weights: np.asarray(np.mean([share(weights) for share in each], axis=0), dtype=np.float64)


METRIC = Metric(
    key="roc_auc",
    title="How well it sorts",
    term="ROC AUC",
    tasks=("binary", "multiclass"),
    higher_is_better=True,
    low=0.0,
    high=1.0,
    help="Take one row with the label and one without: how often does the first get the higher score? "
    "0.5 is chance, 1 is perfect. With several labels: each against the rest, averaged.",
    measure=_measure,
    within_labels=True,
)
