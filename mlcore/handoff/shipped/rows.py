"""Rows of JSON become what the model reads, checked cell by cell, without pandas. Travels in bundles; needs numpy.

The parts are those that scoring.conform makes of the same rows. What a cell may be is told more strictly than for
files, as a program writes it and can be told: a column of numbers takes numbers, one of times ISO 8601 such as
2025-12-31 or 2025-12-31T08:30:00+01:00, categories and text take text, numbers, true and false; null is an empty cell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING = "␀"  # as in scoring.py
LARGEST = float(np.finfo(np.float32).max)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII)
SHOWN = 60
"""Characters of a cell that a problem repeats."""

MOST_PROBLEMS, COUNTED = 100, 10_000
"""So many are told one by one, and so many counted."""

_DAY = 86_400_000_000
_EMPTY: frozenset[type] = frozenset({type(None)})
_NUMBERS, _TIMES = _EMPTY | {float, int}, _EMPTY | {str}
_TEXTS, _WORDS = _TIMES, _EMPTY | {str, float, int, bool}
_TYPES = {"number": _NUMBERS, "time": _TIMES, "category": _WORDS, "text": _WORDS}
_EXPECTED = {
    "number": "a number, or null",
    "time": "a date or time as text, such as 2025-12-31 or 2025-12-31T08:30:00, or null",
    "category": "text, a number, true, false, or null",
    "text": "text, a number, true, false, or null",
}

Field = Mapping[str, Any]
Row = Mapping[str, Any]
Floats = NDArray[np.float64]
Moments = NDArray[np.datetime64]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A cell that cannot be taken: `row` is its place in the rows, from 0; `column` is empty for a whole row."""

    row: int
    column: str
    value: str
    expected: str
    remedy: str


class RowsError(ValueError):
    """The rows do not fit: `problems` are the first of `count`."""

    def __init__(self, problems: Sequence[Problem], count: int) -> None:
        self.problems = tuple(problems)
        self.count = count
        super().__init__(f"{count:,}{' or more' * (count >= COUNTED)} cell{'s'[: count != 1]} cannot be scored")


class NotJson(str):
    """One of the words NaN, Infinity and -Infinity, which some programs write and JSON does not have."""


class Reader:
    """Reads rows for a model: `fields` are what it sees (of scoring.json, or the inputs of recipe.json), `more` what
    only its policy looks at."""

    def __init__(self, fields: Sequence[Field], more: Iterable[Field] = ()) -> None:
        known = {str(field["name"]) for field in fields}
        self.fields = tuple(fields)
        self.all = (*self.fields, *(field for field in more if str(field["name"]) not in known))
        self.names = tuple(str(field["name"]) for field in self.all)
        self._take = itemgetter(*self.names)
        self.times, self.words = self._of("time"), self._of("category", "text")
        numbers = [field for field in self.all if field["kind"] == "number"]
        self.numbers = {str(field["name"]): place for place, field in enumerate(numbers)}
        self.low = np.array([[_or(field.get("low"), -math.inf)] for field in numbers]).reshape(-1, 1)
        self.high = np.array([[_or(field.get("high"), math.inf)] for field in numbers]).reshape(-1, 1)
        self.offset = np.array([[field.get("offset", 0.0)] for field in numbers]).reshape(-1, 1)
        self.full = np.array([[_never_missing(field)] for field in numbers], dtype=bool).reshape(-1, 1)
        self.known = {
            str(field["name"]): frozenset(field["categories"]) for field in self.all if field.get("categories")
        }
        self.truths = {str(field["name"]): _truths(field.get("categories") or ()) for field in self.all}

    def read(self, rows: Sequence[Any]) -> Cells:
        """The cells of the rows; `RowsError` names each that cannot be taken."""
        columns = self._columns(rows)
        try:
            numbers = self._numbers(columns).reshape(len(self.numbers), len(rows))
            moments = {name: _moments(columns[name]) for name in self.times}
            words = {name: self._words(name, columns[name]) for name in self.words}
        except (OverflowError, ValueError):
            raise _refused(rows, [(field, columns[str(field["name"])]) for field in self.all]) from None
        return Cells(self, len(rows), numbers, moments, words)

    def ignored(self, rows: Sequence[Row]) -> tuple[str, ...]:
        """Names in the rows that no column of the model has, in the order they come."""
        if all(len(row) == len(self.names) for row in rows):
            return ()
        known = set(self.names)
        return tuple(dict.fromkeys(name for row in rows for name in row if name not in known))

    def _of(self, *kinds: str) -> tuple[str, ...]:
        return tuple(name for field, name in zip(self.all, self.names, strict=True) if field["kind"] in kinds)

    def _columns(self, rows: Sequence[Any]) -> dict[str, Sequence[Any]]:
        if not rows:
            return dict.fromkeys(self.names, ())
        try:
            taken = [self._take(row) for row in rows] if set(map(type, rows)) == {dict} else None
        except KeyError:
            taken = None
        if taken is None:
            raise _incomplete(rows, self.all)
        columns = zip(*taken, strict=True) if len(self.names) > 1 else [taken]
        return dict(zip(self.names, columns, strict=True))

    def _numbers(self, columns: Mapping[str, Sequence[Any]]) -> Floats:
        """All columns of numbers, (columns, rows); `ValueError` or `OverflowError` for a cell that is none."""
        found = [_checked(columns[name], _NUMBERS) for name in self.numbers]
        numbers = np.array(found, dtype=np.float64)
        if np.isinf(numbers).any():
            raise ValueError
        return numbers

    def _words(self, name: str, cells: Sequence[Any]) -> list[str | None]:
        """Cells of categories or text as training wrote them, None for an empty one; `ValueError` for a list."""
        plain = cells if _TEXTS.issuperset(map(type, cells)) else [_word(cell) for cell in _checked(cells, _WORDS)]
        truths = self.truths.get(name)
        if not truths:
            return [cell or None for cell in plain]
        return [truths.get(cell.lower(), cell) if cell else None for cell in plain]


class Cells:
    """The cells of some rows, checked and typed: what the model, its policy and whoever keeps them take them from."""

    def __init__(
        self,
        reader: Reader,
        count: int,
        numbers: Floats,
        moments: dict[str, Moments],
        words: dict[str, list[str | None]],
    ) -> None:
        self.count = count
        self._reader, self._numbers, self._moments, self._words = reader, numbers, moments, words
        self._empty = np.isnan(numbers)

    def parts(self) -> dict[str, NDArray[Any]]:
        """What the model sees, by its internal names: numbers as float64, words as objects."""
        reader = self._reader
        within = np.minimum(np.maximum(self._numbers - reader.offset, -LARGEST), LARGEST)  # np.clip, but sooner begun
        near = within.astype(np.float32).astype(np.float64)
        parts: dict[str, NDArray[Any]] = {}
        for field in reader.fields:
            name, key = str(field["name"]), str(field["id"])
            if field["kind"] == "number":
                parts[key] = near[reader.numbers[name]]
            elif field["kind"] == "time":
                parts |= _calendar(self._moments[name], field)
            else:
                parts[key] = _objects(self._words[name], field["kind"])
                continue
            if field["missing"]:
                parts[f"{key}_missing"] = self._gaps(name).astype(np.float64)
        for field in reader.fields:
            for earlier in field.get("since", ()):
                parts[f"{field['id']}_since{earlier}"] = _days_since(parts, field["id"], earlier)
        for field in reader.fields:
            for part in field.get("between", ()):
                del parts[f"{field['id']}_{part}"]
        return parts

    def flags(self) -> list[list[str]]:
        """For each row what the model never saw, as scoring.flags tells it."""
        reader = self._reader
        codes: list[list[str]] = [[] for _ in range(self.count)]
        outside = (self._numbers < reader.low) | (self._numbers > reader.high)
        absent = self._empty & reader.full
        noted = np.logical_or.reduce(outside | absent, axis=1).tolist()
        for field in reader.fields:
            name = str(field["name"])
            if field["kind"] == "number":
                place = reader.numbers[name]
                if noted[place]:
                    _note(codes, "range", name, np.flatnonzero(outside[place]))
                    _note(codes, "missing", name, np.flatnonzero(absent[place]))
            elif field["kind"] == "time":
                self._note_time(codes, field, name)
            else:
                self._note_words(codes, field, name)
        return codes

    def column(self, name: str) -> tuple[str, NDArray[Any]]:
        """A column's kind and cells as obeying.py takes them."""
        if name in self._moments:
            return "time", _seconds(self._moments[name])
        if name in self._words:
            return "category", np.array([*self._words[name], None], dtype=object)[:-1]
        return "number", self._numbers[self._reader.numbers[name]]

    def columns(self) -> dict[str, NDArray[Any]]:
        """Every column under its own name: floats, datetime64[us], or text with None for an empty cell."""
        found = {name: self.column(name)[1] for name in self._reader.names}
        return found | self._moments

    def _gaps(self, name: str) -> NDArray[np.bool_]:
        """Where a column of numbers or times is empty."""
        moments = self._moments.get(name)
        return self._empty[self._reader.numbers[name]] if moments is None else np.isnat(moments)

    def _note_time(self, codes: list[list[str]], field: Field, name: str) -> None:
        low, high = field["low"], field["high"]
        seconds = _seconds(self._moments[name])
        later = math.inf if low is None or high is None else high + (high - low)
        _note(codes, "range", name, np.flatnonzero((seconds < _or(low, -math.inf)) | (seconds > later)))
        if _never_missing(field):
            _note(codes, "missing", name, np.flatnonzero(np.isnan(seconds)))

    def _note_words(self, codes: list[list[str]], field: Field, name: str) -> None:
        words, known = self._words[name], self._reader.known.get(name)
        if field.get("categories") is not None:
            familiar = {None, MISSING, *(known or ())}
            if not familiar.issuperset(words):
                _note(codes, "unseen", name, [row for row, word in enumerate(words) if word not in familiar])
        if _never_missing(field) and (None in words or MISSING in words):
            _note(codes, "missing", name, [row for row, word in enumerate(words) if word in (None, MISSING)])


def _checked(cells: Sequence[Any], types: frozenset[type]) -> Sequence[Any]:
    if not types.issuperset(map(type, cells)):
        raise ValueError
    return cells


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else float(value)


def _never_missing(field: Field) -> bool:
    return not (field.get("missing") or field.get("filled"))


def _truths(words: Iterable[str]) -> dict[str, str]:
    """How training spelled true and false, where a column has nothing else."""
    spellings = {word.lower(): word for word in words}
    return spellings if spellings.keys() <= {"true", "false"} else {}


def _note(codes: list[list[str]], code: str, name: str, rows: Iterable[int]) -> None:
    for row in rows:
        codes[row].append(f"{code}:{name.replace(';', ',')}")


def _word(cell: Any) -> str | None:
    """As scoring.py writes a cell that is no text: whole numbers without a point."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    return None if cell is None else str(cell)


def _objects(words: Sequence[str | None], kind: str) -> NDArray[Any]:
    cells = np.empty(len(words), dtype=object)
    if kind == "category":
        cells[:] = [MISSING if word is None else word for word in words]
    else:
        cells[:] = _lower(["" if word is None else word for word in words])
    return cells


def _lower(words: list[str]) -> list[str]:
    """In lower case as Arrow has it, which is how pandas does it."""
    if all(word.isascii() for word in words):
        return [word.lower() for word in words]
    import pyarrow as pa
    import pyarrow.compute as pc

    return list(pc.utf8_lower(pa.array(words, type=pa.string())).to_pylist())


def _moments(cells: Sequence[str | None]) -> Moments:
    """As naive UTC; `ValueError` or `OverflowError` for a cell that is no time."""
    return np.array([_moment(cell) if cell else None for cell in _checked(cells, _TIMES)], dtype="datetime64[us]")


def _moment(text: str) -> datetime:
    if MOMENT.fullmatch(text) is None:
        raise ValueError(text)
    moment = datetime.fromisoformat(text.upper())
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _seconds(moments: Moments) -> Floats:
    seconds = moments.astype(np.int64) / 1e6
    return np.where(np.isnat(moments), np.nan, seconds)


def _calendar(moments: Moments, field: Field) -> dict[str, Floats]:
    """The parts of a time that the model asks for, rounded to float32, nan for an empty cell."""
    gaps = np.isnat(moments)
    known = np.where(gaps, np.datetime64(0, "us"), moments)
    day, month, year = (known.astype(f"datetime64[{unit}]") for unit in "DMY")
    days = day.astype(np.int64)
    minutes = (known.astype(np.int64) - days * _DAY) // 60_000_000
    parts = {
        "days": days, "year": year.astype(np.int64) + 1970, "month": month.astype(np.int64) % 12 + 1,
        "day": (day - month.astype(day.dtype)).astype(np.int64) + 1, "weekday": (days + 3) % 7,
        "yearday": (day - year.astype(day.dtype)).astype(np.int64) + 1, "hour": minutes // 60 + minutes % 60 / 60,
    }  # fmt: skip
    wanted = (*field["parts"], *field.get("between", ()))
    rounded = {part: parts[part].astype(np.float32).astype(np.float64) for part in wanted}
    return {f"{field['id']}_{part}": np.where(gaps, np.nan, cells) for part, cells in rounded.items()}


def _days_since(parts: Mapping[str, Any], later: str, earlier: str) -> Floats:
    ends = [parts[f"{name}_days"] + parts.get(f"{name}_hour", 0.0) / 24 for name in (earlier, later)]
    return np.asarray((ends[1] - ends[0]).astype(np.float32), dtype=np.float64)


def _incomplete(rows: Sequence[Any], fields: Sequence[Field]) -> RowsError:
    """Which rows are no objects, and which columns they lack."""
    found = list(islice(_gaps(rows, fields), COUNTED))
    return RowsError(found[:MOST_PROBLEMS], len(found))


def _gaps(rows: Sequence[Any], fields: Sequence[Field]) -> Iterator[Problem]:
    for place, row in enumerate(rows):
        if not isinstance(row, dict):
            wanted, remedy = "an object", 'Write each row as {"column": value, …}.'
            yield Problem(row=place, column="", value=shown(row), expected=wanted, remedy=remedy)
            continue
        for field in fields:
            if field["name"] not in row:
                wanted, remedy = _EXPECTED[field["kind"]], "The column is not there: send null where it is not known."
                yield Problem(row=place, column=str(field["name"]), value="", expected=wanted, remedy=remedy)


def _refused(rows: Sequence[Any], columns: Sequence[tuple[Field, Sequence[Any]]]) -> RowsError:
    """Every cell that cannot be taken, row by row."""
    wrong = (
        (row, field, cells[row])
        for row in range(len(rows))
        for field, cells in columns
        if not _fits(cells[row], field["kind"])
    )
    found = list(islice(wrong, COUNTED))
    return RowsError([_problem(*one) for one in found[:MOST_PROBLEMS]], len(found))


def _fits(cell: Any, kind: str) -> bool:
    if type(cell) not in _TYPES[kind]:
        return False
    try:
        if kind == "number":
            return cell is None or math.isfinite(float(cell))
        if kind == "time":
            return not cell or _moment(cell) is not None
    except (OverflowError, ValueError):
        return False
    return True


def _problem(row: int, field: Field, cell: Any) -> Problem:
    return Problem(
        row=row,
        column=str(field["name"]),
        value=shown(cell),
        expected=_EXPECTED[field["kind"]],
        remedy=_remedy(cell, field["kind"]),
    )


def _remedy(cell: Any, kind: str) -> str:
    if isinstance(cell, NotJson):
        return f"JSON has no {cell}: write null for an empty cell."
    if isinstance(cell, (list, dict)):
        return "Send one value, not a list or an object."
    if kind == "number" and isinstance(cell, str):
        return "Write the number without quotes." if _is_number(cell) else "Send a number, or null for an empty cell."
    if kind == "number" and isinstance(cell, bool):
        return "Write 1 or 0."
    if kind == "number":
        return "Numbers reach from -1.8e308 to 1.8e308."
    return "Write the year first, as in 2025-12-31; a time follows after a T, and its zone as Z or +01:00."


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def shown(value: Any) -> str:
    """A value as a problem repeats it, cut off where it is long."""
    text = str(value) if isinstance(value, str) else _brief(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _brief(value: Any) -> str:
    if isinstance(value, (list, dict)):
        return f"a list of {len(value)}" if isinstance(value, list) else f"an object with {len(value)} names"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return repr(value) if not isinstance(value, int) or value.bit_length() < 200 else "a very long number"
