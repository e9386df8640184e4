"""Simulated tables whose truth is known: where a model is wrong, and where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from mlcore.data.schema import Column
from mlcore.evaluation.cases import Cases
from mlcore.evaluation.cuts import Cut, cut
from mlcore.evaluation.predictions import Integers, Predictions

Plant = Callable[[pd.DataFrame], "np.ndarray[tuple[int], np.dtype[np.bool_]]"]


def table(random: np.random.Generator, n: int, width: int = 4) -> pd.DataFrame:
    """Columns that know nothing of any error."""
    numbers = {f"x{at}": random.normal(size=n) for at in range(width)}
    words = {f"c{at}": random.choice(list("abcdef"), n, p=[0.4, 0.2, 0.2, 0.1, 0.05, 0.05]) for at in range(width)}
    return pd.DataFrame({**numbers, **words})


def cuts_of(made: pd.DataFrame) -> list[Cut]:
    """Every column in parts."""
    return [cut(made[name], _column(name)) for name in made]


def _column(name: str) -> Column:
    if name.startswith("x"):
        return Column(name=name, kind="numeric", storage="float")
    return Column(name=name, kind="categorical", storage="text")


def yes_or_no(random: np.random.Generator, n: int, bad: np.ndarray | None = None, each: int = 1) -> Predictions:
    """Probabilities that are true, but for the bad rows: there the outcome is a coin. Groups are of `each` rows."""
    groups = np.arange(n) // each
    p = 1 / (1 + np.exp(-1.5 * (random.normal(size=n) + (each > 1) * random.normal(size=n)[groups])))
    happens = p if bad is None else np.where(bad, 0.5, p)
    return Predictions(
        task="binary",
        values=np.column_stack([1 - p, p]),
        rows=np.arange(n),
        labels=("no", "yes"),
        positive="yes",
        truth=(random.random(n) < happens).astype(np.int64),
        groups=groups if each > 1 else None,
        measured="cross-validation",
    )


def a_number(random: np.random.Generator, n: int, bad: np.ndarray | None = None, each: int = 1) -> Predictions:
    """Errors with long tails; those of bad rows are larger by 0.8 of their size, those of a group lean one way."""
    groups = np.arange(n) // each
    error = random.exponential(size=n) * random.choice([-1, 1], n) + (each > 1) * 2 * random.normal(size=n)[groups]
    error = error if bad is None else error * np.where(bad, 1.8, 1.0)
    truth = 3 * random.normal(size=n)
    return Predictions(
        task="regression",
        values=truth + error,
        rows=np.arange(n),
        truth=truth,
        groups=groups if each > 1 else None,
        measured="cross-validation",
    )


def cases_of(predictions: Predictions, fold: Integers | None = None, cells: pd.DataFrame | None = None) -> Cases:
    """The cases of predictions that are few enough to take them all; `cells` are their rows, in their order."""
    ids = np.unique(predictions.rows if predictions.groups is None else predictions.groups)
    places, first = np.unique(predictions.rows, return_index=True)
    return Cases(
        predictions=replace(predictions, low=None, high=None),
        fold=np.zeros(len(predictions), dtype=np.int64) if fold is None else fold,
        n=len(places),
        ids=ids,
        cells=None if cells is None else cells.iloc[first].reset_index(drop=True),
        places=None if cells is None else places,
    )
