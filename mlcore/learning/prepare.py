"""Lay out a run: read the rows once, split them, and write the columns that every candidate learns from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore import files, records
from mlcore.data.outline import lessons
from mlcore.errors import GoalError
from mlcore.evaluation.predictions import Integers
from mlcore.findings import Finding
from mlcore.learning import replaying, scoring
from mlcore.learning.fields import fields_of
from mlcore.learning.lessons import learned, with_lessons
from mlcore.learning.plan import Plan
from mlcore.learning.split import Rows, Split, split, strata_of
from mlcore.learning.target import Target, moments_of, target_of

BACKGROUND = 200
NATURAL = 0.2  # fewer different rows than this share: the columns have few combinations, so equal rows are no copies


def prepare(table_path: Path, plan: Plan, folder: Path, raw: Path | None = None) -> tuple[Finding, ...]:
    """Write everything that `fit` needs into `folder`; `plan.json` comes last, so its presence says it is whole.

    `raw` is the table before the plan's recipe. Only rows with a usable target are taken up. What a field holds (range,
    categories, gaps) is measured on the training rows alone.
    """
    goal = plan.goal
    used = [column.name for column in plan.schema.features]
    wanted = [*used, *(name for name in (goal.target, goal.time, goal.group) if name is not None and name not in used)]
    table = pd.read_parquet(table_path, columns=wanted)
    target = target_of(table[goal.target], goal.task)
    table = table.iloc[target.rows].reset_index(drop=True)
    rows, findings = _rows(table, target, plan)
    parts = split(rows, plan.validation, plan.seed)
    _check(parts)
    fields = _fields(plan, table.iloc[parts.training])
    folder.mkdir(parents=True, exist_ok=True)
    features = scoring.conform(table, fields)
    _write_features(features, folder / "features.parquet")
    fields = learned(features.iloc[parts.training], fields)
    _write_split(table, target, rows, parts, folder / "split.parquet", goal.group)
    _write_background(table[used].iloc[parts.training], plan.seed, folder / "background.parquet")
    _write_json(folder / "table.json", _tables(table_path, raw))
    _write_recipe(plan, table_path, folder)
    _write_json(folder / "spec.json", _spec(plan, target, fields))
    _write_json(folder / "findings.json", records.to_json(findings))
    records.write(folder / "plan.json", plan)
    return findings


def _fields(plan: Plan, training: pd.DataFrame) -> list[dict[str, Any]]:
    fields = fields_of(plan.schema, training)
    if plan.inputs is None:
        return fields
    return with_lessons(fields, lessons(plan.recipe, plan.inputs.names))


def _tables(table_path: Path, raw: Path | None) -> dict[str, str]:
    return {"path": str(table_path.resolve())} | ({} if raw is None else {"raw": str(raw.resolve())})


def _write_recipe(plan: Plan, table_path: Path, folder: Path) -> None:
    if plan.inputs is not None:
        features = [column.name for column in plan.schema.features]
        lookups = table_path.parent / replaying.LOOKUPS
        replaying.write(folder, plan.recipe, plan.inputs, features, plan.goal.target, lookups)


def _rows(table: pd.DataFrame, target: Target, plan: Plan) -> tuple[Rows, tuple[Finding, ...]]:
    goal = plan.goal
    strata = strata_of(target.truth, goal.task)
    moments = None if goal.time is None else moments_of(table[goal.time])
    findings: tuple[Finding, ...] = ()
    blocks = np.arange(len(table), dtype=np.int64)
    if goal.group is not None:
        blocks = _groups(table[goal.group])
    elif moments is None:
        blocks, findings = _equal_rows(table[[column.name for column in plan.schema.features]], plan.validation.folds)
    return Rows(strata=strata, blocks=blocks, moments=moments), findings


def _groups(values: pd.Series) -> Integers:
    """Codes of equal values; a row without a group is one of its own."""
    codes, distinct = pd.factorize(values)
    alone = codes < 0
    codes[alone] = len(distinct) + np.arange(int(alone.sum()))
    return codes.astype(np.int64)


def _equal_rows(features: pd.DataFrame, folds: int) -> tuple[Integers, tuple[Finding, ...]]:
    """Blocks of rows that are equal in every column a model sees, unless that would make folds of nothing else."""
    hashes = pd.util.hash_pandas_object(features, index=False)
    codes, distinct = pd.factorize(hashes)
    sizes = np.bincount(codes)
    copies = int((sizes - 1).sum())
    if not copies:
        return codes.astype(np.int64), ()
    share = copies / len(codes)
    if len(distinct) < NATURAL * len(codes) or sizes.max() > len(codes) / (2 * max(folds, 2)):
        return np.arange(len(codes), dtype=np.int64), (_equal(share, copies, kept=False),)
    return codes.astype(np.int64), (_equal(share, copies, kept=True),)


def _equal(share: float, copies: int, *, kept: bool) -> Finding:
    seen = f"{copies:,} rows ({share:.1%}) equal an earlier row in every column that is learned from."
    if kept:
        return Finding(
            code="equal_rows",
            level="note",
            title="Equal rows are kept together",
            what=seen,
            why="A row in training and its copy in testing would flatter the score.",
            remedy="Nothing to do: copies are always on the same side.",
        )
    return Finding(
        code="equal_rows_apart",
        level="watch",
        title="Equal rows are on both sides",
        what=seen,
        why="The columns have few combinations, so equal rows look like different cases and not like copies.",
        remedy="If they are copies of one case, remove them from the table, or name a group column.",
    )


def _check(parts: Split) -> None:
    if next(parts.pairs(), None) is None:
        raise GoalError(
            "The rows cannot be parted into a training and a test part",
            remedy="Too many rows share one time or one group; choose another time or group column, or none.",
        )


def _write_features(features: pd.DataFrame, path: Path) -> None:
    """Numbers as float32, which they are already: half the size."""
    numbers = features.columns[features.dtypes == np.float64]
    narrow = features.astype(dict.fromkeys(numbers, np.float32))
    with files.whole(path) as temporary:
        narrow.to_parquet(temporary, compression="zstd")


def _write_split(table: pd.DataFrame, target: Target, rows: Rows, parts: Split, path: Path, group: str | None) -> None:
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
    if group is not None:
        columns["group"] = _groups(table[group])
    with files.whole(path) as temporary:
        pd.DataFrame(columns).to_parquet(temporary, compression="zstd")


def _write_background(training: pd.DataFrame, seed: int, path: Path) -> None:
    """A sample of raw training rows: what explanations compare with, and what the speed is measured on."""
    with files.whole(path) as temporary:
        training.sample(n=min(BACKGROUND, len(training)), random_state=seed).to_parquet(temporary, index=False)


def _spec(plan: Plan, target: Target, fields: list[dict[str, Any]]) -> dict[str, Any]:
    goal = plan.goal
    return {
        "format": scoring.FORMAT,
        "task": goal.task,
        "target": goal.target,
        "labels": list(target.labels),
        "positive": goal.positive,
        "fields": fields,
    }


def _write_json(path: Path, content: Any) -> None:
    files.write_text(path, json.dumps(records.to_json(content), ensure_ascii=False, allow_nan=False))
