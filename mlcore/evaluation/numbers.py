"""The detail of a regression evaluation: a sample of points, residuals, error quantiles, bands, worst rows."""

from __future__ import annotations

import numpy as np

from mlcore.data.amounts import compact
from mlcore.evaluation.binning import histogram, tenths
from mlcore.evaluation.classes import WORST, each_once
from mlcore.evaluation.evaluation import Band, Histogram, Miss, Points, RegressionDetail
from mlcore.evaluation.intervals import quantile_t
from mlcore.evaluation.metrics.metric import truth_of
from mlcore.evaluation.predictions import Floats, Integers, Predictions

SHOWN = 2_000
QUANTILES = (0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)


def detail(predictions: Predictions, weights: Floats, *, seed: int) -> RegressionDetail:
    """How a model of a number does."""
    residual = truth_of(predictions) - predictions.values
    errors = np.quantile(np.abs(residual), QUANTILES)
    return RegressionDetail(
        points=_points(predictions, seed),
        residuals=_residuals(residual, weights),
        error_quantiles=tuple(zip(QUANTILES, errors.tolist(), strict=True)),
        bands=tuple(_band(predictions.take(part), weights[part]) for part in tenths(predictions.values)),
        bias=_bias(predictions, residual),
    )


def worst(predictions: Predictions, most: int = WORST) -> tuple[Miss, ...]:
    """The rows with the largest errors, each row once."""
    truth = truth_of(predictions)
    error = np.abs(truth - predictions.values)
    return tuple(
        Miss(
            row=int(predictions.rows[index]),
            truth=compact(float(truth[index])),
            said=compact(float(predictions.values[index])),
            error=float(error[index]),
        )
        for index in each_once(predictions.rows, error)[:most]
    )


def _points(predictions: Predictions, seed: int) -> Points:
    """A random sample of at most `SHOWN` rows, each at most once."""
    chosen: Integers = np.unique(predictions.rows, return_index=True)[1]
    if len(chosen) > SHOWN:
        chosen = np.sort(np.random.default_rng(seed).choice(chosen, SHOWN, replace=False))
    some = predictions.take(chosen)
    return Points(
        rows=tuple(some.rows.tolist()),
        truth=tuple(truth_of(some).tolist()),
        predicted=tuple(some.values.tolist()),
        low=() if some.low is None else tuple(some.low.tolist()),
        high=() if some.high is None else tuple(some.high.tolist()),
    )


def _residuals(residual: Floats, weights: Floats) -> Histogram:
    """Residuals in 41 steps around 0; the outermost 0.5 % on each side are counted in the last step."""
    reach = float(np.quantile(np.abs(residual), 0.995)) or float(np.abs(residual).max()) or 1.0
    return histogram(residual.clip(-reach, reach), np.linspace(-reach, reach, 42), ("rows",), (weights,))


def _band(predictions: Predictions, weights: Floats) -> Band:
    truth, n = truth_of(predictions), float(weights.sum())
    inside = None
    if predictions.low is not None and predictions.high is not None:
        inside = float(weights @ ((predictions.low <= truth) & (truth <= predictions.high)) / n)
    return Band(
        n=n,
        predicted=float(weights @ predictions.values / n),
        truth=float(weights @ truth / n),
        mean_error=float(weights @ np.abs(truth - predictions.values) / n),
        coverage=inside,
    )


def _bias(predictions: Predictions, residual: Floats) -> tuple[float, float, float]:
    """The mean residual with its 95 % interval."""
    return mean_within(residual, predictions.rows if predictions.groups is None else predictions.groups)


def mean_within(values: Floats, units: Integers) -> tuple[float, float, float]:
    """The mean with its 95 % interval; values of one unit (group or row), (n,), are added up first.

    The sandwich of one mean with dependent rows (Liang and Zeger 1986) and Student's t; no width for a single unit.
    """
    _, unit = np.unique(units, return_inverse=True)
    mean = float(values.mean())
    sums = np.bincount(unit, weights=values - mean)
    count = len(sums)
    if count < 2:
        return mean, mean, mean
    half = quantile_t(count - 1) * float(np.sqrt(count / (count - 1) * (sums**2).sum())) / len(values)
    return mean, mean - half, mean + half
