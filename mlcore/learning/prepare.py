"""Lay out a run: read the rows once, split them, and write the columns that every candidate learns from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from mlcore import files, records
from mlcore.data.outline import lessons
from mlcore.findings import Finding
from mlcore.learning import laid, replaying, scoring
from mlcore.learning.arrange import arranged, groups_of
from mlcore.learning.fields import Columns, Some, calendar, fields_of
from mlcore.learning.folder import SPLIT, small
from mlcore.learning.goal import Goal
from mlcore.learning.judgeable import judged
from mlcore.learning.lessons import learned, with_lessons
from mlcore.learning.plan import Plan
from mlcore.learning.split import Rows, Split, split
from mlcore.learning.target import Target, target_of
from mlcore.learning.weights import weights_of

BACKGROUND = 200
GROUP = 65_536


def prepare(
    table_path: Path, plan: Plan, folder: Path, raw: Path | None = None, table: pd.DataFrame | None = None
) -> tuple[Finding, ...]:
    """Write everything that `fit` needs into `folder`; `plan.json` comes last, so its presence says it is whole.

    `raw` is the table before the plan's recipe, `table` what the path holds when it has been read already. Only rows
    with a usable target are taken up. What a field holds (range, categories, gaps) is measured on the training rows
    alone.
    """
    goal = plan.goal
    used = [column.name for column in plan.schema.features]
    special = (goal.target, goal.time, goal.group, goal.weight, goal.split)
    wanted = list(dict.fromkeys([*used, *(name for name in special if name is not None)]))
    table = pd.read_parquet(table_path, columns=wanted) if table is None else table
    target = target_of(table[goal.target], goal.task)
    if len(target.rows) < len(table):
        table = table[wanted].iloc[target.rows].reset_index(drop=True)
    rows, findings = arranged(table, target, goal, plan.schema, plan.validation.folds)
    parts = split(rows, plan.validation, plan.seed)
    weights = None if goal.weight is None else weights_of(table[goal.weight], goal.weight)
    findings = (*findings, *judged(parts, target, goal, plan.validation, weights))
    fields = _fields(plan, Some(table, parts.training))
    folder.mkdir(parents=True, exist_ok=True)
    laid.write(_features(table, fields), folder / "features.parquet")
    fields = _taught(Some(table, parts.training), fields)
    _write_split(table, target, rows, parts, goal, folder / SPLIT)
    shown = pd.Series(parts.training).sample(n=min(BACKGROUND, len(parts.training)), random_state=plan.seed)
    _write_background(table.iloc[shown.to_numpy()][used], folder / "background.parquet")
    _write_json(folder / "table.json", _tables(table_path, raw))
    _write_recipe(plan, table_path, folder)
    _write_json(folder / "spec.json", _spec(plan, target, fields) | {"plan": plan.id})
    _write_json(folder / "findings.json", records.to_json(findings))
    records.write(folder / "plan.json", plan)
    return findings


def _fields(plan: Plan, training: Columns) -> list[dict[str, Any]]:
    fields = fields_of(plan.schema, training)
    fields = fields if plan.trend else calendar(fields)
    if plan.inputs is None:
        return fields
    return with_lessons(fields, lessons(plan.recipe, plan.inputs.names))


def _taught(training: Some, fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The fields with what the recipe's learning steps learn from the training rows."""
    asked = [field for field in fields if field.get("lessons")]
    if not asked:
        return fields
    return learned(Some(scoring.conform(training.table, asked), training.rows), fields)


def _tables(table_path: Path, raw: Path | None) -> dict[str, str]:
    return {"path": str(table_path.resolve())} | ({} if raw is None else {"raw": str(raw.resolve())})


def _write_recipe(plan: Plan, table_path: Path, folder: Path) -> None:
    if plan.inputs is not None:
        features = [column.name for column in plan.schema.features]
        lookups = table_path.parent / replaying.LOOKUPS
        replaying.write(folder, plan.recipe, plan.inputs, features, plan.goal.target, lookups)


def _features(table: pd.DataFrame, fields: list[dict[str, Any]]) -> Iterator[pd.DataFrame]:
    """The internal columns, block by block."""
    for start in range(0, len(table), GROUP):
        yield scoring.conform(table.iloc[start : start + GROUP], fields)


def _write_split(table: pd.DataFrame, target: Target, rows: Rows, parts: Split, goal: Goal, path: Path) -> None:
    columns: dict[str, Any] = {
        "row": target.rows,
        "truth": target.truth,
        "stratum": rows.strata,
        "block": rows.blocks,
        "holdout": parts.holdout,
        "scored": parts.scored,
    }
    columns |= {f"fold_{repeat}": folds for repeat, folds in enumerate(parts.folds)}
    if rows.moments is not None:
        columns["moment"] = rows.moments
    if goal.group is not None:
        columns["group"] = groups_of(table[goal.group])
    if goal.weight is not None:
        columns["weight"] = weights_of(table[goal.weight], goal.weight)
    with files.whole(path) as temporary:
        pd.DataFrame({name: small(array) for name, array in columns.items()}).to_parquet(temporary, compression="zstd")


def _write_background(rows: pd.DataFrame, path: Path) -> None:
    """A sample of raw training rows: what explanations compare with, and what the speed is measured on."""
    with files.whole(path) as temporary:
        rows.to_parquet(temporary, index=False)


def _spec(plan: Plan, target: Target, fields: list[dict[str, Any]]) -> dict[str, Any]:
    goal = plan.goal
    return {
        "format": scoring.FORMAT,
        "task": goal.task,
        "target": goal.target,
        "labels": list(target.labels),
        "positive": goal.positive,
        "fields": fields,
    } | ({} if goal.costs is None else {"threshold": goal.costs.threshold})


def _write_json(path: Path, content: Any) -> None:
    files.write_text(path, json.dumps(records.to_json(content), ensure_ascii=False, allow_nan=False))
