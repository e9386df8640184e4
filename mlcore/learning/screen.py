"""Which of very many columns could give the target away: a quick look, so that the thorough one has few to look at.

Told on the rows that it is learned from, by parts of equal size: that says more of every column than is true, so none
that the thorough look would name is left out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.schema import Column
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning import scoring
from mlcore.learning.fields import Some, plain_numbers
from mlcore.learning.scoring import Mask
from mlcore.learning.target import Target

MANY = 500
"""With more columns than this they are screened first."""

ROWS, CELLS, PARTS = 5_000, 20_000_000, 20
AREA, SHARE = 0.75, 0.6
"""The area under the ROC curve, or the share of the spread, from which a column is looked at thoroughly."""

GAPS, ONLY = 0.6, 0.98
"""The same for whether it is filled, and the share of filled rows with one label."""


def telling(table: pd.DataFrame, columns: tuple[Column, ...], target: Target) -> set[str]:
    """The names of those that could."""
    step = max(1, len(target.rows) // min(ROWS, max(ROWS // 5, CELLS // len(columns))))
    places, truth = target.rows[::step], np.asarray(target.truth, dtype=np.float64)[::step]
    told = _Told(truth, len(target.labels))
    names, some = [column.name for column in columns], Some(table, places)
    found = {name: told.suspects(*_parted(cells)) for name, cells in plain_numbers(names, some)}
    return {name for name in names if (found[name] if name in found else told.suspects(*_coded(some[name])))}


class _Told:
    """What columns are held against: labels, or a number and its ranks."""

    def __init__(self, truth: Floats, labels: int) -> None:
        self._labels = labels
        self._codes: Integers = truth.astype(np.int64) if labels else np.arange(0)
        self._truth = truth
        self._ranks = np.argsort(np.argsort(truth, kind="stable"), kind="stable").astype(np.float64)

    def suspects(self, codes: Integers, filled: Mask) -> bool:
        """Whether a column does, by the part of each row and whether it is filled."""
        if filled.sum() < 2:
            return False
        if not filled.all() and self._gaps(filled):
            return True
        if self._labels:
            whole = self._area(codes, self._codes) >= AREA
            return whole or (not filled.all() and self._area(codes[filled], self._codes[filled]) >= AREA)
        return any(_spread(codes[filled], aim[filled]) >= SHARE for aim in (self._truth, self._ranks))

    def _gaps(self, filled: Mask) -> bool:
        if not self._labels:
            return _spread(filled.astype(np.int64), self._ranks) >= GAPS**4
        purity = np.bincount(self._codes[filled]).max() / filled.sum()
        return bool(purity >= ONLY) or self._area(filled.astype(np.int64), self._codes) >= GAPS

    def _area(self, codes: Integers, truth: Integers) -> float:
        """The largest area under the ROC curve of a label against the others, by the label's share in each part."""
        wide, parts = self._labels, int(codes.max()) + 1
        counts = np.bincount(codes * wide + truth, minlength=parts * wide).reshape(parts, wide).astype(np.float64)
        every = counts.sum(axis=1)
        return max(_area_of(counts[:, label], every) for label in range(int(wide == 2), wide))


def _coded(values: pd.Series) -> tuple[Integers, Mask]:
    """The part of each row (gaps have one of their own), and whether it is filled."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = scoring.numbers(values)[0]
    elif pd.api.types.is_datetime64_any_dtype(values.dtype):
        numbers = np.where(values.isna(), np.nan, values.to_numpy(dtype="datetime64[us]").astype(np.float64))
    else:
        codes = pd.factorize(values)[0]
        return np.where(codes < 0, codes.max(initial=0) + 1, codes).astype(np.int64), codes >= 0
    return _parted(numbers)


def _parted(numbers: Floats) -> tuple[Integers, Mask]:
    """The same of numbers."""
    filled = np.isfinite(numbers)
    if not filled.any():
        return np.zeros(len(numbers), dtype=np.int64), filled
    ordered = np.sort(numbers[filled])
    edges = np.unique(ordered[np.linspace(0, len(ordered) - 1, PARTS + 1).astype(np.int64)])
    codes = np.searchsorted(edges, np.where(filled, numbers, 0.0), side="right")
    return np.where(filled, codes, len(edges) + 1).astype(np.int64), filled


def _area_of(positive: Floats, every: Floats) -> float:
    others = every - positive
    pairs = positive.sum() * others.sum()
    if not pairs:
        return 0.5
    order = np.argsort(positive / np.maximum(every, 1))
    positive, others = positive[order], others[order]
    before = np.cumsum(others) - others
    return float((positive * (before + others / 2)).sum() / pairs)


def _spread(codes: Integers, aim: Floats) -> float:
    """The share of the spread of numbers that lies between the parts."""
    away = aim - aim.mean()
    whole = float(away @ away)
    counts, sums = np.bincount(codes), np.bincount(codes, weights=away)
    return float((sums**2 / np.maximum(counts, 1)).sum()) / whole if whole > 0 else 0.0
