"""The effect of one column on what a model says: partial dependence, single rows, and accumulated local effects.

Partial dependence (Friedman 2001) and its single rows (ICE, Goldstein et al. 2015) set the column to a value in every
row: where columns go together, that asks about rows that do not exist. Accumulated local effects (Apley and Zhu 2020)
compare only values that lie beside each other in rows that have them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.explanation.members import outputs_of
from mlcore.explanation.values import as_numbers
from mlcore.learning.model import Model

POINTS = 20
SINGLE = 30  # rows drawn one by one
LEVELS = 12
PARTS = 20  # of the values, between which accumulated effects are measured
TOGETHER = 0.5  # rank correlation from which columns are said to go together
FEW = 5  # rows near a value, or 1 % of them, below which the data there are thin


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One column's effect on k outputs.

    `at` are g values as numbers (dates: seconds since 1970), or `words`; `near` the rows of the table near each.
    `mean` is (k, g): the mean output when all rows have that value; `single` (s, k, g) the same of some rows. For
    numbers `local_at` and `local` (k, h) are the accumulated local effects, around the mean output. `goes_with` is the
    column that goes with this one most, and `how_much` their rank correlation; empty when none does.
    """

    column: str
    at: tuple[float, ...] = ()
    words: tuple[str, ...] = ()
    dates: bool = False
    near: tuple[int, ...]
    mean: tuple[tuple[float, ...], ...]
    single: tuple[tuple[tuple[float, ...], ...], ...]
    local_at: tuple[float, ...] = ()
    local: tuple[tuple[float, ...], ...] = ()
    goes_with: str = ""
    how_much: float = 0.0
    rows: int

    @property
    def thin(self) -> tuple[bool, ...]:
        """At which values hardly any row lies."""
        return tuple(rows < max(FEW, sum(self.near) / 100) for rows in self.near)


def curve(model: Model, rows: pd.DataFrame, column: str, *, budget: float, each: float, seed: int = 0) -> Curve:
    """The effect of a column, from as many rows as `budget` seconds allow at `each` seconds a row, 20 to 300."""
    cells = rows[column]
    numbers = as_numbers(cells)
    count = int(np.clip(budget / max(each, 1e-9) / (3 * POINTS), 20, 300))
    some = rows.iloc[np.sort(np.random.default_rng(seed).permutation(len(rows))[:count])].reset_index(drop=True)
    if numbers is None or np.isfinite(numbers).sum() < 2:
        return _by_word(model, rows, some, column)
    return _by_number(model, rows, some, (column, numbers))


def _by_word(model: Model, rows: pd.DataFrame, some: pd.DataFrame, column: str) -> Curve:
    counts = rows[column].value_counts().iloc[:LEVELS]
    levels = list(counts.index)
    if not levels:
        return Curve(column=column, near=(), mean=(), single=(), rows=len(some))
    said = _said(model, some, column, [pd.Series([level] * len(some), dtype=rows[column].dtype) for level in levels])
    return Curve(
        column=column,
        words=tuple(str(level) for level in levels),
        near=tuple(int(count) for count in counts),
        mean=_plain(said.mean(axis=0)),
        single=_single(said),
        rows=len(some),
    )


def _by_number(model: Model, rows: pd.DataFrame, some: pd.DataFrame, about: tuple[str, Floats]) -> Curve:
    column, numbers = about
    known = numbers[np.isfinite(numbers)]
    grid = _grid(known, whole=pd.api.types.is_integer_dtype(rows[column].dtype))
    said = _said(model, some, column, [_cells(np.full(len(some), at), rows[column]) for at in grid])
    edges = np.concatenate(([-np.inf], (grid[1:] + grid[:-1]) / 2, [np.inf]))
    other, how_much = _goes_with(rows, column, numbers)
    local_at, local = _local(model, rows, about) if len(grid) > 2 else (np.zeros(0), np.zeros((0, 0)))
    return Curve(
        column=column,
        at=tuple(float(at) for at in grid),
        dates=pd.api.types.is_datetime64_any_dtype(rows[column].dtype),
        near=tuple(int(count) for count in np.histogram(known, edges)[0]),
        mean=_plain(said.mean(axis=0)),
        single=_single(said),
        local_at=tuple(float(at) for at in local_at),
        local=_plain(local),
        goes_with=other,
        how_much=how_much,
        rows=len(some),
    )


def _grid(known: Floats, *, whole: bool) -> Floats:
    """Values evenly spaced over all but the outermost, so that gaps in the data are seen."""
    levels = np.unique(known)
    if len(levels) <= POINTS:
        return levels
    low, high = np.quantile(known, [0.005, 0.995])
    grid = np.linspace(low, high, POINTS) if high > low else levels[[0, -1]]
    return np.unique(np.round(grid)) if whole else grid


def _cells(values: Floats, like: pd.Series) -> pd.Series:
    """Numbers as cells of the column they stand for."""
    if pd.api.types.is_datetime64_any_dtype(like.dtype):
        return pd.Series(pd.to_datetime(values, unit="s")).astype(like.dtype)
    if pd.api.types.is_integer_dtype(like.dtype):
        return pd.Series(np.round(values)).astype(like.dtype)
    return pd.Series(values).astype(like.dtype)


def _said(model: Model, some: pd.DataFrame, column: str, cells: list[pd.Series]) -> Floats:
    """What the model says of each row with each of g values in the column, (n, k, g)."""
    changed = pd.concat([some.assign(**{column: one.to_numpy()}).astype({column: one.dtype}) for one in cells])
    said = outputs_of(model, changed.reset_index(drop=True))
    return np.moveaxis(said.reshape(len(cells), len(some), -1), 0, 2)


def _local(model: Model, rows: pd.DataFrame, about: tuple[str, Floats]) -> tuple[Floats, Floats]:
    """The ends of the parts, (h,), and the effect accumulated there, (k, h), around the mean output."""

    column, numbers = about
    known = np.flatnonzero(np.isfinite(numbers))
    ends = np.unique(np.quantile(numbers[known], np.linspace(0, 1, PARTS + 1)))
    part = np.clip(np.searchsorted(ends, numbers[known], side="left"), 1, len(ends) - 1)
    there = rows.iloc[known].reset_index(drop=True)
    low, high = (
        outputs_of(model, there.assign(**{column: _cells(ends[part - back], rows[column]).to_numpy()}))
        for back in (1, 0)
    )
    steps = np.array([_mean(high - low, part == one) for one in range(1, len(ends))])
    effect = np.concatenate((np.zeros((1, steps.shape[1])), np.cumsum(steps, axis=0)))
    counts = np.bincount(part, minlength=len(ends))[1:]
    centre = ((effect[1:] + effect[:-1]) / 2 * counts[:, None]).sum(axis=0) / counts.sum()
    mean = outputs_of(model, rows).mean(axis=0)
    return ends, (effect - centre + mean).T


def _mean(values: Floats, chosen: Integers) -> Floats:
    return np.asarray(values[chosen].mean(axis=0)) if chosen.any() else np.zeros(values.shape[1])


def _goes_with(rows: pd.DataFrame, column: str, numbers: Floats) -> tuple[str, float]:
    """The column of numbers whose ranks go with this one's most."""
    own, best = pd.Series(numbers).rank(), ("", 0.0)
    for other in rows.columns:
        values = None if other == column else as_numbers(rows[other])
        if values is None:
            continue
        both = np.isfinite(values) & np.isfinite(numbers)
        ranks = pd.Series(values).rank()
        if both.sum() < 20 or ranks[both].std() == 0 or own[both].std() == 0:
            continue
        together = float(np.corrcoef(own[both], ranks[both])[0, 1])
        if abs(together) > abs(best[1]):
            best = str(other), together
    return best if abs(best[1]) >= TOGETHER else ("", 0.0)


def _single(said: Floats) -> tuple[tuple[tuple[float, ...], ...], ...]:
    return tuple(_plain(row) for row in said[:SINGLE])


def _plain(values: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in line) for line in values)
