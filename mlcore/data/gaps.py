"""Where columns are filled, beside the target: whether a gap alone tells the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlcore.data.amounts import percent
from mlcore.data.chance import unequal_means, uneven
from mlcore.data.relations import Target, area, target_of
from mlcore.data.schema import Column, Schema, Task

_FEWEST = 20
"""Rows that must be filled, and rows that must be empty, before a pattern can be seen."""

_SURE = 1e-6
_ONLY = 0.99


@dataclass(frozen=True, kw_only=True)
class Gaps:
    """Where one column is filled: the area under the ROC curve (or R²) of that alone, and the answer it is filled for.

    `only` is the one answer of nearly all filled rows ("" when there are several), `filled` how many those are.
    `apart` is the difference between the shares of gaps of two labels, or of two means in standard deviations; `chance`
    its p-value; `said` puts it in words.
    """

    name: str
    value: float
    filled: int
    only: str = ""
    apart: float = 0.0
    chance: float = 1.0
    said: str = ""


def gaps(
    sample: pl.DataFrame, schema: Schema, columns: tuple[Column, ...], target: str, task: Task | None
) -> tuple[Gaps, ...]:
    """The gaps of those columns that have enough of them beside a target with a value."""
    found = target_of(sample[target], schema[target], task)
    return () if found is None else tuple(_each(sample, columns, found))


def _each(sample: pl.DataFrame, columns: tuple[Column, ...], target: Target) -> Iterator[Gaps]:
    for column in columns:
        if not 0 < column.missing < 1:
            continue
        filled = sample[column.name].is_not_null().to_numpy()[target.rows]
        if min(int(filled.sum()), int((~filled).sum())) >= _FEWEST:
            number = target.task == "regression"
            yield _numbers(column.name, filled, target) if number else _labels(column.name, filled, target)


def _numbers(name: str, filled: NDArray[np.bool_], target: Target) -> Gaps:
    values = target.values
    apart, chance = unequal_means(values[filled], values[~filled])
    explained = float(np.corrcoef(filled, values)[0, 1]) ** 2
    more = "higher" if values[filled].mean() > values[~filled].mean() else "lower"
    said = f"with a value of '{name}' it is {apart:.1f} standard deviations {more}"
    return Gaps(name=name, value=explained, filled=int(filled.sum()), apart=apart, chance=chance, said=said)


def _labels(name: str, filled: NDArray[np.bool_], target: Target) -> Gaps:
    codes, labels = target.values.astype(np.int64), target.labels
    inside = np.bincount(codes[filled], minlength=len(labels)).astype(np.float64)
    every = np.bincount(codes, minlength=len(labels)).astype(np.float64)
    shares = 1 - inside / np.maximum(every, 1)
    counted = every >= _FEWEST
    _, chance = uneven(np.stack([inside, every - inside]))
    low, high = (int(np.argmin(np.where(counted, shares, 2))), int(np.argmax(np.where(counted, shares, -1))))
    return Gaps(
        name=name,
        value=_auc(filled, codes, target),
        filled=int(filled.sum()),
        only=_only(inside, every, labels),
        apart=float(shares[high] - shares[low]) if counted.sum() > 1 else 0.0,
        chance=chance,
        said=f"'{name}' is empty in {percent(shares[high])} of the rows with '{labels[high]}' and in "
        f"{percent(shares[low])} with '{labels[low]}'",
    )


def _auc(filled: NDArray[np.bool_], codes: NDArray[np.int64], target: Target) -> float:
    several = len(target.labels) > 2
    areas = [
        area(filled.astype(np.float64), (codes == code).astype(np.float64))
        for code in (range(len(target.labels)) if several else (target.positive,))
    ]
    return float(np.mean([max(value, 1 - value) for value in areas]))


def _only(inside: NDArray[np.float64], every: NDArray[np.float64], labels: tuple[str, ...]) -> str:
    """The answer of nearly all filled rows, when chance would not have made it so."""
    top = int(np.argmax(inside))
    share, usual = inside[top] / inside.sum(), every[top] / every.sum()
    return labels[top] if share >= _ONLY and usual ** inside[top] < _SURE and usual < 0.9 else ""
