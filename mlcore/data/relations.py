"""How each column alone goes with the target, measured on rows it was not learned from.

The values of a column are put into bins (tenths of the rows, or the most frequent categories; missing is a bin of its
own). What the target is like in a bin is learned on four fifths of the rows and judged on the last, in turn. For a
numeric column the plain order of its values counts too, whichever says more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlcore.data.distributions import numbers_of
from mlcore.data.labels import positive_of
from mlcore.data.schema import Column, Schema, Task

MOST_ROWS = 50_000
"""Rows that relations are measured on; larger tables are sampled."""

FEWEST_ROWS = 30
_FOLDS = 5
_FINE, _COARSE = 50, 10
_SMOOTHING = 5.0
_MOST_CLASSES = 100

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

    `measure` "AUC" (classification; several classes: the mean of each against the rest) is 0.5 to 1, "R²" (regression)
    0 to 1; `strength` puts both on 0 to 1. The `value` of a bin is the share of `positive` (binary), the share of the
    most frequent class (multiclass) or the mean of the target (regression); `shares` belong to `labels`.
    """

    measure: Measure
    value: float
    strength: float
    n: int
    bins: tuple[TargetBin, ...] = ()
    labels: tuple[str, ...] = ()
    positive: str | None = None


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
    found = target_of(sample[target], schema[target], task)
    if found is None:
        return {}
    related = ((column.name, _relation(sample[column.name][found.rows], column, found)) for column in schema)
    return {name: relation for name, relation in related if relation is not None and name != target}


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
    fine, _ = binned(values, column, _FINE)
    coarse, names = binned(values, column, _COARSE)
    numbers = None if column.storage == "text" else numbers_of(values)
    classes = target.task != "regression"
    value = _auc_alone(fine, numbers, target) if classes else _r2_alone(fine, numbers, target)
    return TargetRelation(
        measure="AUC" if classes else "R²",
        value=value,
        strength=2 * value - 1 if classes else value,
        n=len(values),
        bins=tuple(_bins(coarse, names, target)),
        labels=target.labels,
        positive=target.labels[target.positive] if target.task == "binary" else None,
    )


def binned(values: pl.Series, column: Column, most: int) -> tuple[Integers, tuple[str, ...]]:
    """For each row the number of its bin, and what the bins are called; missing values have the last bin."""
    if column.storage == "text" or column.kind in ("categorical", "boolean", "ordinal"):
        codes, names = _categories(values.cast(pl.String), most)
    else:
        codes, names = _ranges(numbers_of(values), column, most)
    return codes, names


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
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


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


def _auc_alone(codes: Integers, numbers: Floats | None, target: Target) -> float:
    """The area under the ROC curve of the column alone; several classes: the mean of each against the rest."""
    classes = range(len(target.labels)) if len(target.labels) > 2 else (target.positive,)
    areas = []
    for label in classes:
        truth = (target.values == label).astype(np.float64)
        learned = area(_out_of_fold(codes, truth), truth)
        ordered = 0.5 if numbers is None else area(np.where(np.isnan(numbers), -np.inf, numbers), truth)
        areas.append(max(learned, ordered, 1 - ordered))
    return float(np.clip(np.mean(areas), 0.5, 1))


def _r2_alone(codes: Integers, numbers: Floats | None, target: Target) -> float:
    truth = target.values
    spread = float(((truth - truth.mean()) ** 2).sum())
    if spread == 0:
        return 0.0
    learned = 1 - float(((truth - _out_of_fold(codes, truth)) ** 2).sum()) / spread
    ordered = 0.0
    if numbers is not None and (present := ~np.isnan(numbers)).sum() >= max(FEWEST_ROWS, len(truth) * 0.5):
        ordered = max(
            _squared_correlation(numbers[present], truth[present]),
            _squared_correlation(_ranks(numbers[present]), _ranks(truth[present])),
        )
        ordered *= float(present.mean())
    return float(np.clip(max(learned, ordered), 0, 1))


def _out_of_fold(codes: Integers, truth: Floats) -> Floats:
    """For each row the mean of the truth in its bin among the other folds' rows, drawn towards the overall mean."""
    rows, width = len(codes), int(codes.max()) + 1
    folds = np.random.default_rng(0).permutation(rows) % _FOLDS
    cell = folds * width + codes
    counts = np.bincount(cell, minlength=_FOLDS * width).reshape(_FOLDS, width).astype(np.float64)
    sums = np.bincount(cell, weights=truth, minlength=_FOLDS * width).reshape(_FOLDS, width)
    prior = (sums.sum() - sums.sum(axis=1)) / np.maximum(counts.sum() - counts.sum(axis=1), 1)
    other_counts, other_sums = counts.sum(axis=0) - counts, sums.sum(axis=0) - sums
    means = (other_sums + _SMOOTHING * prior[:, None]) / (other_counts + _SMOOTHING)
    return np.asarray(means[folds, codes], dtype=np.float64)


def area(score: Floats, truth: Floats) -> float:
    """The area under the ROC curve: the share of pairs in which the positive row scores higher, ties counted half."""
    _, place = np.unique(score, return_inverse=True)
    positive = np.bincount(place, weights=truth)
    negative = np.bincount(place, weights=1 - truth)
    if not positive.sum() or not negative.sum():
        return 0.5
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / (positive.sum() * negative.sum()))


def _ranks(values: Floats) -> Floats:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    after = np.cumsum(counts)
    return np.asarray((after - (counts - 1) / 2)[place], dtype=np.float64)


def _squared_correlation(one: Floats, other: Floats) -> float:
    one, other = one - one.mean(), other - other.mean()
    size = float((one**2).sum()) * float((other**2).sum())
    return float((one * other).sum()) ** 2 / size if size > 0 and np.isfinite(size) else 0.0
