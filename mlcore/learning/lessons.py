"""What the learning steps of a recipe learn: constants for internal columns, from training rows and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlcore import records
from mlcore.data.outline import Lesson
from mlcore.learning import scoring
from mlcore.learning.fields import Columns

KINDS = {"fill": ("number", "category", "text"), "cap": ("number",), "merge": ("category",)}
"""The kinds of fields that a lesson can be about; on others it does nothing."""


def with_lessons(fields: Sequence[dict[str, Any]], lessons: Mapping[str, Sequence[Lesson]]) -> list[dict[str, Any]]:
    """The fields with what is to be learned about each; a field that will be filled has no gaps any more."""
    return [_with(field, lessons.get(field["name"], ())) for field in fields]


def learned(rows: Columns | pd.DataFrame, fields: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The fields with the constants that these rows (internal columns, not yet settled) teach."""
    return [_learned(rows[field["id"]], field) if field.get("lessons") else field for field in fields]


def _with(field: dict[str, Any], lessons: Sequence[Lesson]) -> dict[str, Any]:
    told = [records.to_json(lesson) for lesson in lessons if field["kind"] in KINDS[lesson.do]]
    if not told:
        return field
    field = {**field, "lessons": told}
    for lesson in told:
        if lesson["do"] == "fill":
            field |= {"filled": True, "missing": 0.0}
        elif lesson["do"] == "cap" and lesson["missing"]:
            field |= {"missing": field["missing"] + 2 * lesson["share"]}
    return field


def _learned(values: pd.Series, field: dict[str, Any]) -> dict[str, Any]:
    told = []
    for lesson in field["lessons"]:
        known = {**lesson, "found": _found(values, lesson)}
        values = scoring.taught(values, known) if known["found"] is not None else values
        told.append(known)
    field = {**field, "lessons": told}
    if field["kind"] == "category" and any(lesson["do"] == "merge" for lesson in told):
        field["levels"] = int(values[values != scoring.MISSING].nunique())
    return field


def _found(values: pd.Series, lesson: Mapping[str, Any]) -> dict[str, Any] | None:
    """The constants; None when the rows hold no value to learn from."""
    words = not pd.api.types.is_numeric_dtype(values.dtype)
    known = values[~values.isin((scoring.MISSING, ""))] if words else values.dropna()
    if not len(known):
        return None
    if lesson["do"] == "fill":
        value = known.value_counts().index[0] if words or lesson["how"] == "most_frequent" else _middle(known, lesson)
        return {"value": str(value) if words else float(np.float32(value))}
    if lesson["do"] == "merge":
        shares = known.value_counts(normalize=True)
        return {"kept": sorted(str(level) for level in shares.index[shares >= lesson["share"]])}
    low, high = known.quantile([lesson["share"], 1 - lesson["share"]])
    return {"low": float(np.float32(low)), "high": float(np.float32(high))}


def _middle(known: pd.Series, lesson: Mapping[str, Any]) -> float:
    return float(known.mean() if lesson["how"] == "mean" else known.median())
