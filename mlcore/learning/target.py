"""The target as a model learns it: numbers, or label codes; and which rows can be learned from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.evaluation.costs import Costs
from mlcore.evaluation.predictions import Floats, Integers, Predictions, Task
from mlcore.learning import scoring

LEAST_OF_A_LABEL = 2  # a label seen once can be learned or tested, never both


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """`truth` of the rows in `rows` (positions in the table): codes of `labels`, or numbers.

    `rare` are labels too seldom to use, with their number of rows; `missing` counts rows without a target.
    """

    truth: Floats | Integers
    rows: Integers
    labels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    rare: tuple[tuple[str, int], ...] = ()
    missing: int = 0
    unreadable: tuple[str, ...] = ()


def target_of(values: pd.Series, task: Task) -> Target:
    """Read a target column. Rows without a value, and labels that occur once, are left out."""
    if task == "regression":
        numbers, unreadable = scoring.numbers(values)
        rows = np.flatnonzero(~np.isnan(numbers))
        cells = tuple(str(value) for value in values[unreadable].head(3))
        missing = int(np.isnan(numbers).sum()) - int(unreadable.sum())
        return Target(truth=numbers[rows], rows=rows, missing=missing, unreadable=cells)
    words = scoring.labels_of(values).reset_index(drop=True)
    counts = words.value_counts()
    labels = in_order(str(label) for label in counts.index[counts >= LEAST_OF_A_LABEL])
    codes = pd.Index(labels, dtype="str").get_indexer(pd.Index(words))
    rows = np.flatnonzero(codes >= 0)
    rare = tuple((str(label), int(n)) for label, n in counts.items() if n < LEAST_OF_A_LABEL)
    return Target(
        truth=codes[rows].astype(np.int64),
        rows=rows,
        labels=labels,
        counts=tuple(int(counts[label]) for label in labels),
        rare=rare,
        missing=int(words.isna().sum()),
    )


def perfect(target: Target, task: Task, positive: str | None, costs: Costs | None = None) -> Predictions:
    """What a model that is always right would say: of every row a number, or of each label one row."""
    truth = np.arange(len(target.labels)) if target.labels else target.truth
    said = np.eye(len(truth)) if target.labels else np.asarray(truth, dtype=np.float64)
    return Predictions(
        task=task,
        values=said,
        rows=np.arange(len(truth)),
        labels=target.labels,
        positive=positive,
        truth=truth,
        low=None if target.labels else said,
        high=None if target.labels else said,
        costs=costs,
    )


def in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels by number when all are numbers, else by alphabet."""
    names = sorted(labels)
    try:
        return tuple(sorted(names, key=float))
    except ValueError:
        return tuple(names)


def moments_of(values: pd.Series) -> Floats:
    """Seconds (or the number itself) by which a time column orders rows; a missing one counts as the oldest."""
    numeric = pd.api.types.is_numeric_dtype(values.dtype)
    seconds = scoring.numbers(values)[0] if numeric else scoring.seconds_of(scoring.times(values)[0])
    return np.where(np.isnan(seconds), -np.inf, seconds)
