"""What travels with a model whose table was made by a recipe: the steps, the raw columns, what its joins look up."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlcore import files, records
from mlcore.data import outline
from mlcore.data.expressions import columns_of
from mlcore.data.recipe import Recipe, Step
from mlcore.data.schema import Column, Schema
from mlcore.learning.scoring import FORMAT

NAME, LOOKUPS = "recipe.json", "lookups"

_KINDS = {"float": "number", "integer": "number", "text": "category", "datetime": "time"}


def write(folder: Path, recipe: Recipe, inputs: Schema, features: Sequence[str], target: str, lookups: Path) -> None:
    """Write recipe.json and the lookups of its joins, found in the folder `lookups`, for a model of these features."""
    told = recipe_json(recipe, inputs, features, target)
    for step in recipe.active:
        stored = lookups / f"{step.id}.parquet"
        if step.id in (*told["needed"]["steps"], *told["needed"]["truth_steps"]) and stored.is_file():
            (folder / LOOKUPS).mkdir(parents=True, exist_ok=True)
            with files.whole(folder / LOOKUPS / stored.name) as temporary:
                shutil.copyfile(stored, temporary)
    files.write_text(folder / NAME, json.dumps(records.to_json(told), ensure_ascii=False, indent=1) + "\n")


def recipe_json(recipe: Recipe, inputs: Schema, features: Sequence[str], target: str) -> dict[str, Any]:
    """The recipe with what scoring needs of it: ids of `steps`, raw columns (`inputs`), and the same for the target."""
    scored = outline.needed(recipe, features, inputs.names)
    judged = outline.needed(recipe, [*features, target], inputs.names)
    return {
        "format": FORMAT,
        "text": outline.recipe_text(recipe).splitlines(),
        "steps": [outline.plain(step) for step in recipe.active],
        "needed": {
            "steps": [step.id for step in scored.steps],
            "truth_steps": [step.id for step in judged.steps],
        },
        "inputs": [_input(inputs[name]) for name in scored.columns],
        "truth": [_input(inputs[name]) for name in judged.columns],
        "looks_at": {step.id: said for step in scored.steps if (said := _looks_at(step))},
    }


def copied(run: Path, folder: Path) -> None:
    """Copy what `write` left in a run folder to the folder of a model, if it left anything."""
    if (run / NAME).is_file():
        for source in sorted((run / LOOKUPS).glob("*.parquet")):
            (folder / LOOKUPS).mkdir(exist_ok=True)
            shutil.copyfile(source, folder / LOOKUPS / source.name)
        shutil.copyfile(run / NAME, folder / NAME)


def _input(column: Column) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "kind": _KINDS[column.storage], "storage": column.storage}
    if column.storage == "text" and column.categories:
        told["categories"] = list(column.categories)
    return told if column.day_first is None else told | {"day_first": column.day_first}


def _looks_at(step: Step) -> str:
    if step.repair == "join":
        return ", ".join(str(ours) for ours, _ in step.params["keys"])
    if step.repair != "filter_rows":
        return ""
    text = str(step.params["expression"])
    from mlcore.data import formula

    return ", ".join(columns_of(text, formula.columns(formula.parsed(text))))
