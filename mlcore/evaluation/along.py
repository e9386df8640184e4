"""What models get wrong along a column: residuals against its values, or the error as time goes on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from mlcore.data.amounts import compact
from mlcore.data.schema import Column
from mlcore.evaluation.binning import tenths
from mlcore.evaluation.cuts import MISSING, cut
from mlcore.evaluation.intervals import quantile_t
from mlcore.evaluation.metrics.metric import truth_of
from mlcore.evaluation.numbers import mean_within
from mlcore.evaluation.predictions import Floats, Integers, Measured, Predictions

Kind = Literal["number", "time", "category"]
What = Literal["residual", "error", "probability error"]
"""truth − prediction; its size; for labels the Brier score, 0 to 1 (Brier 1950, halved so that 1 is the worst)."""

SPANS = 12
SHOWN = 1_500
LEAST = 5
"""Rows or groups from which a span has an interval."""

JUDGED = 10
"""Rows or groups from which something is said about a span."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Rows that are close along the column: `at` is where (its mean; seconds since 1970; None for a word).

    `mean` is that of what is looked at, with its 95 % interval (None: too few rows). `side` says whether it lies above
    or below what was to be expected by more than chance, corrected for the number of spans (Bonferroni).
    """

    label: str
    at: float | None
    n: int
    mean: float
    low: float | None
    high: float | None
    side: Literal["", "above", "below"] = ""


@dataclass(frozen=True, kw_only=True)
class Along:
    """What is wrong along one column. `n` rows were looked at, `whole` is their mean.

    Residuals are compared with 0, errors with those of all other rows. `points` are a random sample of pairs (value,
    residual), for numbers and times only. `unit` is that of `at` where it is a length of time, in words.
    """

    column: str
    kind: Kind
    what: What
    spans: tuple[Span, ...]
    n: int
    whole: float
    measured: Measured
    points: tuple[tuple[float, float], ...] = ()
    unit: str = ""


def errors(predictions: Predictions) -> tuple[Floats, What]:
    """How wrong each prediction is, (m,), 0 is right."""
    truth = truth_of(predictions)
    if predictions.task == "regression":
        return np.abs(truth - predictions.values), "error"
    happened = np.eye(len(predictions.labels))[truth.astype(np.int64)]
    return np.asarray(((predictions.values - happened) ** 2).sum(axis=1) / 2), "probability error"


def residuals_along(
    predictions: Predictions, values: pd.Series[Any], column: Column, *, seed: int = 0, most: int = SPANS
) -> Along:
    """truth − prediction along the values of a column, (m,) as the predictions; for numbers only."""
    return _along(predictions, truth_of(predictions) - predictions.values, "residual", values, column, most, seed)


def errors_along(
    predictions: Predictions, values: pd.Series[Any], column: Column, *, most: int = SPANS, unit: str = ""
) -> Along:
    """How wrong predictions are along the values of a column, (m,) as the predictions."""
    error, what = errors(predictions)
    return _along(predictions, error, what, values, column, most, None, unit)


def _along(
    predictions: Predictions,
    looked: Floats,
    what: What,
    values: pd.Series[Any],
    column: Column,
    most: int,
    seed: int | None,
    unit: str = "",
) -> Along:
    kind, at = _axis(values, column)
    units = predictions.rows if predictions.groups is None else predictions.groups
    parts = [part for part in _parts(values, column, kind, at, most) if len(part[1])]
    spans = tuple(_span(label, place, looked, at, units, what, len(parts)) for label, place in parts)
    known = np.flatnonzero(np.isfinite(at)) if seed is not None and kind != "category" else np.empty(0, dtype=np.int64)
    if len(known) > SHOWN:
        known = np.sort(np.random.default_rng(seed).choice(known, SHOWN, replace=False))
    return Along(
        column=column.name,
        kind=kind,
        what=what,
        spans=spans,
        n=len(np.unique(predictions.rows)),
        whole=float(looked.mean()),
        measured=predictions.measured,
        points=tuple(zip(at[known].tolist(), looked[known].tolist(), strict=True)),
        unit=unit,
    )


def _axis(values: pd.Series[Any], column: Column) -> tuple[Kind, Floats]:
    """How the column is laid out, and the place of each row on it; NaN where it has none."""
    if pd.api.types.is_datetime64_any_dtype(values):
        moments = values.dt.tz_convert("UTC").dt.tz_localize(None) if values.dt.tz is not None else values
        seconds = moments.astype("datetime64[us]").astype("int64").to_numpy(dtype=np.float64) / 1e6
        return "time", np.where(values.isna().to_numpy(), np.nan, seconds)
    if pd.api.types.is_numeric_dtype(values) and column.kind not in ("categorical", "boolean", "ordinal"):
        number = values.to_numpy(dtype=np.float64, na_value=np.nan)
        if len(np.unique(number[np.isfinite(number)])) > 2:
            return "number", np.where(np.isfinite(number), number, np.nan)
    return "category", np.full(len(values), np.nan)


def _parts(values: pd.Series[Any], column: Column, kind: Kind, at: Floats, most: int) -> Iterator[tuple[str, Integers]]:
    """Labels and positions: quantiles of a number, calendar periods, categories; what is missing comes last."""
    if kind != "number":
        made = cut(values.reset_index(drop=True), column, most=most, least=LEAST)
        yield from ((label, np.flatnonzero(made.codes == code)) for code, label in enumerate(made.labels))
        return
    known, missing = np.flatnonzero(np.isfinite(at)), np.flatnonzero(~np.isfinite(at))
    for part in tenths(at[known], most):
        low, high = float(at[known[part]].min()), float(at[known[part]].max())
        yield (compact(low, 6) if low == high else f"{compact(low, 6)} to {compact(high, 6)}"), known[part]
    if len(missing):
        yield MISSING, missing


def _span(label: str, place: Integers, looked: Floats, at: Floats, units: Integers, what: What, spans: int) -> Span:
    mean, low, high = mean_within(looked[place], units[place])
    count = len(np.unique(units[place]))
    expected, error = _expected(np.delete(looked, place), np.delete(units, place), what)
    side: Literal["", "above", "below"] = ""
    if count >= JUDGED and expected is not None:
        own = (high - low) / 2 / quantile_t(count - 1)
        if abs(mean - expected) > quantile_t(count - 1, spans) * math.hypot(own, error) > 0:
            side = "above" if mean > expected else "below"
    enough = count >= LEAST
    middle = float(np.nanmean(at[place])) if np.isfinite(at[place]).any() else None
    return Span(
        label=label,
        at=middle,
        n=len(place),
        mean=mean,
        low=low if enough else None,
        high=high if enough else None,
        side=side,
    )


def _expected(rest: Floats, units: Integers, what: What) -> tuple[float | None, float]:
    """What the mean is compared with and its standard error: 0 for residuals, else that of all other rows."""
    if what == "residual":
        return 0.0, 0.0
    count = len(np.unique(units))
    if count < JUDGED:
        return None, 0.0
    mean, low, high = mean_within(rest, units)
    return mean, (high - low) / 2 / quantile_t(count - 1)
