"""The detail of an evaluation with several labels: confusion matrix, each label's scores, calibration, worst rows."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.binning import binned
from mlcore.evaluation.evaluation import LabelScore, Miss, MulticlassDetail
from mlcore.evaluation.metrics.counting import answers
from mlcore.evaluation.metrics.metric import truth_of
from mlcore.evaluation.metrics.roc_auc import concordance
from mlcore.evaluation.predictions import Floats, Integers, Predictions
from mlcore.evaluation.yes_no import curves

WORST = 20
TOP = 5
CURVED = 20
POINTS = 60


def detail(predictions: Predictions, weights: Floats) -> MulticlassDetail:
    """How a model with several labels does."""
    truth, said, k = truth_of(predictions).astype(np.int64), answers(predictions), len(predictions.labels)
    confusion: Floats = np.zeros((k, k))
    np.add.at(confusion, (truth, said), weights)
    right = (truth == said).astype(np.float64)
    curved = set(np.argsort(-confusion.sum(axis=1), kind="stable")[:CURVED].tolist())
    return MulticlassDetail(
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        by_label=tuple(_label(predictions, confusion, truth, index, weights, index in curved) for index in range(k)),
        calibration=binned(np.asarray(predictions.values.max(axis=1)), right, weights),
        top=_top(predictions.values, truth, weights),
    )


def _top(values: Floats, truth: Integers, weights: Floats) -> tuple[float, ...]:
    """The share of rows whose label is among the 1, 2 … most probable ones."""
    own = values[np.arange(len(truth)), truth]
    place = (values > own[:, None]).sum(axis=1)
    place += ((values == own[:, None]) & (np.arange(values.shape[1]) < truth[:, None])).sum(axis=1)
    most = min(TOP, values.shape[1])
    return tuple(float(weights[place <= last].sum() / weights.sum()) for last in range(most))


def worst(predictions: Predictions, most: int = WORST) -> tuple[Miss, ...]:
    """The rows whose true label got the smallest probability, each row once, wrong answers only."""
    truth, said = truth_of(predictions).astype(np.int64), answers(predictions)
    error = 1 - predictions.values[np.arange(len(predictions)), truth]
    chosen = [index for index in each_once(predictions.rows, error) if truth[index] != said[index]][:most]
    return tuple(
        Miss(
            row=int(predictions.rows[index]),
            truth=predictions.labels[truth[index]],
            said=predictions.labels[said[index]],
            error=float(error[index]),
        )
        for index in chosen
    )


def each_once(rows: Integers, error: Floats) -> list[int]:
    """Positions by falling error, each row of the table only where its error is largest."""
    order = np.argsort(-error, kind="stable")
    _, first = np.unique(rows[order], return_index=True)
    return [int(index) for index in order[np.sort(first)]]


def _label(
    predictions: Predictions, confusion: Floats, truth: Integers, index: int, weights: Floats, curved: bool
) -> LabelScore:
    hit, rows, said = confusion[index, index], confusion[index].sum(), confusion[:, index].sum()
    mine = truth == index
    auc = roc = pr = None
    if mine.any() and not mine.all():
        score = np.asarray(predictions.values[:, index], dtype=np.float64)
        auc = float(concordance(score, mine)(weights[None, :])[0])
        roc, pr = curves(score, weights * mine, weights * ~mine, POINTS) if curved else (None, None)
    return LabelScore(
        label=predictions.labels[index],
        n=float(rows),
        precision=float(hit / said) if said else 0.0,
        recall=float(hit / rows) if rows else 0.0,
        f1=float(2 * hit / (rows + said)) if hit else 0.0,
        roc_auc=auc,
        roc=roc,
        pr=pr,
    )
