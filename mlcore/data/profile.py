"""What a table holds, column by column, how each column goes with the target, and the columns with each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from mlcore.data import tables
from mlcore.data.associations import Associations, associations
from mlcore.data.checks import found_by_checks
from mlcore.data.described import LEVELS, ColumnProfile
from mlcore.data.look import Look
from mlcore.data.missingness import Missingness
from mlcore.data.over_time import Periods
from mlcore.data.relations import MOST_ROWS
from mlcore.data.schema import Schema, Task
from mlcore.errors import ColumnError
from mlcore.findings import Finding

__all__ = ["LEVELS", "ColumnProfile", "Example", "Profile", "profile"]

EXAMPLES = 8
_WIDEST = 100
_LONGEST = 80


@dataclass(frozen=True, kw_only=True)
class Example:
    """One row of the table as text, column by column; `number` counts from 1. None is a missing cell."""

    number: int
    cells: tuple[str | None, ...]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A table at a glance.

    Counts, means, quantiles, histograms, gaps and periods are of all `rows`. Relations to the target are measured on
    `sampled` rows, `exact` says that those are all; `associations` say how many they took. `duplicates` counts the rows
    that equal an earlier one. `examples` are rows drawn evenly, of at most the first hundred columns.
    """

    rows: int
    sampled: int
    exact: bool
    duplicates: int
    target: str | None = None
    columns: tuple[ColumnProfile, ...] = ()
    findings: tuple[Finding, ...] = ()
    missingness: Missingness | None = None
    associations: Associations | None = None
    periods: Periods | None = None
    examples: tuple[Example, ...] = ()

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
    related = look.relations
    sampled = min(look.rows, MOST_ROWS)
    strength = {name: found.strength for name, found in related.items()}
    return Profile(
        rows=look.rows,
        sampled=sampled,
        exact=target is None or sampled == look.rows,
        duplicates=look.swept.duplicates,
        target=target,
        columns=tuple(
            replace(column, relation=related.get(name)) if name in related else column
            for name, column in look.swept.columns.items()
        ),
        findings=found_by_checks(look),
        missingness=look.swept.missingness,
        associations=associations(look.sample, schema, strength),
        periods=look.swept.periods,
        examples=_examples(look.sample, look.rows),
    )


def _examples(sample: pl.DataFrame, rows: int) -> tuple[Example, ...]:
    numbers = tables.sample_places(rows, MOST_ROWS)
    chosen = np.unique(np.linspace(0, len(numbers) - 1, EXAMPLES).astype(int)) if len(numbers) else ()
    shown = sample[:, :_WIDEST]
    return tuple(
        Example(number=int(numbers[at]) + 1, cells=tuple(_cell(value) for value in shown.row(int(at)))) for at in chosen
    )


def _cell(value: object) -> str | None:
    if value is None:
        return None
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    text = f"{value:.0f}" if whole else str(value).removesuffix(" 00:00:00")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
