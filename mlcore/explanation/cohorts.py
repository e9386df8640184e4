"""Rows compared by their explanations: one group with the others, and month after month."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.errors import UserError
from mlcore.evaluation.cuts import told
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.values import as_numbers

FEWEST = 10  # rows of a group, below which nothing is said about it
PERIODS = (("year", "Y", 6), ("month", "M", 4), ("week", "W", 4), ("day", "D", 2))
MOST_PERIODS = 36
Z = 1.96


def compared(explanation: Explanation, inside: NDArray[np.bool_], output: int = 0) -> pd.DataFrame:
    """The rows of `inside`, (n,), against all others: one row a column, the largest difference first.

    `inside` and `outside`: the mean contribution in each; `difference`, with `low` and `high`, its 95 % interval
    (Welch). `UserError` when one of the two has fewer than 10 rows.
    """
    if min(inside.sum(), (~inside).sum()) < FEWEST:
        raise UserError(
            f"The group has {int(inside.sum()):,} of {len(inside):,} explained rows: too few to compare",
            remedy="Choose a larger group, or explain more rows.",
        )
    values = explanation.values[:, :, output]
    here, there = values[inside], values[~inside]
    difference = here.mean(axis=0) - there.mean(axis=0)
    reach = Z * np.sqrt(here.var(axis=0, ddof=1) / len(here) + there.var(axis=0, ddof=1) / len(there))
    made = pd.DataFrame(
        {
            "column": list(explanation.columns),
            "inside": here.mean(axis=0),
            "outside": there.mean(axis=0),
            "difference": difference,
            "low": difference - reach,
            "high": difference + reach,
        }
    )
    return made.sort_values("difference", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def choices(explanation: Explanation, column: str, most: int = 12) -> dict[str, NDArray[np.bool_]]:
    """Groups of rows by a column: its common words, or four parts of its numbers, each with which rows are in it."""
    cells = explanation.table.iloc[:, explanation.columns.index(column)]
    numbers = as_numbers(cells)
    if numbers is None:
        words = cells.astype("str").where(cells.notna(), None)
        found = {f"= {word}": (words == word).to_numpy() for word in words.value_counts().index[:most]}
    else:
        dated = pd.api.types.is_datetime64_any_dtype(cells)
        found = _ranges(numbers, dated)
    missing = cells.isna().to_numpy()
    return {**found, "is missing": missing} if missing.any() else found


def _ranges(numbers: Floats, dated: bool) -> dict[str, NDArray[np.bool_]]:
    known = np.isfinite(numbers)
    if not known.any():
        return {}
    levels = np.unique(numbers[known])
    if len(levels) <= 4:
        return {f"= {name}": numbers == level for name, level in zip(_named(levels, dated), levels, strict=True)}
    cuts = np.unique(np.quantile(numbers[known], [0, 0.25, 0.5, 0.75, 1]))
    found = {}
    for (low, high), (start, end) in zip(pairwise(cuts), pairwise(_named(cuts, dated)), strict=True):
        inside = known & (numbers <= high) & (numbers >= low if low == cuts[0] else numbers > low)
        found[f"is between {start} and {end}"] = inside
    return found


def _named(values: Floats, dated: bool) -> list[str]:
    """Numbers or moments in rising order by names that differ from each other."""
    if not dated:
        return told(values)
    moments = [pd.Timestamp(value, unit="s") for value in values]
    days = [f"{moment:%Y-%m-%d}" for moment in moments]
    return days if len(set(days)) == len(days) else [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in moments]


@dataclass(frozen=True, kw_only=True, eq=False)
class OverTime:
    """Mean contributions by period: `starts` (t,), `rows` (t,), `values` (t, d) and `output` (t,), its mean."""

    unit: str
    starts: tuple[pd.Timestamp, ...]
    rows: Integers
    values: Floats
    output: Floats


def over_time(explanation: Explanation, column: str, output: int = 0) -> OverTime:
    """By the longest period that there are several of; those with fewer than 10 rows are left out.

    `UserError` when the column has no dates or fewer than two such periods.
    """
    cells = explanation.table.iloc[:, explanation.columns.index(column)]
    if not pd.api.types.is_datetime64_any_dtype(cells):
        raise UserError(f"{column!r} does not hold dates", remedy="Choose a column that does.")
    known = cells.notna().to_numpy()
    unit, full, periods = _periods(cells[known].dt.tz_localize(None))
    if len(full) < 2:
        raise UserError(f"Too few rows by {column!r} to follow them over time", remedy="Explain more rows.")
    places = [np.flatnonzero(known)[(periods == period).to_numpy()] for period in full.index]
    values = explanation.values[:, :, output]
    return OverTime(
        unit=unit,
        starts=tuple(period.start_time for period in full.index),
        rows=full.to_numpy(dtype=np.int64),
        values=np.array([values[rows].mean(axis=0) for rows in places]),
        output=np.array([explanation.output[rows, output].mean() for rows in places]),
    )


def _periods(moments: pd.Series) -> tuple[str, pd.Series, pd.Series]:
    """The longest unit with enough full periods, else the shortest with two; the rows of these; each row's period."""
    found = None
    for unit, code, fewest in PERIODS:
        periods = moments.dt.to_period(code)
        counts = periods.value_counts().sort_index()
        full = counts[counts >= FEWEST].iloc[-MOST_PERIODS:]
        if found is None or len(full) > 1:
            found = unit, full, periods
        if len(full) >= fewest:
            break
    assert found is not None
    return found


def dates(explanation: Explanation) -> tuple[str, ...]:
    """The columns that hold dates."""
    kinds = explanation.table.dtypes
    return tuple(
        name
        for name, kind in zip(explanation.columns, kinds, strict=True)
        if pd.api.types.is_datetime64_any_dtype(kind)
    )
