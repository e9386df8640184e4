"""The detail of a binary evaluation: curves, calibration, thresholds and score histogram."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.binning import binned, histogram
from mlcore.evaluation.evaluation import BinaryDetail, Counts, Curve, Histogram
from mlcore.evaluation.metrics.metric import is_positive, ratio
from mlcore.evaluation.predictions import Floats, Integers, Predictions

POINTS = 300
SHARES = np.linspace(0.0, 1.0, 101)


def detail(predictions: Predictions, weights: Floats) -> BinaryDetail:
    """How a yes-or-no model does; curves are left out when all rows have the same label."""
    positive = is_positive(predictions)
    hits, others, score = weights * positive, weights * ~positive, predictions.score
    both = bool(positive.any() and not positive.all())
    tp, fp, cuts = _passed(score, hits, others)
    negative = next(label for label in predictions.labels if label != predictions.labels[predictions.positive_index])
    return BinaryDetail(
        positive=predictions.labels[predictions.positive_index],
        negative=negative,
        prevalence=float(hits.sum() / weights.sum()),
        roc=_curve(fp / fp[-1], tp / tp[-1], cuts) if both else None,
        pr=_precision_recall(tp, fp, cuts) if both else None,
        gain=_gain(tp, tp + fp) if both else None,
        calibration=binned(score, positive.astype(np.float64), weights),
        thresholds=_thresholds(score, hits, others),
        scores=_scores(predictions, positive, weights),
    )


def curves(score: Floats, hits: Floats, others: Floats, points: int = POINTS) -> tuple[Curve, Curve]:
    """ROC and precision–recall of a score, from the weights of rows with the label and without; both must occur."""
    tp, fp, cuts = _passed(score, hits, others)
    return _curve(fp / fp[-1], tp / tp[-1], cuts, points), _precision_recall(tp, fp, cuts, points)


def _passed(score: Floats, hits: Floats, others: Floats) -> tuple[Floats, Floats, Floats]:
    """True and false yes at every distinct score from the highest down, starting with nobody (threshold +1)."""
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    tp, fp = hits[order].cumsum()[ends], others[order].cumsum()[ends]
    cuts = np.concatenate([[score.max() + 1.0], score[order][ends]])
    return np.concatenate([[0.0], tp]), np.concatenate([[0.0], fp]), cuts


def _precision_recall(tp: Floats, fp: Floats, cuts: Floats, points: int = POINTS) -> Curve:
    precision = ratio(tp, tp + fp, 0.0)
    precision[0] = precision[1]
    return _curve(tp / tp[-1], precision, cuts, points)


def _curve(x: Floats, y: Floats, cuts: Floats, points: int = POINTS) -> Curve:
    """At most so many points of the curve, evenly spread along its length, both ends included."""
    if len(x) > points:
        length = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
        wanted = np.linspace(0.0, length[-1], points)
        keep: Integers = np.unique(np.searchsorted(length, wanted).clip(0, len(x) - 1))
        keep[0], keep[-1] = 0, len(x) - 1
        x, y, cuts = x[keep], y[keep], cuts[keep]
    return Curve(x=tuple(x.tolist()), y=tuple(y.tolist()), threshold=tuple(cuts.tolist()))


def _gain(tp: Floats, taken: Floats) -> Curve:
    """The share of positives found in each share of rows; rows with equal scores are found in proportion."""
    found = np.interp(SHARES, taken / taken[-1], tp / tp[-1])
    return Curve(x=tuple(SHARES.tolist()), y=tuple(found.tolist()))


def _thresholds(score: Floats, hits: Floats, others: Floats) -> tuple[Counts, ...]:
    """Counts at 0, 0.01 … 1 and at a hundred quantiles of the score, so that rare labels have fine steps too."""
    quantiles = np.quantile(score, np.linspace(0.0, 1.0, 101), method="nearest")
    cuts = np.unique(np.concatenate([np.round(SHARES, 2), quantiles]))
    order = np.argsort(score, kind="stable")
    below = np.searchsorted(score[order], cuts, side="left")
    missed = np.concatenate([[0.0], hits[order].cumsum()])
    passed = np.concatenate([[0.0], others[order].cumsum()])
    return tuple(
        Counts(threshold=float(cut), tp=float(missed[-1] - fn), fp=float(passed[-1] - tn), tn=float(tn), fn=float(fn))
        for cut, fn, tn in zip(cuts, missed[below], passed[below], strict=True)
    )


def _scores(
    predictions: Predictions, positive: np.ndarray[tuple[int], np.dtype[np.bool_]], weights: Floats
) -> Histogram:
    """How the score is spread among rows with and without the positive label, in steps of whole per cents."""
    score, index = predictions.score, predictions.positive_index
    low, high = np.floor(score.min() * 20) / 20, np.ceil(score.max() * 20) / 20
    low, high = (low, high) if high > low else (max(0.0, low - 0.05), min(1.0, high + 0.05))
    edges = np.linspace(low, high, 31 if high - low < 0.6 else 41)
    labels = (next(label for i, label in enumerate(predictions.labels) if i != index), predictions.labels[index])
    return histogram(score, edges, labels, (weights * ~positive, weights * positive))
