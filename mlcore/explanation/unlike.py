"""Which rows of a whole file are unlike the rows a model learned from: quickly, for every row.

The distance of two rows is that of likeness.py (Gower 1971): a column of words counts 0 or 1, a number or a date its
difference in units of the middle nine tenths of the known values, and all columns count alike. A row is unlike training
when fewer than `NEAREST` of the model's background rows lie as near to it as to the loneliest one among themselves; so
ordinary rows are hardly ever called unlike, one in some two hundred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.explanation.likeness import NEAREST
from mlcore.explanation.lonely import Single, apart, lonely
from mlcore.learning.scoring import conform

FEWEST = 20
"""Background rows with which a comparison begins to make sense."""

MOST_COLUMNS = 200
"""Of more columns evenly spaced ones are compared."""

Mask = NDArray[np.bool_]


class Background:
    """Background rows of a prepared table to compare with; `fields` are the model's."""

    def __init__(self, rows: pd.DataFrame, fields: Sequence[Mapping[str, Any]]) -> None:
        frame = conform(rows, fields)
        known = {str(column) for column in frame.columns}
        columns = [name for field in fields if (name := _column(field)) in known]
        self._columns = columns[:: -(-len(columns) // MOST_COLUMNS) or 1]
        self._words = [_is_words(frame[name]) for name in self._columns]
        self._known = [
            pd.Index(frame[name].unique()) if words else None
            for name, words in zip(self._columns, self._words, strict=True)
        ]
        self._cells = self._coded(frame)
        self._scales = np.array(
            [0.0 if words else _scale(cells) for words, cells in zip(self._words, self._cells.T, strict=True)],
            dtype=np.float32,
        )
        self.usable = len(rows) >= FEWEST and bool(self._columns)
        self._limit = self._farthest() if self.usable else 0.0

    def unlike(self, frame: pd.DataFrame) -> Mask:
        """Where rows that `scoring.conform` made are unlike these."""
        if not self.usable:
            return np.zeros(len(frame), dtype=bool)
        return np.asarray(lonely(self._coded(frame), self._cells, self._scales, self._limit, NEAREST))

    def _coded(self, frame: pd.DataFrame) -> Single:
        """Numbers in units of their scale come later; words as whole numbers, -1 for one that is not known."""
        made = np.empty((len(frame), len(self._columns)), dtype=np.float32)
        for place, (name, known) in enumerate(zip(self._columns, self._known, strict=True)):
            made[:, place] = frame[name].to_numpy() if known is None else known.get_indexer(pd.Index(frame[name]))
        return made

    def _farthest(self) -> float:
        """How far the loneliest row lies from the last of its nearest others."""
        gaps = apart(self._cells, self._cells, self._scales)
        np.fill_diagonal(gaps, np.inf)
        return float(np.partition(gaps, NEAREST - 1, axis=1)[:, NEAREST - 1].max())


def _column(field: Mapping[str, Any]) -> str:
    """The internal column that stands for a field; that of a date is its day. Free text is not compared."""
    ends = {"number": "", "category": "", "time": "_days"}
    return f"{field['id']}{ends[field['kind']]}" if field["kind"] in ends else ""


def _is_words(values: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(values.dtype)


def _scale(cells: Single) -> float:
    known = cells[~np.isnan(cells)]
    if not len(known):
        return 1.0
    low, high = np.quantile(known, [0.05, 0.95])
    return float(high - low) or float(np.ptp(known)) or 1.0
