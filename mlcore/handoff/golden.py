"""Rows that a copy of a model must score exactly as the model did: ordinary ones, and every way a row can be odd."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.data.schema import Column
from mlcore.evaluation.predictions import Integers

FEWEST = 120
"""Golden rows of the narrowest table; wide tables have one more for every column, up to `_CELLS`."""

ORDINARY = 60
"""Training rows among them, at most, taken class by class."""

Row = NDArray[np.object_]

_FAR = 1e12
_SINGLE = 200
_CELLS = 200_000
"""Of columns treated one at a time so many are that rows times columns stay below this; at least `_LEAST`."""

_LEAST = 10


def chosen(labels: pd.Series, *, count: int = ORDINARY, seed: int = 0) -> Integers:
    """Positions of up to `count` rows, one of each label in turn, so that every label comes before any comes twice."""
    order = np.random.default_rng(seed).permutation(len(labels))
    mixed = labels.astype("str").fillna("").iloc[order]
    turn = mixed.groupby(mixed.to_numpy()).cumcount().to_numpy()
    return np.asarray(order[np.argsort(turn, kind="stable")][:count], dtype=np.int64)


def golden(rows: pd.DataFrame, columns: tuple[Column, ...], *, seed: int = 0) -> pd.DataFrame:
    """The golden rows, made from at least one training row and what is known of each column.

    The training rows themselves; a row with each column missing and one with all; an unseen category for each column of
    categories; every number at its lowest, its highest, zero and ±1e12, and each number alone beyond its range; dates a
    century away; then rows whose cells come from different training rows, until there are `FEWEST`.
    """
    rows = rows[[column.name for column in columns]].reset_index(drop=True)
    given = _Given(rows)
    made = [*_missing(rows, given, columns), *_unseen(given, columns), *_extremes(given, columns)]
    table = pd.DataFrame(np.vstack([given.cells, *made]), columns=rows.columns, dtype=object)
    if len(table) < FEWEST:
        table = pd.concat([table, _crossed(_as_given(rows), FEWEST - len(table), seed)], ignore_index=True)
    return _stored(table, columns)


def _as_given(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.astype(object).where(rows.notna(), None)


class _Given:
    """Training rows as objects, to be copied with other cells."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.cells = _as_given(rows).to_numpy(dtype=object)
        self._places = {name: place for place, name in enumerate(rows.columns)}

    def but(self, position: int, cells: dict[str, object]) -> Row:
        """One of them, in turn, with these cells instead of its own."""
        row: Row = self.cells[position % len(self.cells)].copy()
        for name, value in cells.items():
            row[self._places[name]] = value
        return row


def _missing(rows: pd.DataFrame, given: _Given, columns: tuple[Column, ...]) -> list[Row]:
    gaps = rows.isna().sum(axis=1)
    full = _Given(rows[gaps == gaps.min()])  # so that the gap is the only one, where there is such a row
    each = [full.but(number, {column.name: None}) for number, column in enumerate(_some(columns, len(columns)))]
    return [*each, given.but(0, {column.name: None for column in columns})]


def _some(columns: Sequence[Column], width: int) -> Sequence[Column]:
    """Evenly spaced columns of a table with `width` of them, as many as `_CELLS` allow."""
    most = max(_LEAST, _CELLS // max(1, width))
    return columns[:: -(-len(columns) // most) or 1]


def _unseen(given: _Given, columns: tuple[Column, ...]) -> list[Row]:
    words = [column for column in columns if column.storage == "text"]
    single = _some(words, len(columns))
    return [given.but(number, {column.name: _never(column)}) for number, column in enumerate(single)]


def _never(column: Column) -> str:
    word = "never seen before"
    while word in column.categories:
        word += " ."
    return word


def _extremes(given: _Given, columns: tuple[Column, ...]) -> list[Row]:
    ranged = [column for column in columns if column.low is not None and column.high is not None]
    if not ranged:
        return []
    together = [
        given.but(number, {column.name: _at(column, place) for column in ranged})
        for number, place in enumerate(("low", "high", "zero", "far", "minus far"))
    ]
    alone = [
        given.but(number, {column.name: _at(column, place)})
        for number, column in enumerate(_some(ranged, len(columns))[:_SINGLE])
        for place in ("below", "above")
    ]
    return together + alone


def _at(column: Column, place: str) -> object:
    low, high = float(column.low or 0.0), float(column.high or 0.0)
    span = max(high - low, 1.0)
    spots = {"low": low, "high": high, "below": low - span, "above": high + span, "far": _FAR, "minus far": -_FAR}
    value = spots.get(place, 0.0)
    if column.storage == "datetime":
        return _moment(value)
    return float(round(value)) if column.storage == "integer" else value


def _moment(seconds: float) -> pd.Timestamp:
    """A moment between the years 1900 and 2100, to the second."""
    first, last = pd.Timestamp("1900-01-01"), pd.Timestamp("2100-01-01")
    if abs(seconds) >= _FAR:
        return last if seconds > 0 else first
    return min(max(pd.Timestamp(round(seconds), unit="s"), first), last)


def _crossed(rows: pd.DataFrame, count: int, seed: int) -> pd.DataFrame:
    draws = np.random.default_rng(seed + 1).integers(len(rows), size=(count, rows.shape[1]))
    return pd.DataFrame({name: rows[name].to_numpy()[draws[:, j]] for j, name in enumerate(rows.columns)}, dtype=object)


def _stored(table: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """The rows in the storages of a canonical table; whole numbers with gaps become floats."""
    numbers = [column.name for column in columns if column.storage not in ("text", "datetime")]
    cells = table[numbers].to_numpy(dtype=object)  # of thousands of columns all at once
    stored = pd.DataFrame(np.where(pd.isna(cells), np.nan, cells).astype(np.float64), columns=numbers)
    others = [column for column in columns if column.storage in ("text", "datetime")]
    words = pd.DataFrame({column.name: _storage(table[column.name], column) for column in others}, index=stored.index)
    return pd.concat([stored, words], axis=1)[[column.name for column in columns]]


def _storage(cells: pd.Series, column: Column) -> pd.Series:
    if column.storage == "text":
        return cells.astype("str")
    return pd.to_datetime(cells).astype("datetime64[us]")
