"""Rows put into bins: calibration with intervals, and histograms."""

from __future__ import annotations

import math

import numpy as np

from mlcore.evaluation.evaluation import Bin, Histogram
from mlcore.evaluation.predictions import Floats, Integers

Z = 1.959963984540054


def binned(predicted: Floats, happened: Floats, weights: Floats, bins: int = 10) -> tuple[Bin, ...]:
    """Predicted probability against the share that happened, in `bins` parts of equal size; equals stay together."""
    members = tenths(predicted, bins)
    return tuple(_bin(predicted[part], happened[part], weights[part]) for part in members)


def tenths(values: Floats, bins: int = 10) -> tuple[Integers, ...]:
    """Positions of the rows in up to `bins` parts of about equal size, by value; equal values share a part."""
    inner = np.quantile(values, np.linspace(0.0, 1.0, bins + 1)[1:-1])
    part = np.searchsorted(np.unique(inner), values, side="left")
    return tuple(np.flatnonzero(part == index) for index in np.unique(part))


def wilson(happened: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson (1927): inside 0–1, of some width even when nothing happened."""
    centre = (happened + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(happened * (1 - happened) / n + Z**2 / (4 * n**2))
    return max(0.0, min(centre - half, happened)), min(1.0, max(centre + half, happened))


def histogram(values: Floats, edges: Floats, labels: tuple[str, ...], series: tuple[Floats, ...]) -> Histogram:
    """Weighted counts of the values between the edges, one series of weights a label; none falls outside."""
    inside = values.clip(edges[0], edges[-1])
    counts = tuple(tuple(np.histogram(inside, bins=edges, weights=part)[0].tolist()) for part in series)
    return Histogram(edges=tuple(edges.tolist()), labels=labels, counts=counts)


def _bin(predicted: Floats, happened: Floats, weights: Floats) -> Bin:
    n = float(weights.sum())
    observed = min(1.0, max(0.0, float(weights @ happened) / n))
    low, high = wilson(observed, n)
    return Bin(n=n, predicted=float(weights @ predicted / n), observed=observed, low=low, high=high)
