"""What the criteria of fairness count and out of what, in each group and over draws of units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.evaluation.draws import distinct, ids_of
from mlcore.evaluation.evaluate import row_weights
from mlcore.evaluation.metrics.counting import answers
from mlcore.evaluation.metrics.metric import truth_of
from mlcore.evaluation.predictions import Floats, Integers, Predictions

CELLS_AT_ONCE = 8_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Ratios:
    """Of each criterion what is counted and out of what, a row each: (m, n). `weights` is (n,)."""

    parts: Floats
    wholes: Floats
    weights: Floats


def ratios_of(predictions: Predictions, threshold: float) -> Ratios:
    """Of each criterion of the task, in the order of `fairness.CRITERIA`."""
    truth, ones = truth_of(predictions), np.ones(len(predictions))
    if predictions.task == "regression":
        error = predictions.values - truth
        parts, wholes = [error, np.abs(error)], [ones, ones]
    elif predictions.task == "multiclass":
        given = predictions.values[np.arange(len(predictions)), truth.astype(np.int64)]
        parts, wholes = [(answers(predictions) == truth).astype(np.float64), given], [ones, ones]
    else:
        happened = (truth == predictions.positive_index).astype(np.float64)
        yes = (predictions.score >= threshold).astype(np.float64)
        parts = [yes, yes * happened, yes * happened, happened - predictions.score]
        wholes = [ones, happened, yes, ones]
    return Ratios(parts=np.stack(parts), wholes=np.stack(wholes), weights=row_weights(predictions))


def values_of(predictions: Predictions, ratios: Ratios, codes: Integers, size: int, threshold: float) -> Floats:
    """Each criterion in each group, (m, g); nan where it rests on no row. Shares of yes or no are Fairlearn's."""
    parts = _summed(ratios.parts * ratios.weights, codes, size)
    wholes = _summed(ratios.wholes * ratios.weights, codes, size)
    values = np.divide(parts, wholes, out=np.full_like(parts, np.nan), where=wholes > 0)
    if predictions.task == "binary":
        values[:3] = np.where(wholes[:3] > 0, by_fairlearn(predictions, codes, threshold, ratios.weights), np.nan)
    return np.asarray(values)


def by_fairlearn(predictions: Predictions, codes: Integers, threshold: float, weights: Floats) -> Floats:
    """The share called yes, of yes cases found, and of those called yes that are, by group: (3, g)."""
    from fairlearn.metrics import MetricFrame, selection_rate, true_positive_rate
    from sklearn.metrics import precision_score

    def precision(y_true: Integers, y_pred: Integers, sample_weight: Floats | None = None) -> float:
        return float(precision_score(y_true, y_pred, sample_weight=sample_weight, zero_division=0.0))

    measures = {"called_yes": selection_rate, "found": true_positive_rate, "right": precision}
    made = MetricFrame(
        metrics=measures,
        y_true=(truth_of(predictions) == predictions.positive_index).astype(np.int64),
        y_pred=(predictions.score >= threshold).astype(np.int64),
        sensitive_features=pd.Series(codes, name="group"),
        sample_params={name: {"sample_weight": weights} for name in measures},
    )
    return np.asarray(made.by_group.sort_index()[list(measures)].to_numpy(dtype=np.float64).T)


def _summed(values: Floats, codes: Integers, size: int) -> Floats:
    return np.stack([np.bincount(codes, weights=row, minlength=size) for row in values])


def drawn_of(
    predictions: Predictions, ratios: Ratios, codes: Integers, size: int, seed: int, draws: int
) -> tuple[Floats, Integers]:
    """Each criterion in each group over draws, (m, g, draws), and the unit of each row."""
    every = distinct(ids_of(predictions))
    unit = np.searchsorted(every, ids_of(predictions))
    m, count = len(ratios.parts), len(every)
    cells = np.concatenate([ratios.parts, ratios.wholes]) * ratios.weights
    sums = np.stack([np.bincount(unit * size + codes, weights=row, minlength=count * size) for row in cells])
    flat = sums.reshape(2 * m, count, size).transpose(1, 0, 2).reshape(count, 2 * m * size)
    random, made = np.random.default_rng([seed, 11]), []
    at_once = max(1, CELLS_AT_ONCE // count)
    for start in range(0, draws, at_once):
        weights = random.poisson(1.0, size=(min(at_once, draws - start), count)).astype(np.float64)
        made.append(weights @ flat)
    parts, wholes = np.concatenate(made).reshape(draws, 2, m, size).transpose(1, 2, 3, 0)
    return np.divide(parts, wholes, out=np.full_like(parts, np.nan), where=wholes > 1e-12), unit


def least_errors(predictions: Predictions, ratios: Ratios, codes: Integers, size: int) -> Floats:
    """The standard error that each criterion has at least in each group, (m, g).

    That of calibration is what chance does where outcomes happen as often as is said: draws of a group in which a rare
    outcome never happened do not vary. The others are 0.
    """
    found = np.zeros((len(ratios.parts), size))
    if predictions.task == "binary":
        spread = predictions.score * (1 - predictions.score) * ratios.weights
        totals = _summed(np.stack([spread, ratios.weights]), codes, size)
        found[-1] = np.sqrt(totals[0]) / totals[1]
    return found


def resting_of(
    predictions: Predictions, ratios: Ratios, codes: Integers, at: int, unit: Integers
) -> list[tuple[int, int]]:
    """Of each group the rows that the criterion rests on, and the units of the whole group."""
    found = []
    for place in range(int(codes.max()) + 1):
        here = codes == place
        counted = predictions.rows[here & (ratios.wholes[at] > 0)]
        found.append((len(np.unique(counted)), len(np.unique(unit[here]))))
    return found
