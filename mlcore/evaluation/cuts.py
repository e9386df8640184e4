"""A column of a table as parts that rows can be looked at by: categories, ranges of numbers, periods, and missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.amounts import compact
from mlcore.data.schema import Column
from mlcore.evaluation.predictions import Integers

MISSING = "missing"
FEW_NUMBERS = 8
"""Whole numbers of so few different values are taken one by one."""

_PERIODS = (("D", "%Y-%m-%d"), ("W", "week of %Y-%m-%d"), ("M", "%Y-%m"), ("Q", "%Y-%m"), ("Y", "%Y"))
_WORDS = ("categorical", "boolean", "ordinal")


@dataclass(frozen=True, kw_only=True, eq=False)
class Cut:
    """A column in parts: `codes` is (n,), the place of each row's part in `labels`.

    Ranges and periods are in their order, categories from the most frequent; what is rare together and what is missing
    come last. The first `own` labels are values of the column as they stand there.
    """

    column: str
    labels: tuple[str, ...]
    codes: Integers
    own: int = 0


def cut(values: pd.Series[Any], column: Column, *, most: int = 8, least: int = 30) -> Cut:
    """The parts of a column, about `most` beside what is missing; categories of fewer than `least` rows go together.

    Numbers are cut at quantiles, so that ranges hold about as many rows; dates into the finest of days, weeks, months,
    quarters and years that gives no more than one and a half times as many periods.
    """
    known = values.notna().to_numpy()
    own = 0
    if pd.api.types.is_datetime64_any_dtype(values):
        labels, codes = _periods(values[known], most)
    elif pd.api.types.is_numeric_dtype(values) and not _named(values[known], column):
        labels, codes = _ranges(values[known].to_numpy(dtype=np.float64), most)
    else:
        labels, codes, own = _categories(values[known], most, least)
    every = np.full(len(values), len(labels), dtype=np.int64)
    every[known] = codes
    return Cut(column=column.name, labels=(*labels, *(() if known.all() else (MISSING,))), codes=every, own=own)


def crossed(first: Cut, second: Cut) -> tuple[tuple[tuple[str, str], ...], Integers]:
    """The pairs of parts of two columns that rows have, and the place of each row's pair in them, (n,)."""
    both = first.codes * len(second.labels) + second.codes
    seen, codes = np.unique(both, return_inverse=True)
    pairs = ((first.labels[one // len(second.labels)], second.labels[one % len(second.labels)]) for one in seen)
    return tuple(pairs), np.asarray(codes, dtype=np.int64)


def told(edges: np.ndarray[Any, np.dtype[np.float64]]) -> list[str]:
    """Numbers in words that differ from each other."""
    short = [compact(float(edge)) for edge in edges]
    return short if len(set(short)) == len(short) else [f"{edge:.10g}" for edge in edges]


def _named(values: pd.Series[Any], column: Column) -> bool:
    """Whether numbers are names of something, or so few that each is a part."""
    return column.kind in _WORDS or values.nunique() <= FEW_NUMBERS


def _ranges(values: np.ndarray[Any, np.dtype[np.float64]], most: int) -> tuple[list[str], Integers]:
    """Ranges between quantiles; a value that equals an edge lies below it."""
    parts = min(most, 5)
    inner = np.quantile(values, np.linspace(0, 1, parts + 1)[1:-1], method="lower") if len(values) else np.empty(0)
    edges = np.unique(inner)
    edges = edges[edges < values.max()] if len(values) else edges
    words = told(edges)
    labels = [f"up to {words[0]}"] if words else ["every value"]
    labels += [f"above {low}, up to {high}" for low, high in pairwise(words)]
    labels += [f"above {words[-1]}"] if words else []
    return labels, np.searchsorted(edges, values, side="left").astype(np.int64)


def _periods(values: pd.Series[Any], most: int) -> tuple[list[str], Integers]:
    moments = values.dt.tz_localize(None) if getattr(values.dt, "tz", None) is not None else values
    for unit, form in _PERIODS:
        starts = moments.dt.to_period(unit).dt.start_time
        if starts.nunique() <= most * 1.5:
            codes, seen = pd.factorize(starts, sort=True)
            quarters = [f"{one.year} Q{one.quarter}" for one in seen] if unit == "Q" else None
            return quarters or [one.strftime(form) for one in seen], codes.astype(np.int64)
    years = moments.dt.year.to_numpy(dtype=np.float64)
    edges = np.unique(np.quantile(years, np.linspace(0, 1, most + 1)[1:-1], method="lower")).astype(int)
    names = [f"until {edges[0]}", *(f"{a + 1} to {b}" for a, b in pairwise(edges))]
    codes = np.asarray(np.searchsorted(edges, years, side="left"), dtype=np.int64)
    return [*names, f"from {edges[-1] + 1}"], codes


def _categories(values: pd.Series[Any], most: int, least: int) -> tuple[list[str], Integers, int]:
    words = values.map(_word).astype(str)
    counts = words.value_counts(sort=True)
    ordered = sorted(counts.items(), key=lambda pair: (-int(pair[1]), str(pair[0])))
    rare = [str(name) for place, (name, count) in enumerate(ordered) if place >= most or count < least]
    named = [str(name) for name, _ in ordered if str(name) not in set(rare)]
    if len(rare) == 1:
        named, rare = [*named, *rare], []
    place = {name: at for at, name in enumerate(named)}
    codes = np.asarray(words.map(place).fillna(len(named)), dtype=np.int64)
    return _apart([*named, *([f"{len(rare):,} other values"] if rare else [])], place), codes, len(named)


def _apart(labels: Sequence[str], own: dict[str, int]) -> list[str]:
    """A value that is spelled like our word for what is missing is quoted."""
    return [f"“{label}”" if label == MISSING and label in own else label for label in labels]


def _word(value: object) -> str:
    """A value by its name: a year has no separator, and two numbers never have the same name for being close."""
    return f"{float(value):.15g}" if isinstance(value, (float, np.floating)) else str(value)
