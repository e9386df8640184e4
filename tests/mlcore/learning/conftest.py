"""Tables stored as the data room stores them, planned and laid out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mlcore.data.schema import Column, Kind, Schema, Storage
from mlcore.learning.goal import Goal
from mlcore.learning.plan import Candidate, Plan
from mlcore.learning.planning import make_plan
from mlcore.learning.train import prepare
from tests.quick import QUICK

Laid = Callable[..., Path]


def described(table: pd.DataFrame, **kinds: Kind) -> Schema:
    """The plain reading of a frame's dtypes, with kinds by name where they matter."""
    return Schema(columns=tuple(_column(str(name), table[name], kinds) for name in table.columns))


def _column(name: str, values: pd.Series, kinds: dict[str, Kind]) -> Column:
    storage: Storage = "text"
    kind: Kind = "categorical"
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        storage, kind = "datetime", "datetime"
    elif pd.api.types.is_integer_dtype(values.dtype):
        storage, kind = "integer", "integer"
    elif pd.api.types.is_float_dtype(values.dtype):
        storage, kind = "float", "numeric"
    return Column(name=name, kind=kinds.get(name, kind), storage=storage)


@pytest.fixture
def schema_of() -> Callable[..., Schema]:
    return described


@pytest.fixture
def laid_out(tmp_path: Path) -> Laid:
    """Plan a goal for a table and lay the run out; `only` are model keys, `folds` makes it quick."""

    def lay(
        table: pd.DataFrame, goal: Goal, *, only: Sequence[str] = ("linear",), folds: int | None = 3, seed: int = 0
    ) -> Path:
        folder = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        path = tmp_path / f"{folder.name}.parquet"
        table.to_parquet(path)
        plan, _ = make_plan(table, described(table), "table", goal, seed=seed, models=only)
        prepare(path, _quick(plan, folds), folder)
        return folder

    return lay


def _quick(plan: Plan, folds: int | None) -> Plan:
    """One configuration a kind, of few rounds, and fewer folds when asked."""
    seen: dict[str, Candidate] = {}
    for candidate in plan.candidates:
        params = {**candidate.params, **QUICK.get(candidate.model, {})}
        seen.setdefault(candidate.model, replace(candidate, params=params))
    plan = replace(plan, candidates=tuple(seen.values()))
    if folds is None:
        return plan
    method = "folds" if plan.validation.method == "repeated folds" else plan.validation.method
    return replace(plan, validation=replace(plan.validation, method=method, folds=folds, repeats=1))
