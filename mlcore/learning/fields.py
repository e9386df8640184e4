"""From the columns of a schema to the fields a scorer reads: what each holds, its range, its categories."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mlcore.data.schema import Column, Schema
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning import scoring

KNOWN_CATEGORIES = 20_000  # beyond this a category is not told from an unseen one
TOKENS = 30  # a text column needs this many words that occur in five rows or more
FEW_TOKENS, SENTENCE = 10, 4  # or this many, where its cells have so many words on average
ROUNDS = {"month": 365.0, "yearday": 365.0, "day": 31.0, "weekday": 7.0, "hour": 1.0}
"""Days in which a part of a date comes round; the others never do."""

COUNTED = ("days", "hour")
"""The parts of two dates that say how long it is from one to the other."""

MOST_TIMES = 6  # of so many times the days between each two are told
WORDY = 100  # a category with fewer names is told by them, not by the words in them
FAR = 2.0**24  # float32 counts whole numbers up to here


class Columns(Protocol):
    """Columns by name."""

    def __getitem__(self, name: str) -> pd.Series: ...


@dataclass(frozen=True, eq=False)
class Some:
    """Some rows of a table, taken column by column: there is never a copy of all of them."""

    table: pd.DataFrame
    rows: Integers

    def __getitem__(self, name: str) -> pd.Series:
        return self.table[name].iloc[self.rows]


def fields_of(schema: Schema, table: Columns | pd.DataFrame) -> list[dict[str, Any]]:
    """One field for each feature of the schema, measured on `table` (the training rows, user's column names)."""
    columns = list(schema.features)
    told = _at_once(columns, table) if len(columns) > scoring.MANY else {}
    fields = [
        {"id": f"c{index}", "name": column.name, "kind": "number"} | told[column.name]
        if column.name in told
        else _field(f"c{index}", column, table[column.name])
        for index, column in enumerate(columns)
    ]
    times = [field for field in fields if field["kind"] == "time"][:MOST_TIMES]
    for place, field in enumerate(times[1:], start=1):
        field["since"] = [earlier["id"] for earlier in times[:place]]
    return fields


def plain_numbers(names: Sequence[str], table: Any) -> Iterator[tuple[str, Floats]]:
    """Those of these columns that are numbers stored as such, each with its cells, (n,), nan where there is none.

    Many are taken up at once, which is far quicker than one by one.
    """
    for start in range(0, len(names), scoring.MANY):
        part = table[list(names[start : start + scoring.MANY])]
        plain = [name for name, kind in part.dtypes.items() if isinstance(kind, np.dtype) and kind.kind in "iuf"]
        cells = np.ascontiguousarray(part[plain].to_numpy(dtype=np.float64).T)
        yield from zip(plain, np.where(np.isinf(cells), np.nan, cells), strict=True)


def kind_of(column: Column) -> str:
    """Which of the scorer's four kinds a column is: number, category, time or text."""
    if column.kind in ("numeric", "integer"):
        return "number"
    if column.kind == "datetime":
        return "time"
    if column.kind == "text":
        return "text"
    if column.kind in ("boolean", "ordinal", "constant") and column.storage in ("float", "integer"):
        return "number"
    return "time" if column.storage == "datetime" else "category"


def _field(identifier: str, column: Column, values: pd.Series) -> dict[str, Any]:
    kind = kind_of(column)
    pattern = None
    if kind == "text":
        pattern = _pattern(values)
        kind = "text" if pattern else "category"
    field: dict[str, Any] = {"id": identifier, "name": column.name, "kind": kind}
    if kind == "number":
        return field | _number(values)
    if kind == "time":
        return field | _time(values) | ({} if column.day_first is None else {"day_first": column.day_first})
    words = scoring.categories(values)
    field["missing"] = _share((words == scoring.MISSING).to_numpy())
    if kind == "text":
        return field | {"pattern": pattern, "length": _length(words)}
    found = _category(words)
    if found["levels"] >= WORDY and (pattern := _pattern(pd.Series(words.unique()))):
        found |= {"pattern": pattern, "length": _length(words)}
    if column.kind == "text" and found["levels"] > len(words) / 2:
        found["categories"] = None  # free text seldom comes twice: that a row brings a new one says nothing
    return field | found


def _at_once(columns: list[Column], table: Any) -> dict[str, dict[str, Any]]:
    """What is measured on each column of numbers stored as such, many columns at once, by name."""
    names = [column.name for column in columns if kind_of(column) == "number"]
    return {name: _measured(cells) for name, cells in plain_numbers(names, table)}


def _number(values: pd.Series) -> dict[str, Any]:
    return _measured(scoring.numbers(values)[0])


def _measured(array: Any) -> dict[str, Any]:
    known = array[~np.isnan(array)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (None, None)
    field: dict[str, Any] = {"missing": _share(np.isnan(array)), "low": low, "high": high}
    if low is not None and high is not None and min(abs(low), abs(high)) > FAR and high - low < abs(high) / 4:
        field["offset"] = low  # far from zero and close together: float32 would blur them
    return field


def _time(values: pd.Series) -> dict[str, Any]:
    moments, _ = scoring.times(values)
    known = moments.dropna()
    clock = bool((known != known.dt.normalize()).any())
    seconds = (known - pd.Timestamp("1970-01-01")) / pd.Timedelta(seconds=1)
    ends = (float(seconds.min()), float(seconds.max())) if len(known) else (None, None)
    parts = [part for part in scoring.TIME_PARTS if part != "hour" or clock]
    return {"missing": _share(moments.isna().to_numpy()), "low": ends[0], "high": ends[1], "parts": parts}


def calendar(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same fields with dates told by their place in the calendar, not by how late they are.

    What of the calendar comes round is told where it did at least once: a month is but a position within one year.
    How many days lie between two dates is told all the same; `between` is what they are counted from.
    """
    return [_placed(field) if field["kind"] == "time" else field for field in fields]


def _placed(field: dict[str, Any]) -> dict[str, Any]:
    parts = _rounds(field)
    return field | {"parts": parts, "between": [part for part in COUNTED if part in {*field["parts"]} - {*parts}]}


def _rounds(field: dict[str, Any]) -> list[str]:
    days = 0.0 if field["low"] is None else (field["high"] - field["low"]) / 86_400
    return [part for part in field["parts"] if days >= ROUNDS.get(part, math.inf)]


def _category(words: pd.Series) -> dict[str, Any]:
    counts = words[words != scoring.MISSING].value_counts()
    levels = [str(level) for level in counts.index]
    return {"levels": len(levels), "categories": levels if len(levels) <= KNOWN_CATEGORIES else None}


def _pattern(values: pd.Series) -> str | None:
    """The word pattern for a text column; None when it has too few common words to be read as text.

    ASCII words where they suffice: the only pattern that an ONNX export reproduces exactly.
    """
    words = scoring.labels_of(values).dropna()
    sample = [str(word).lower() for word in words.iloc[:: max(1, len(words) // 5_000)]]
    ascii_only = all(text.isascii() for text in sample)
    pattern = "[a-zA-Z0-9]+" if ascii_only else r"(?u)\w+"
    cells = [re.findall(pattern, text) for text in sample]
    counts = Counter(token for cell in cells for token in set(cell))
    common = sum(count >= 5 for count in counts.values())
    sentences = bool(cells) and sum(map(len, cells)) >= SENTENCE * len(cells)
    return pattern if common >= (FEW_TOKENS if sentences else TOKENS) else None


def _length(words: pd.Series) -> float:
    """Letters of a text on average, from at most 5,000 of them."""
    return float(words.iloc[:: max(1, len(words) // 5_000)].map(len).mean()) if len(words) else 0.0


def _share(mask: Any) -> float:
    return float(np.mean(mask)) if len(mask) else 0.0
