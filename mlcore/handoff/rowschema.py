"""What a row must look like, as JSON Schema 2020-12: for forms, batch checks and services, in any language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mlcore.data.schema import Column

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TYPES = {"float": "number", "integer": "integer", "text": "string", "datetime": "string"}


def row_schema(columns: tuple[Column, ...], *, title: str, target: str) -> dict[str, Any]:
    """The schema of one row. Every column must be there; null says that its value is missing.

    The data dictionary is there as `title`, `description`, `x-unit`, `x-expected-low` and `x-expected-high`.
    Categories and ranges are notes (`x-categories`, `x-low`, `x-high`), not limits: a row outside of them is scored
    and flagged, never refused.
    """
    return {
        "$schema": DIALECT,
        "title": title,
        "description": f"One row to predict {target!r} for.",
        "type": "object",
        "properties": {column.name: _property(column) for column in columns},
        "required": [column.name for column in columns],
        "additionalProperties": True,
    }


def _property(column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {"type": [_type(column), "null"], "x-kind": column.kind, "x-missing": column.missing}
    if column.storage == "datetime":
        found |= {"format": "date-time", "x-low": _moment(column.low), "x-high": _moment(column.high)}
    elif column.storage in ("float", "integer"):
        found |= {"x-low": column.low, "x-high": column.high}
    said: dict[str, object] = {"title": column.label, "description": column.meaning, "x-unit": column.unit}
    said |= {"x-expected-low": column.expected_low, "x-expected-high": column.expected_high}
    found |= {key: words for key, words in said.items() if words not in ("", None)}
    if column.categories:
        found["x-categories"] = list(column.categories)
    if column.example:
        found["x-example"] = column.example
    return found


def _type(column: Column) -> str:
    """Whole numbers that the model reads as numbers may come as 2.5 too; only the stored kind says `integer`."""
    return "number" if column.kind == "numeric" else _TYPES[column.storage]


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()
