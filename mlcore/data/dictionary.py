"""The data dictionary: what a person says a column is called, counts and means, and the range that makes sense."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from mlcore.data.schema import Column, Schema
from mlcore.errors import UserError

LONGEST = {"label": 80, "unit": 24, "meaning": 600}
_NAMES = {
    "column": ("column", "name", "variable", "field", "spalte", "colonne"),
    "label": ("label", "title", "caption"),
    "unit": ("unit", "units", "einheit", "unité"),
    "meaning": ("meaning", "description", "definition", "comment", "bedeutung", "beschreibung"),
    "low": ("low", "min", "minimum", "lowest", "expected_low", "from"),
    "high": ("high", "max", "maximum", "highest", "expected_high", "to"),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is said about one column; see `schema.Column`. Nothing said is empty text, or None for a bound."""

    label: str = ""
    unit: str = ""
    meaning: str = ""
    low: float | None = None
    high: float | None = None

    def __bool__(self) -> bool:
        return self != Entry()


def entry_of(column: Column) -> Entry:
    """What the schema says about a column."""
    return Entry(
        label=column.label,
        unit=column.unit,
        meaning=column.meaning,
        low=column.expected_low,
        high=column.expected_high,
    )


def checked(column: Column, entry: Entry) -> Entry:
    """The entry in one line each; `UserError` when it cannot be meant so."""
    words = {name: " ".join(str(getattr(entry, name)).split()) for name in LONGEST}
    for name, text in words.items():
        if len(text) > LONGEST[name]:
            raise UserError(
                f"The {name} of {column.name!r} has {len(text)} characters",
                remedy=f"Shorten it to {LONGEST[name]}.",
            )
    if (entry.low is not None or entry.high is not None) and column.storage not in ("float", "integer"):
        raise UserError(f"{column.name!r} does not hold numbers", remedy="Leave its lowest and highest value empty.")
    if entry.low is not None and entry.high is not None and entry.low > entry.high:
        raise UserError(
            f"The lowest value of {column.name!r} ({entry.low:g}) is above its highest ({entry.high:g})",
            remedy="Exchange the two.",
        )
    return replace(entry, label=words["label"], unit=words["unit"], meaning=words["meaning"])


def told(schema: Schema, entries: Mapping[str, Entry]) -> Schema:
    """The schema with what was said about its columns; what is said about others is left out."""
    if not entries:
        return schema
    return Schema(
        columns=tuple(_told(column, entries[column.name]) if column.name in entries else column for column in schema)
    )


def titles(schema: Schema | None, names: Sequence[str], *, unit: bool = False) -> dict[str, str]:
    """What people call these columns: their labels, with the unit when asked for; no two the same."""
    shown = {name: _title(schema, name, unit) for name in names}
    often = Counter(shown.values())
    return {name: title if often[title] == 1 else f"{title} [{name}]" for name, title in shown.items()}


def parsed(text: str, schema: Schema) -> tuple[dict[str, Entry], tuple[str, ...]]:
    """The entries of a table as text, with a head that names `column` and some of label, unit, meaning, low and high.

    Cells are told apart by tab, semicolon or comma. Also gives the names it holds that no column has.
    """
    lines = text.lstrip("\ufeff").strip()
    head = lines.splitlines()[0] if lines else ""
    mark = max("\t;,", key=head.count)
    rows = [row for row in csv.reader(io.StringIO(lines), delimiter=mark) if any(cell.strip() for cell in row)]
    place = _places(rows[0]) if rows else {}
    if "column" not in place or len(place) < 2:
        raise UserError(
            "The first line must name the columns of the dictionary",
            remedy="Start with: column, label, unit, meaning, low, high. Only column is needed, and one of the others.",
        )
    entries: dict[str, Entry] = {}
    unknown: list[str] = []
    for row in rows[1:]:
        name = _cell(row, place, "column")
        if name in schema:
            entries[name] = checked(schema[name], _entry(row, place, schema[name], mark))
        else:
            unknown.append(name)
    return entries, tuple(unknown)


def _title(schema: Schema | None, name: str, unit: bool) -> str:
    if schema is None or name not in schema:
        return name
    return schema[name].titled if unit else schema[name].shown


def _told(column: Column, entry: Entry) -> Column:
    return replace(
        column,
        label=entry.label,
        unit=entry.unit,
        meaning=entry.meaning,
        expected_low=entry.low,
        expected_high=entry.high,
    )


def _places(head: list[str]) -> dict[str, int]:
    words = [cell.strip().lower() for cell in head]
    found = {}
    for field, names in _NAMES.items():
        at = next((words.index(name) for name in names if name in words), None)
        if at is not None:
            found[field] = at
    return found


def _entry(row: list[str], place: Mapping[str, int], column: Column, mark: str) -> Entry:
    """What the row says; what it has no field for stays as it is."""
    said: dict[str, object] = {}
    for field in fields(Entry):
        if field.name in place:
            cell = _cell(row, place, field.name)
            said[field.name] = cell if field.name in LONGEST else _number(cell, column, mark)
    return replace(entry_of(column), **said)  # type: ignore[arg-type]


def _cell(row: list[str], place: Mapping[str, int], field: str) -> str:
    at = place[field]
    return row[at].strip() if at < len(row) else ""


def _number(cell: str, column: Column, mark: str) -> float | None:
    if not cell:
        return None
    try:
        return float(cell if mark == "," else cell.replace(",", "."))
    except ValueError:
        raise UserError(
            f"{cell!r} as a bound of {column.name!r} is not a number", remedy="Write it like 0 or 12.5."
        ) from None
