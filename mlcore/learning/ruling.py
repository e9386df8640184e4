"""The policy of a stored model, read without loading the model; what it looks at, and whether it fits."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore import records
from mlcore.data.schema import Schema
from mlcore.errors import BundleError, ColumnError, UserError
from mlcore.evaluation import policy as policies
from mlcore.evaluation.cases import Cases
from mlcore.evaluation.policy import FILE, FORMAT, Policy, Rule
from mlcore.evaluation.predictions import Floats
from mlcore.learning.fields import kind_of
from mlcore.learning.obeying import answered, bounded, holds, mass, number_of
from mlcore.learning.scoring import cells_of

AGAINST: Mapping[str, Callable[[Floats], Floats]] = {"lac": lambda values: 1.0 - values, "aps": mass}
"""What counts against each label, by the method of the sets: as `conformal` calibrates and `obeying` applies it."""


def told(spec: Mapping[str, Any], policy: Mapping[str, Any] | None) -> Policy:
    """The policy of a model with this scoring.json; what it was made with where it has none (None).

    The first format had no number and only the threshold and the labels, which mean what they mean today.
    """
    plain = {"task": spec["task"], "labels": spec["labels"], "positive": spec.get("positive"), "format": FORMAT}
    usual = {"threshold": spec.get("threshold", 0.5)} if spec["task"] == "binary" else {}
    return policies.policy_of({**plain, **usual, **(policy or {})})


def read(folder: Path) -> Policy:
    """The policy of the model in this folder; `BundleError` when what lies there is none."""
    spec = json.loads((folder / "scoring.json").read_text(encoding="utf-8"))
    path = folder / FILE
    if not path.is_file():
        return told(spec, None)
    try:
        return told(spec, json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BundleError("The decision rule cannot be read", where=FILE, remedy="Save or export it again.") from error


def fitted(policy: Policy, folder: Path, schema: Schema) -> Policy:
    """The policy as it can be stored beside the model in this folder: what it looks at is described in `wanted`.

    `schema` is that of the rows to score. `UserError` when it cannot be meant, `ColumnError` when it looks at a column
    that rows do not have.
    """
    policies.checked(policy)
    inputs = {str(field["name"]): str(field["kind"]) for field in inputs_of(folder)}
    absent = [name for name in policy.columns if name not in inputs and name not in schema]
    if absent:
        raise ColumnError(absent[0], schema.names)
    wanted = tuple(_field(schema, name) for name in policy.columns if name not in inputs)
    kinds = inputs | {field["name"]: field["kind"] for field in wanted}
    for number, rule in enumerate(policy.rules, start=1):
        _comparable(rule, number, kinds[rule.column])
    return replace(policy, wanted=wanted)


def where(rule: Rule, cells: pd.Series, field: Mapping[str, Any]) -> NDArray[np.bool_]:
    """For which of these cells of its column a rule holds; `field` is as `inputs_of` or `described` tell it."""
    return holds(vars(rule), str(field["kind"]), cells_of(cells.reset_index(drop=True), field))


def described(folder: Path, schema: Schema, name: str) -> dict[str, Any]:
    """A column of the rows to score, as the model reads it, or as the schema has it where only a policy looks at it."""
    known = {str(field["name"]): field for field in inputs_of(folder)}
    return known[name] if name in known else _field(schema, name)


def obeyed(policy: Policy, cases: Cases, folder: Path, schema: Schema) -> dict[str, Any]:
    """What the policy makes of cases: the columns of `obeying.answered` or `obeying.bounded`."""

    def cells(name: str) -> tuple[str, Any]:
        field = described(folder, schema, name)
        return str(field["kind"]), cells_of(cases.column(name), field)

    said, plain = cases.predictions, records.to_json(policy)
    if said.task == "regression":
        return bounded(plain, said.values, {"low": 0.0, "high": 0.0}, cells)
    return answered(plain, said.values, said.labels, said.positive_index if said.task == "binary" else None, cells)


def inputs_of(folder: Path) -> list[dict[str, Any]]:
    """The columns that rows to score must have: name, and kind as of a field."""
    recipe = folder / "recipe.json"
    if recipe.is_file():
        return list(json.loads(recipe.read_text(encoding="utf-8"))["inputs"])
    return list(json.loads((folder / "scoring.json").read_text(encoding="utf-8"))["fields"])


def _field(schema: Schema, name: str) -> dict[str, Any]:
    column = schema[name]
    plain = {"name": name, "kind": kind_of(column)}
    return plain if column.day_first is None else plain | {"day_first": column.day_first}


def _comparable(rule: Rule, number: int, kind: str) -> None:
    if rule.op == "is empty" or kind not in ("number", "time"):
        return
    try:
        readable = math.isfinite(number_of(rule.value, kind))
    except (ValueError, TypeError):
        readable = False
    if not readable:
        wanted = "a number, such as 100" if kind == "number" else "a date, such as 2026-01-31"
        raise UserError(
            f"Rule {number} compares {rule.column!r} with {rule.value!r}",
            remedy=f"Give {wanted}.",
        )
