"""How each column alone goes with the target, measured on rows it was not learned from.

The values of a column are put into bins (tenths of the rows, or the most frequent categories; missing is a bin of its
own). What the target is like in a bin is learned on four fifths of the rows and judged on the last, in turn. For a
numeric column the plain order of its values counts too, whichever says more.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlcore.data import alone, effects
from mlcore.data.amounts import compact
from mlcore.data.distributions import numbers_of
from mlcore.data.effects import Effect, cramers_v, eta_squared, spearman
from mlcore.data.labels import positive_of
from mlcore.data.schema import Column, Schema, Task

MOST_ROWS = 50_000
"""Rows that relations are measured on; larger tables are sampled."""

FEWEST_ROWS = 30
_FINE, _COARSE = 50, 10
_IN_A_BIN = 15
"""Rows that a bin of numbers should have at least: what is learned from fewer is chance."""

_MOST_CLASSES, _MOST_COMPARED = 100, 10
_WORDS = ("categorical", "boolean", "ordinal")

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Measure = Literal["AUC", "R²"]


@dataclass(frozen=True, kw_only=True)
class TargetBin:
    """Rows with like values of a column: how many, and what the target is among them (see `TargetRelation`)."""

    label: str
    n: int
    value: float
    shares: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TargetRelation:
    """How well one column alone predicts the target.

    `measure` "AUC" (classification; several classes: the mean of each, of the ten most frequent, against the rest) is
    0.5 to 1, "R²" (regression) 0 to 1; `strength` puts both on 0 to 1. The `value` of a bin is the share of `positive`
    (binary), the share of the most frequent class (multiclass) or the mean of the target (regression); `shares` belong
    to `labels`.

    `low` to `high` is the 95 % interval of `value`, made by `method`. `also` is the same association by a measure of
    the textbooks: Cramér's V, η² or Spearman's ρ.
    """

    measure: Measure
    value: float
    strength: float
    n: int
    bins: tuple[TargetBin, ...] = ()
    labels: tuple[str, ...] = ()
    positive: str | None = None
    low: float | None = None
    high: float | None = None
    method: str = ""
    also: Effect | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """A target to relate columns to: rows with a value, and either class indices with their labels or numbers."""

    task: Task
    rows: Integers
    values: Floats
    labels: tuple[str, ...] = ()
    positive: int = 0


def target_of(values: pl.Series, column: Column, task: Task | None = None) -> Target | None:
    """The target of a sample of rows; None when nothing can be related to it (all missing, one value, too few rows)."""
    rows = np.flatnonzero(values.is_not_null().to_numpy()).astype(np.int64)
    present = values.drop_nulls()
    if len(present) < FEWEST_ROWS or present.n_unique() < 2:
        return None
    kind = task or _task(present, column)
    if kind == "regression":
        if column.storage == "text":
            return None
        return Target(task=kind, rows=rows, values=numbers_of(present))
    named = label_texts(present)
    counts = named.rename("label").value_counts().sort(["count", "label"], descending=[True, False])
    labels = tuple(counts["label"].to_list())
    if len(labels) > _MOST_CLASSES:
        return None
    codes = named.replace_strict(list(labels), list(range(len(labels))), return_dtype=pl.Int64)
    positive = labels.index(positive_of(dict(counts.iter_rows()))) if len(labels) == 2 else len(labels) - 1
    return Target(task=kind, rows=rows, values=codes.to_numpy().astype(np.float64), labels=labels, positive=positive)


def label_texts(values: pl.Series) -> pl.Series:
    """The classes of a target as text; whole numbers without a fraction, however they are stored."""
    if values.dtype.is_float() and (values.drop_nulls() == values.drop_nulls().floor()).all():
        values = values.cast(pl.Int64, strict=False)
    return values.cast(pl.String)


def relations(sample: pl.DataFrame, schema: Schema, target: str, task: Task | None = None) -> dict[str, TargetRelation]:
    """The relation of every other column of the sample to the target; columns without any are left out."""
    import joblib

    found = target_of(sample[target], schema[target], task)
    if found is None:
        return {}
    others = [column for column in schema if column.name != target]
    with ThreadPoolExecutor(joblib.cpu_count()) as cores:  # most of it is sorting, which threads do side by side
        related = cores.map(lambda column: _relation(sample[column.name][found.rows], column, found), others)
        told = {column.name: relation for column, relation in zip(others, related, strict=True)}
    return {name: relation for name, relation in told.items() if relation is not None}


def area(score: Floats, truth: Floats) -> float:
    """The area under the ROC curve: the share of pairs in which the positive row scores higher, ties counted half."""
    return effects.area(effects.in_order(score), truth == 1)


def _task(present: pl.Series, column: Column) -> Task:
    distinct = present.n_unique()
    if distinct == 2:
        return "binary"
    if column.storage == "text" or column.kind in ("categorical", "boolean", "ordinal"):
        return "multiclass"
    few = distinct <= 20 and distinct < 0.05 * len(present)
    return "multiclass" if column.storage == "integer" and few else "regression"


def _relation(values: pl.Series, column: Column, target: Target) -> TargetRelation | None:
    if values.null_count() == len(values) or (values.n_unique() == 1):
        return None
    words = column.storage == "text" or column.kind in _WORDS
    numbers = None if column.storage == "text" else numbers_of(values)
    most = _FINE if words else int(np.clip(len(values) // _IN_A_BIN, _COARSE, _FINE))
    fine, _ = _binned(values, numbers, column, most)
    coarse, names = _binned(values, numbers, column, _COARSE)
    classes = target.task != "regression"
    if classes:
        found = alone.auc(fine, numbers, target.values.astype(np.int64), _compared(target))
    else:
        found = alone.r_squared(fine, numbers, target.values)
    return TargetRelation(
        measure="AUC" if classes else "R²",
        value=found.value,
        strength=2 * found.value - 1 if classes else found.value,
        n=len(values),
        low=found.low,
        high=found.high,
        method=found.method,
        also=_also(fine if words else None, numbers, values, target),
        bins=tuple(_bins(coarse, names, target)),
        labels=target.labels,
        positive=target.labels[target.positive] if target.task == "binary" else None,
    )


def _compared(target: Target) -> tuple[int, ...]:
    """The labels that are told from the rest: the positive one of two, the most frequent ones of many."""
    return tuple(range(min(len(target.labels), _MOST_COMPARED))) if len(target.labels) > 2 else (target.positive,)


def _also(codes: Integers | None, numbers: Floats | None, values: pl.Series, target: Target) -> Effect | None:
    """A measure of association of the textbooks that fits the two columns; it is not judged on rows left out.

    `codes` are those of words; None for numbers.
    """
    if codes is None:
        assert numbers is not None
        if target.task == "regression":
            return spearman(numbers, target.values)
        return eta_squared(target.values.astype(np.int64), numbers) if len(target.labels) > 2 else None
    present = values.is_not_null().to_numpy()
    if target.task == "regression":
        return eta_squared(codes[present], target.values[present])
    wide = len(target.labels)
    cells = np.bincount(codes[present] * wide + target.values[present].astype(np.int64), minlength=wide)
    return cramers_v(np.append(cells, np.zeros(-len(cells) % wide)).reshape(-1, wide).astype(np.float64))


def _binned(values: pl.Series, numbers: Floats | None, column: Column, most: int) -> tuple[Integers, tuple[str, ...]]:
    """For each row the number of its bin, and what the bins are called; missing values have the last bin."""
    if numbers is None or column.kind in _WORDS:
        return _categories(values.cast(pl.String), most)
    return _ranges(numbers, column, most)


def _categories(values: pl.Series, most: int) -> tuple[Integers, tuple[str, ...]]:
    counts = values.drop_nulls().rename("value").value_counts().sort(["count", "value"], descending=[True, False])
    top = counts["value"].head(most).to_list()
    rest = counts.height > most
    names = [*top, *(["other"] if rest else []), "missing"]
    codes = values.replace_strict(top, list(range(len(top))), default=len(top), return_dtype=pl.Int64)
    coded = codes.to_numpy().astype(np.int64)
    coded[values.is_null().to_numpy()] = len(names) - 1
    return coded, tuple(names)


def _ranges(numbers: Floats, column: Column, most: int) -> tuple[Integers, tuple[str, ...]]:
    """Bins with about as many rows each; a column of few different numbers has one bin for each of them."""
    present = numbers[~np.isnan(numbers)]
    different = np.unique(present)
    if len(different) <= most:
        codes = np.searchsorted(different, numbers).astype(np.int64)
        names = [_words(value, column) for value in different]
    else:
        inner = np.unique(np.quantile(present, np.linspace(0, 1, most + 1)[1:-1]))
        codes = np.searchsorted(inner, numbers, side="left").astype(np.int64)
        shown = [_words(value, column) for value in inner]
        middle = [f"{low} – {high}" for low, high in pairwise(shown)]
        names = [f"up to {shown[0]}", *middle, f"above {shown[-1]}"]
    codes[np.isnan(numbers)] = len(names)
    return codes, (*names, "missing")


def _words(value: float, column: Column) -> str:
    if column.storage == "datetime":
        moment = np.datetime64(int(value), "s")
        return str(moment)[:10]
    return compact(value)


def _bins(codes: Integers, names: tuple[str, ...], target: Target) -> Iterator[TargetBin]:
    for code, name in enumerate(names):
        inside = target.values[codes == code]
        if not len(inside):
            continue
        if target.task == "regression":
            yield TargetBin(label=name, n=len(inside), value=float(inside.mean()))
            continue
        shares = np.bincount(inside.astype(np.int64), minlength=len(target.labels)) / len(inside)
        shown = shares[target.positive] if target.task == "binary" else shares[0]
        every = tuple(shares.tolist()) if target.task == "multiclass" else ()
        yield TargetBin(label=name, n=len(inside), value=float(shown), shares=every)
