"""What a row must look like, as JSON Schema 2020-12: for forms, batch checks and services, in any language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mlcore.data.schema import Column

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TYPES = {"float": "number", "integer": "integer", "text": "string", "datetime": "string"}


def row_schema(
    columns: tuple[Column, ...], *, title: str, target: str, fields: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The schema of one row. Every column must be there; null says that its value is missing.

    The data dictionary is there as `title`, `description`, `x-unit`, `x-expected-low` and `x-expected-high`.
    Categories and ranges are notes (`x-categories`, `x-low`, `x-high`), not limits: a row outside of them is scored
    and flagged, never refused: `unseen` when text is none of `x-categories`, `range` when a number lies outside of
    `x-low` and `x-high` (a time: before the first, or after the second by more than lies between them), `missing` when
    it is null although `x-missing`, the share of training rows in which it was, is 0. `fields` are those of the scorer
    that see a column as it comes: what is flagged is theirs.
    """
    own = {str(field["name"]): field for field in fields}
    return {
        "$schema": DIALECT,
        "title": title,
        "description": f"One row to predict {target!r} for.",
        "type": "object",
        "properties": {column.name: _property(_as_flagged(column, own.get(column.name))) for column in columns},
        "required": [column.name for column in columns],
        "additionalProperties": True,
    }


def _as_flagged(column: Column, field: Mapping[str, Any] | None) -> Column:
    if field is None:
        return column
    learned = {key: field[key] for key in ("low", "high", "missing") if key in field}
    known = field.get("categories") if field["kind"] == "category" else None
    return replace(column, **learned, categories=tuple(known or ()))


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
