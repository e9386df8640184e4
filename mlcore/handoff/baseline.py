"""How each column, and the prediction, was distributed when the model was made: what live rows are compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.data.schema import Column
from mlcore.evaluation.predictions import Floats, Predictions

BINS = 10
CATEGORIES = 50


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """Counts of one column over `n` rows.

    Numbers: `edges` are the inner borders of the bins (training deciles, equal ones once; seconds since 1970 for
    dates), `counts` has one more. Words: `categories` and their `counts`, the most frequent first. `other` counts the
    remaining words, `missing` the rows without a value.
    """

    name: str
    n: int
    missing: int
    edges: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    other: int = 0


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The columns of the training `rows`, or of some of them, and the out-of-fold predictions by output."""

    rows: int
    columns: tuple[Distribution, ...]
    predictions: tuple[Distribution, ...]


def baseline(
    table: pd.DataFrame, columns: tuple[Column, ...], predictions: Predictions | None, rows: int | None = None
) -> Baseline:
    """The baseline of a model that learned from `table`, or from so many `rows` of which the table is a sample."""
    described = tuple(_column(table[column.name], column) for column in columns)
    outputs = () if predictions is None else _outputs(predictions)
    return Baseline(rows=len(table) if rows is None else rows, columns=described, predictions=outputs)


def _column(values: pd.Series, column: Column) -> Distribution:
    if column.storage == "text" or column.kind in ("categorical", "boolean", "ordinal"):
        return _words(values, column.name)
    if column.storage == "datetime":
        seconds = values.astype("datetime64[us]").to_numpy().astype("int64") / 1e6
        return _numbers(np.where(values.isna(), np.nan, seconds), column.name)
    return _numbers(values.to_numpy(dtype=np.float64, na_value=np.nan), column.name)


def _words(values: pd.Series, name: str) -> Distribution:
    counted = _counted(values)
    top = counted[:CATEGORIES]
    return Distribution(
        name=name,
        n=len(values),
        missing=int(values.isna().sum()),
        categories=tuple(word for word, _ in top),
        counts=tuple(count for _, count in top),
        other=sum(count for _, count in counted[CATEGORIES:]),
    )


def _counted(values: pd.Series) -> list[tuple[str, int]]:
    """The values as text, whole numbers without a decimal point, and how often each occurs, the most frequent first."""
    if values.dtype.kind not in "if":
        return [(str(word), int(count)) for word, count in values.dropna().astype("str").value_counts().items()]
    cells = values.to_numpy(dtype=np.float64, na_value=np.nan)
    found, counts = np.unique(cells[~np.isnan(cells)], return_counts=True)  # of wide tables far quicker than pandas
    whole = bool((found == np.round(found)).all())
    order = np.argsort(-counts, kind="stable")
    return [(str(int(found[place]) if whole else float(found[place])), int(counts[place])) for place in order]


def _numbers(values: Floats, name: str) -> Distribution:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Distribution(name=name, n=len(values), missing=len(values))
    ordered = np.sort(finite)
    edges = np.unique(_quantiles(ordered, np.linspace(0, 1, BINS + 1)[1:-1]))
    counts = np.diff([0, *np.searchsorted(ordered, edges, side="right"), len(ordered)])
    return Distribution(
        name=name,
        n=len(values),
        missing=len(values) - len(finite),
        edges=tuple(float(edge) for edge in edges),
        counts=tuple(int(count) for count in counts),
    )


def _quantiles(ordered: Floats, shares: Floats) -> Floats:
    """As `numpy.quantile` has them; of thousands of columns far quicker."""
    places = shares * (len(ordered) - 1)
    below = places.astype(np.int64)
    above = np.minimum(below + 1, len(ordered) - 1)
    return np.asarray(ordered[below] + (ordered[above] - ordered[below]) * (places - below))


def _outputs(predictions: Predictions) -> tuple[Distribution, ...]:
    if predictions.task == "regression":
        return (_numbers(np.asarray(predictions.values, dtype=np.float64), "prediction"),)
    return tuple(
        _numbers(predictions.values[:, j], f"probability_{label}") for j, label in enumerate(predictions.labels)
    )
