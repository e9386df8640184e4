"""Which columns work together: how far the contribution of one depends on the value of another."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.values import as_numbers

FEWEST = 60  # rows; with fewer, everything seems to work with everything
OWN, OTHER = 12, 4  # parts that the values of the column itself and of the other one are cut into
CLEAR = 0.1  # share of the spread at equal values from which two columns are said to work together


def interplay(explanation: Explanation, output: int = 0, columns: tuple[int, ...] = ()) -> Floats:
    """For every pair of `columns` (places; all when empty): how far the two work together, in the unit of the output.

    Entry (i, j) is the spread (standard deviation) of the contribution of column i, among rows with about the same
    value of i, that goes with the value of j. It is corrected for chance, so that it is 0 on average for columns that
    do not work together; the diagonal is 0. All 0 with fewer than 60 rows.
    """
    chosen = columns or tuple(range(len(explanation.columns)))
    found = np.zeros((len(chosen), len(chosen)))
    if len(explanation.rows) < FEWEST:
        return found
    cells = [explanation.table.iloc[:, column] for column in chosen]
    others = [_parts(values, OTHER) for values in cells]
    for i, column in enumerate(chosen):
        rest, own = _at_equal_values(explanation.values[:, column, output], cells[i])
        for j in range(len(chosen)):
            if i != j:
                found[i, j] = np.sqrt(max(0.0, _explained(rest, own, others[j])) * rest.var())
    return found


def partner(explanation: Explanation, column: int, output: int = 0) -> tuple[int | None, float]:
    """The column that works together most with this one, and the share (0 to 1) of the spread at equal values that
    goes with it. None when that is below 0.1: then the column's values tell nearly all of its contribution."""
    contribution = explanation.values[:, column, output]
    if len(contribution) < FEWEST or len(explanation.columns) < 2:
        return None, 0.0
    rest, own = _at_equal_values(contribution, explanation.table.iloc[:, column])
    if rest.std() <= 0.02 * contribution.std():
        return None, 0.0
    shares = [
        -1.0 if other == column else _explained(rest, own, _parts(explanation.table.iloc[:, other], OTHER))
        for other in range(len(explanation.columns))
    ]
    best = int(np.argmax(shares))
    return (best, float(shares[best])) if shares[best] >= CLEAR else (None, 0.0)


def _at_equal_values(contribution: Floats, cells: pd.Series) -> tuple[Floats, Integers]:
    """The contribution without what the column's own value tells, and the part of the values each row is in."""
    part, numbers = _parts(cells, OWN), as_numbers(cells)
    rest = contribution.astype(np.float64)
    for one in np.unique(part):
        mine = np.flatnonzero(part == one)
        x = None if numbers is None else numbers[mine]
        if x is None or len(mine) < 4 or not np.isfinite(x).all() or np.ptp(x) == 0:
            rest[mine] -= rest[mine].mean()
        else:  # along a line within the part, for its values are not quite the same
            centred = x - x.mean()
            rest[mine] -= rest[mine].mean() + centred * (centred @ rest[mine]) / (centred @ centred)
    return rest, part


def _explained(rest: Floats, own: Integers, other: Integers) -> float:
    """The share of the spread that goes with the other column within each part of the own values, less chance's."""
    total = float(rest @ rest)
    if total <= 0:
        return 0.0
    _, cell = np.unique(own * (OTHER + 2) + other, return_inverse=True)
    counts = np.bincount(cell)
    freedom = len(counts) - len(np.unique(own))
    left = len(rest) - len(counts)
    if freedom < 1 or left < len(rest) // 4:
        return 0.0
    between = float((np.bincount(cell, weights=rest) ** 2 / counts).sum())
    return 1 - (total - between) / total * (left + freedom) / left


def _parts(cells: pd.Series, most: int) -> Integers:
    """Which of at most `most` parts of about equal size each value is in; missing ones (-> `most`), the commonest
    words one each and the rest together (-> `most` + 1)."""
    numbers = as_numbers(cells)
    if numbers is None:
        words = cells.astype("str").where(cells.notna(), None)
        common = list(words.value_counts().index[:most])
        places = pd.Series(words.map({word: place for place, word in enumerate(common)}), dtype="float64")
        return np.where(words.isna(), most, places.fillna(most + 1)).astype(np.int64)
    known = np.isfinite(numbers)
    part = np.full(len(numbers), most, dtype=np.int64)
    if known.any():
        cuts = np.unique(np.quantile(numbers[known], np.linspace(0, 1, most + 1)[1:-1]))
        part[known] = np.searchsorted(cuts, numbers[known], side="right")
    return part
