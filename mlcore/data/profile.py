"""What a table holds, column by column, and how each column goes with the target."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from mlcore.data import tables
from mlcore.data.checks import found_by_checks
from mlcore.data.distributions import Bars, Counted, bars, counted, numbers_of
from mlcore.data.kinds import storage_of
from mlcore.data.look import Look
from mlcore.data.relations import MOST_ROWS, TargetRelation
from mlcore.data.schema import Schema, Storage, Task
from mlcore.errors import ColumnError
from mlcore.findings import Finding

LEVELS = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
"""The shares of rows at which quantiles are given."""


@dataclass(frozen=True, kw_only=True)
class ColumnProfile:
    """One column. Quantiles belong to `LEVELS`; times are in seconds since 1970 in all of them.

    Text columns have `top`, the most frequent values, and no numbers; `other` counts the rows of all other values.
    Columns of at most twenty different numbers have both.
    """

    name: str
    storage: Storage
    missing: int = 0
    distinct: int = 0
    mean: float | None = None
    std: float | None = None
    quantiles: tuple[float, ...] = ()
    histogram: Bars | None = None
    top: tuple[Counted, ...] = ()
    other: int = 0
    relation: TargetRelation | None = None


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A table at a glance.

    Counts, means, quantiles and histograms are of all `rows`. Relations to the target are measured on `sampled` rows;
    `exact` says that those are all. `duplicates` counts the rows that equal an earlier one.
    """

    rows: int
    sampled: int
    exact: bool
    duplicates: int
    target: str | None = None
    columns: tuple[ColumnProfile, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __getitem__(self, name: str) -> ColumnProfile:
        for column in self.columns:
            if column.name == name:
                return column
        raise ColumnError(name, (column.name for column in self.columns))


def profile(
    table: pd.DataFrame | pl.DataFrame | Path, schema: Schema, target: str | None = None, task: Task | None = None
) -> Profile:
    """Profile a canonical table: a frame, or a Parquet file, which is read a few columns at a time.

    With a target, each column gets its relation to it, and the findings include those about the target.
    """
    if target is not None and target not in schema:
        raise ColumnError(target, schema.names)
    look = Look(source=tables.source_of(table, schema), schema=schema, target=target, task=task)
    columns = tuple(
        _column(part[name], look.relations.get(name))
        for part in tables.parts(look.source, schema.names)
        for name in part.columns
    )
    sampled = min(look.rows, MOST_ROWS)
    return Profile(
        rows=look.rows,
        sampled=sampled,
        exact=target is None or sampled == look.rows,
        duplicates=look.duplicates,
        target=target,
        columns=columns,
        findings=found_by_checks(look),
    )


def _column(values: pl.Series, relation: TargetRelation | None) -> ColumnProfile:
    storage, present = storage_of(values), values.drop_nulls()
    distinct = present.n_unique()
    numbers = np.sort(numbers_of(present)) if storage != "text" else np.empty(0)
    listed = counted(present) if storage == "text" or distinct <= 20 else ()
    numeric = len(numbers) > 0
    return ColumnProfile(
        name=values.name,
        storage=storage,
        missing=len(values) - len(present),
        distinct=distinct,
        mean=float(numbers.mean()) if numeric else None,
        std=float(numbers.std(ddof=1)) if len(numbers) > 1 else None,
        quantiles=tuple(float(value) for value in np.quantile(numbers, LEVELS)) if numeric else (),
        histogram=bars(numbers, whole=storage == "integer") if numeric else None,
        top=listed,
        other=len(present) - sum(value.count for value in listed) if listed else 0,
        relation=relation,
    )
