"""What the net sees of a row: ramps of its columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mlcore.evaluation.predictions import Floats

Singles = NDArray[np.float32]

MOST_RAMPS = 512  # beyond, each column has one ramp only, and is not clipped
REACH = 3.7  # quartile distances from the median where a number is clipped: five standard deviations of a normal one
SMALL = 0.5  # size of the small ramps beside the wide one


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """Ramps of `columns`: (clip(x * slope + start, 0, 1) - centre) * spread, for the column of each; float32 (m,)."""

    column: NDArray[np.intp]
    slope: Singles
    start: Singles
    centre: Singles
    spread: Singles
    clips: bool
    columns: int

    @classmethod
    def of(cls, X: Singles, ramps: int) -> Inputs:
        """From the training rows: one wide ramp a column, and between quantiles `ramps` small ones for each number."""
        wide = X.shape[1] > MOST_RAMPS
        each = 0 if wide else min(ramps, MOST_RAMPS // max(1, X.shape[1]) - 1)
        found = [(j, *ramp) for j in range(X.shape[1]) for ramp in _ramps(X[:, j], each, clips=not wide)]
        found = found or [(0, 0.0, 1.0, 1.0)]  # nothing varies: one input that will be still
        column, low, high, size = (np.array(part) for part in zip(*found, strict=True))
        slope = 1 / np.maximum(high - low, 1e-6)
        raw = cls(
            column=column.astype(np.intp),
            slope=slope.astype(np.float32),
            start=(-low * slope).astype(np.float32),
            centre=np.zeros(len(low), dtype=np.float32),
            spread=np.ones(len(low), dtype=np.float32),
            clips=not wide,
            columns=X.shape[1],
        )
        return raw._standing(X[:: max(1, len(X) // 20_000)], size)

    def _standing(self, X: Singles, size: Floats) -> Inputs:
        """Centred; where `size` is nan, with variance 1, else multiplied by it."""
        made = self.of_rows(X)
        spread = np.where(np.isnan(size), 1 / np.maximum(made.std(axis=0), 1e-3), size)
        return replace(self, centre=made.mean(axis=0), spread=spread.astype(np.float32))

    def of_rows(self, X: Singles) -> Singles:
        """The inputs (n, m) of rows."""
        made = X[:, self.column]
        made *= self.slope
        made += self.start
        if self.clips:
            np.clip(made, 0, 1, out=made)
        made -= self.centre
        made *= self.spread
        return made


def _ramps(x: Singles, each: int, *, clips: bool) -> Iterator[tuple[float, float, float]]:
    """(low, high, size) of the ramps of one column: size nan stands for a variance of 1; none when it is constant."""
    distinct = np.unique(x)
    if len(distinct) < 2:
        return
    if len(distinct) == 2:
        yield float(distinct[0]), float(distinct[1]), 1.0
        return
    yield (*(_reach(x) if clips else (float(distinct[0]), float(distinct[-1]))), np.nan)
    knots = distinct if len(distinct) <= each + 1 else np.unique(np.quantile(x, np.linspace(0, 1, each + 1)))
    if each > 1 and len(knots) > 2:
        size = 2 * SMALL / np.sqrt(len(knots) - 1)
        for low, high in pairwise(knots):
            yield float(low), float(high), float(size)


def _reach(x: Singles) -> tuple[float, float]:
    """Where a column is clipped: far from its middle, but not beyond what was seen."""
    first, low, middle, high, last = np.quantile(x, [0, 0.25, 0.5, 0.75, 1])
    quartiles = high - low
    if quartiles <= 0:
        low, high = np.quantile(x, [0.01, 0.99])
        quartiles = high - low if high > low else (last - first) / 2
    return float(max(first, middle - REACH * quartiles)), float(min(last, middle + REACH * quartiles))
