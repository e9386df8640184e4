"""Worse input made of good: cells of some columns with noise, shifted, missing, or with a value never seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

Field = Mapping[str, Any]
Spoil = Callable[["pd.Series[Any]", Field, float, np.random.Generator], "pd.Series[Any]"]
"""From a column, its field, a strength and chance to the spoiled column; the same column where it does not apply."""

NEW = "␀ a value never seen"


def spoiled(
    table: pd.DataFrame, fields: Sequence[Field], spoil: Spoil, strength: float, chance: np.random.Generator
) -> pd.DataFrame:
    """The table with the columns of these fields spoiled; the given one is left as it is."""
    made = table.copy()
    for field in fields:
        name = str(field["name"])
        made[name] = spoil(table[name], field, strength, chance)
    return made


def spread(values: pd.Series[Any]) -> float:
    """The interquartile range as a normal standard deviation, else the standard deviation; 0 without two values."""
    known = values.dropna().to_numpy(dtype=np.float64)
    if len(known) < 2:
        return 0.0
    low, high = np.quantile(known, [0.25, 0.75])
    return float((high - low) / 1.349) or float(known.std())


def noised(values: pd.Series[Any], field: Field, strength: float, chance: np.random.Generator) -> pd.Series[Any]:
    """Normal noise of `strength` spreads, in numbers and times."""
    return _moved(values, field, strength, chance.normal(size=len(values)))


def _up(values: pd.Series[Any], field: Field, strength: float, _chance: np.random.Generator) -> pd.Series[Any]:
    return _moved(values, field, strength, np.ones(len(values)))


def _down(values: pd.Series[Any], field: Field, strength: float, _chance: np.random.Generator) -> pd.Series[Any]:
    return _moved(values, field, strength, -np.ones(len(values)))


SHIFTED: tuple[Spoil, ...] = (_up, _down)
"""All values moved up, or down, by `strength` spreads."""


def missed(values: pd.Series[Any], _field: Field, strength: float, chance: np.random.Generator) -> pd.Series[Any]:
    """A share of cells emptied."""
    return values.mask(pd.Series(chance.random(len(values)) < strength, index=values.index))


def unseen(values: pd.Series[Any], field: Field, strength: float, chance: np.random.Generator) -> pd.Series[Any]:
    """A share of cells with a category that was never there."""
    if field["kind"] != "category":
        return values
    words = values.astype(object)
    return words.mask(pd.Series(chance.random(len(values)) < strength, index=values.index), NEW)


def _moved(values: pd.Series[Any], field: Field, strength: float, by: np.ndarray[Any, Any]) -> pd.Series[Any]:
    if field["kind"] == "time" and pd.api.types.is_datetime64_any_dtype(values):
        days = (values - values.min()) / pd.Timedelta(days=1)
        return values + pd.to_timedelta((strength * spread(days) * by).round(6), unit="D").astype("timedelta64[us]")
    if field["kind"] != "number" or not pd.api.types.is_numeric_dtype(values):
        return values
    return values.astype(np.float64) + strength * spread(values) * by
