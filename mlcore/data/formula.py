"""A small language for new columns and filters: parsed by hand, computed column by column, never handed to Python.

Self-contained on purpose (numpy, pandas): this file travels in every bundle whose model was made with a recipe.

    [price] / [area]          `unit price` * 1.19          if(missing(age), 0, round(age / 10) * 10)
    country = "DE" and year(born) < 1990                   lower(trim(name)) & "@example.com"

Columns stand in brackets or backticks, or bare when they are one word; text in quotes. Values are numbers, texts, times
or truths, each possibly missing: an operation on a missing value is missing, a division by zero and the logarithm of
nothing are, too; `and`, `or` and `if` take missing as "not known", so `if` goes on to its last value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

LONGEST = 2_000
DEEPEST = 50
LARGEST = 400  # parts
LONGEST_CELL = 100_000
MOST_TEXT = 300_000_000  # characters made at once
DAY = 86_400_000_000  # microseconds
FARTHEST = 4_000_000  # days that a time is moved
EARLIEST, LATEST = np.datetime64("0001-01-02", "us"), np.datetime64("9999-12-30", "us")
WORDS = ("and", "or", "not", "true", "false", "empty", "if")

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')
    |(?P<column>`(?:[^`]|``)+`|\[(?:[^\]]|\]\])+\])
    |(?P<name>[^\W\d]\w*)
    |(?P<sign><=|>=|==|!=|<>|\*\*|[-+*/%^&=<>(),]))""",
    re.VERBOSE,
)
_COMPARE = {"=": "==", "==": "==", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class FormulaError(ValueError):
    """The formula cannot be understood or computed. `at` is the place of the fault, counted from 1."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(f"{what} (character {at})")
        self.what = what
        self.at = at


@dataclass(frozen=True)
class Part:
    """A piece of a formula: `op` is number, text, column, truth, empty, an operator, or call; `at` where it begins."""

    op: str
    at: int
    parts: tuple[Part, ...] = ()
    value: Any = None


@dataclass(frozen=True)
class Cells:
    """A column of results, or one value for all rows.

    `kind` is number (float64, nan), text (objects, None), time (datetime64[us], NaT), truth (1, 0, nan) or empty.
    `whole`: numbers without a fraction, whatever the rows.
    """

    kind: str
    data: Any
    whole: bool = False


def parsed(text: str) -> Part:
    """The formula as a tree; raises `FormulaError`."""
    if len(text) > LONGEST:
        raise FormulaError(f"The formula is longer than {LONGEST:,} characters", LONGEST)
    return _Parser(text).whole()


def columns(tree: Part) -> tuple[str, ...]:
    """The columns it names, each once, in their order."""
    found = [tree.value] if tree.op == "column" else [name for part in tree.parts for name in columns(part)]
    return tuple(dict.fromkeys(found))


def looked_into(tree: Part) -> tuple[str, ...]:
    """The columns whose values it asks for, not only whether they are missing."""
    if tree.op == "call" and tree.value == "missing":
        return ()
    found = [tree.value] if tree.op == "column" else [name for part in tree.parts for name in looked_into(part)]
    return tuple(dict.fromkeys(found))


def computed(tree: Part, table: pd.DataFrame) -> pd.Series:
    """The formula's values for each row as they are stored: float64, Int64, text, timestamps; a truth is yes or no."""
    return _stored(_spread(_value(tree, table), len(table)), table.index)


def holds(tree: Part, table: pd.DataFrame) -> Any:
    """For each row whether the formula is true; a row for which that is not known counts as false."""
    found = _spread(_value(tree, table), len(table))
    if found.kind not in ("truth", "empty"):
        raise FormulaError(f"This is {_A[found.kind]}; a condition such as [age] >= 18 is needed", tree.at)
    return np.nan_to_num(np.asarray(found.data, dtype=np.float64)) == 1


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.place = self.depth = self.count = 0
        self.end = len(text) + 1

    def whole(self) -> Part:
        tree = self._either()
        if self.place < len(self.tokens):
            _, text, at = self.tokens[self.place]
            raise FormulaError(f"{text!r} is not expected here", at)
        return tree

    def _part(self, op: str, at: int, parts: tuple[Part, ...] = (), value: Any = None) -> Part:
        self.count += 1
        if self.count > LARGEST:
            raise FormulaError(f"The formula has more than {LARGEST} parts", at)
        return Part(op, at, parts, value)

    def _next(self, *wanted: str) -> str:
        """The next token when it is one of these signs or words, which is then used up."""
        if self.place < len(self.tokens):
            kind, text = self.tokens[self.place][:2]
            if kind in ("sign", "name") and text.lower() in wanted:
                self.place += 1
                return str(text).lower()
        return ""

    def _at(self) -> int:
        return self.tokens[self.place][2] if self.place < len(self.tokens) else self.end

    def _deeper(self, read: Callable[[], Part]) -> Part:
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormulaError(f"The formula is nested more than {DEEPEST} deep", self._at())
        found = read()
        self.depth -= 1
        return found

    def _chain(self, below: Callable[[], Part], signs: tuple[str, ...]) -> Part:
        left = below()
        while sign := self._next(*signs):
            left = self._part(sign, left.at, (left, below()))
        return left

    def _either(self) -> Part:
        return self._chain(self._both, ("or",))

    def _both(self) -> Part:
        return self._chain(self._negated, ("and",))

    def _negated(self) -> Part:
        at = self._at()
        if self._next("not"):
            return self._part("not", at, (self._deeper(self._negated),))
        return self._compared()

    def _compared(self) -> Part:
        left = self._sum()
        if sign := self._next(*_COMPARE):
            return self._part(_COMPARE[sign], left.at, (left, self._sum()))
        return left

    def _sum(self) -> Part:
        return self._chain(self._product, ("+", "-", "&"))

    def _product(self) -> Part:
        return self._chain(self._signed, ("*", "/", "%"))

    def _signed(self) -> Part:
        at = self._at()
        if sign := self._next("-", "+"):
            inner = self._deeper(self._signed)
            return self._part("negative", at, (inner,)) if sign == "-" else inner
        base = self._atom()
        if self._next("^", "**"):
            return self._part("^", base.at, (base, self._deeper(self._signed)))
        return base

    def _atom(self) -> Part:
        if self.place >= len(self.tokens):
            raise FormulaError("Something is missing at the end", self.end)
        kind, text, at = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            return self._part("number", at, value=float(text))
        if kind == "text":
            return self._part("text", at, value=text[1:-1].replace(text[0] * 2, text[0]))
        if kind == "column":
            return self._part("column", at, value=text[1:-1].replace("``" if text[0] == "`" else "]]", text[-1]))
        if kind == "name":
            return self._named(text, at)
        if text == "(":
            inner = self._deeper(self._either)
            self._close(at)
            return inner
        raise FormulaError(f"{text!r} is not expected here", at)

    def _named(self, text: str, at: int) -> Part:
        word = text.lower()
        if self._next("("):
            if word not in FUNCTIONS:
                raise FormulaError(f"There is no function {text!r}; there are {', '.join(sorted(FUNCTIONS))}", at)
            return self._part("call", at, self._arguments(word, at), word)
        if word in ("true", "false"):
            return self._part("truth", at, value=float(word == "true"))
        if word == "empty":
            return self._part("empty", at)
        if word in WORDS:
            raise FormulaError(f"{text!r} is not expected here", at)
        return self._part("column", at, value=text)

    def _arguments(self, word: str, at: int) -> tuple[Part, ...]:
        found: list[Part] = []
        if not self._next(")"):
            found.append(self._deeper(self._either))
            while self._next(","):
                found.append(self._deeper(self._either))
            self._close(at)
        least, most, _ = FUNCTIONS[word]
        if not least <= len(found) <= most:
            wanted = f"{least}" if least == most else f"{least} or more" if most > 9 else f"{least} to {most}"
            raise FormulaError(f"{word} takes {wanted} values, not {len(found)}", at)
        return tuple(found)

    def _close(self, at: int) -> None:
        if not self._next(")"):
            raise FormulaError("This bracket is not closed, or something is missing before it is", at)


def _tokens(text: str) -> Any:
    place = 0
    while place < len(text.rstrip()):
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            start = place + len(text[place:]) - len(text[place:].lstrip())
            raise FormulaError(f"{text[start : start + 1]!r} cannot be understood here", start + 1)
        yield found.lastgroup, found.group(found.lastgroup), found.start(found.lastgroup) + 1
        place = found.end()


def _value(part: Part, table: pd.DataFrame) -> Cells:
    if part.op == "column":
        return _column(part, table)
    if part.op in _LITERALS:
        return Cells(part.op, _LITERALS[part.op](part.value), whole=part.op == "number" and part.value.is_integer())
    values = [_value(inner, table) for inner in part.parts]
    with np.errstate(all="ignore"):
        if part.op == "call":
            return FUNCTIONS[part.value][2](part, values)
        return _OPERATORS[part.op](part, values)


def _column(part: Part, table: pd.DataFrame) -> Cells:
    if part.value not in table.columns:
        raise FormulaError(f"There is no column {part.value!r}", part.at)
    values = table[part.value]
    kind = values.dtype
    if pd.api.types.is_bool_dtype(kind):
        return Cells("truth", values.to_numpy(dtype=np.float64, na_value=np.nan))
    if pd.api.types.is_numeric_dtype(kind):
        whole = pd.api.types.is_integer_dtype(kind)
        return Cells("number", values.to_numpy(dtype=np.float64, na_value=np.nan), whole=whole)
    if pd.api.types.is_datetime64_any_dtype(kind):
        return Cells("time", values.to_numpy(dtype="datetime64[us]"))
    return Cells("text", texts_of(values))


def texts_of(values: pd.Series) -> Any:
    """Text cells as objects, None for missing."""
    cells = values.astype(object).to_numpy(dtype=object)
    gone = pd.isna(cells)
    return np.array([None if no else str(cell) for cell, no in zip(cells, gone, strict=True)], dtype=object)


def _spread(cells: Cells, rows: int) -> Cells:
    data = np.broadcast_to(cells.data, (rows,)) if len(cells.data) != rows else cells.data
    return Cells(cells.kind, data, cells.whole)


def _stored(cells: Cells, index: Any) -> pd.Series:
    if cells.kind == "truth":
        return pd.Series(_said(cells.data), index=index, dtype="str")
    if cells.kind == "text":
        return pd.Series(cells.data, index=index, dtype="str")
    if cells.kind == "time":
        return pd.Series(cells.data, index=index)
    numbers = np.where(np.isfinite(cells.data), cells.data, np.nan)
    if not cells.whole:
        return pd.Series(numbers, index=index)
    return pd.Series(np.where(np.abs(numbers) < 2.0**62, numbers, np.nan), index=index).astype("Int64")


def _said(truth: Any) -> Any:
    """yes, no, or None, as objects."""
    words = np.array(["no", "yes", None], dtype=object)
    return words[np.where(np.isnan(truth), 2, truth).astype(np.int64)]


def _need(part: Part, cells: Cells, kind: str) -> Any:
    if cells.kind == "empty":
        return _NOTHING[kind]
    if cells.kind != kind:
        raise FormulaError(f"{_A[kind].capitalize()} is needed here, and this is {_A[cells.kind]}", part.at)
    return cells.data


def _alike(part: Part, values: Sequence[Cells]) -> tuple[str, list[Any]]:
    """Values of one kind: a text beside a time is read as a time."""
    kinds = {cells.kind for cells in values} - {"empty"}
    if kinds == {"time", "text"}:
        values = [_as_time(inner, cells) for inner, cells in zip(part.parts, values, strict=True)]
        kinds = {"time"}
    if len(kinds) > 1:
        one, other = sorted(kinds)
        raise FormulaError(
            f"{_A[one].capitalize()} and {_A[other]} do not go together; use text() or number()", part.at
        )
    kind = kinds.pop() if kinds else "number"
    return kind, [_need(inner, cells, kind) for inner, cells in zip(part.parts, values, strict=True)]


def _as_time(part: Part, cells: Cells) -> Cells:
    if cells.kind != "text":
        return cells
    moments = _moments(cells.data)
    if part.op == "text" and np.isnat(moments).all():
        raise FormulaError(f"{part.value!r} is no date such as 2025-12-31", part.at)
    return Cells("time", moments)


def _moments(texts: Any) -> Any:
    words = pd.Series(texts, dtype="str")
    moments = pd.to_datetime(words, errors="coerce", utc=True, format="ISO8601").dt.tz_localize(None)
    return moments.to_numpy(dtype="datetime64[us]")


def _number(data: Any, *, whole: bool = False) -> Cells:
    return Cells("number", np.where(np.isfinite(data), data, np.nan), whole)


def _plus(part: Part, values: list[Cells]) -> Cells:
    left, right = values
    if left.kind == "time" and right.kind in ("number", "empty"):
        return _moved(left.data, _need(part.parts[1], right, "number"))
    if "text" in (left.kind, right.kind) and {left.kind, right.kind} <= {"text", "empty"}:
        return _joined(part, values)
    numbers = [_need(inner, cells, "number") for inner, cells in zip(part.parts, values, strict=True)]
    return _number(numbers[0] + numbers[1], whole=left.whole and right.whole)


def _minus(part: Part, values: list[Cells]) -> Cells:
    left, right = values
    if left.kind == "time" and right.kind == "number":
        return _moved(left.data, -right.data)
    if "time" in (left.kind, right.kind):
        return _days(part, values)
    numbers = [_need(inner, cells, "number") for inner, cells in zip(part.parts, values, strict=True)]
    return _number(numbers[0] - numbers[1], whole=left.whole and right.whole)


def _moved(moments: Any, days: Any) -> Cells:
    moments, days = np.broadcast_arrays(moments, days)
    fits = np.isfinite(days) & (np.abs(days) < FARTHEST)
    steps = (np.where(fits, days, 0) * DAY).round().astype("timedelta64[us]")
    moved = moments + steps
    fits &= (moved > EARLIEST) & (moved < LATEST)
    return Cells("time", np.where(fits, moved, np.datetime64("NaT", "us")))


def _days(part: Part, values: list[Cells]) -> Cells:
    times = [_need(inner, _as_time(inner, cells), "time") for inner, cells in zip(part.parts, values, strict=True)]
    return Cells("number", (times[0] - times[1]) / np.timedelta64(DAY, "us"))


def _arithmetic(work: Callable[[Any, Any], Any]) -> Callable[[Part, list[Cells]], Cells]:
    def compute(part: Part, values: list[Cells]) -> Cells:
        left, right = (_need(inner, cells, "number") for inner, cells in zip(part.parts, values, strict=True))
        return _number(work(left, right))

    return compute


def _joined(part: Part, values: list[Cells]) -> Cells:
    texts = [_need(inner, _as_text(cells), "text") for inner, cells in zip(part.parts, values, strict=True)]
    return _each(part, lambda *words: "".join(words), texts)


def _as_text(cells: Cells) -> Cells:
    if cells.kind in ("text", "empty"):
        return cells
    if cells.kind == "number":
        return Cells("text", np.array([_figure(value) for value in cells.data], dtype=object))
    if cells.kind == "truth":
        return Cells("text", _said(cells.data))
    said = [None if np.isnat(moment) else str(moment)[:19].replace("T00:00:00", "") for moment in cells.data]
    return Cells("text", np.array(said, dtype=object))


def _figure(value: float) -> str | None:
    if np.isnan(value):
        return None
    return str(int(value)) if float(value).is_integer() and abs(value) < 2.0**53 else repr(float(value))


def _each(part: Part, work: Callable[..., Any], arrays: Sequence[Any]) -> Cells:
    """Texts made cell by cell; missing where any of the cells is."""
    made: list[str | None] = []
    written = 0
    for row in zip(*np.broadcast_arrays(*arrays), strict=True):
        cell = None if None in row else work(*row)
        made.append(cell)
        written += 0 if cell is None else len(cell)
        if written > MOST_TEXT or (cell is not None and len(cell) > max(LONGEST_CELL, *map(len, row))):
            raise FormulaError(f"It makes texts of more than {LONGEST_CELL:,} characters", part.at)
    return Cells("text", np.array([*made, None], dtype=object)[:-1])


def _replaced(text: str, old: str, new: str) -> str:
    """What `replace` makes; a text that would grow beyond all bounds is not made but only announced by its length."""
    if not old:
        return text
    grown = len(text) + text.count(old) * (len(new) - len(old))
    return text.replace(old, new) if grown <= LONGEST_CELL or len(new) <= len(old) else " " * (LONGEST_CELL + grown)


def _compared(sign: str) -> Callable[[Part, list[Cells]], Cells]:
    def compute(part: Part, values: list[Cells]) -> Cells:
        kind, (left, right) = _alike(part, values)
        left, right = np.broadcast_arrays(left, right)
        gone = _gone(kind, left) | _gone(kind, right)
        if kind == "text":
            left, right = np.where(gone, "", left), np.where(gone, "", right)
        return Cells("truth", np.where(gone, np.nan, _SIGNS[sign](left, right).astype(np.float64)))

    return compute


def _gone(kind: str, data: Any) -> Any:
    if kind == "text":
        return np.array([cell is None for cell in data], dtype=bool)
    return np.isnat(data) if kind == "time" else np.isnan(data)


def _logic(part: Part, values: list[Cells]) -> Cells:
    left, right = (_need(inner, cells, "truth") for inner, cells in zip(part.parts, values, strict=True))
    decided = 0.0 if part.op == "and" else 1.0
    unknown = np.isnan(left) | np.isnan(right)
    found = np.where(unknown, np.nan, 1.0 - decided)
    return Cells("truth", np.where((left == decided) | (right == decided), decided, found))


def _negated(part: Part, values: list[Cells]) -> Cells:
    return Cells("truth", 1 - _need(part.parts[0], values[0], "truth"))


def _if(part: Part, values: list[Cells]) -> Cells:
    truth = _need(part.parts[0], values[0], "truth")
    chosen = Part(part.op, part.at, part.parts[1:], part.value)
    kind, (one, other) = _alike(chosen, values[1:])
    whole = all(cells.whole or cells.kind == "empty" for cells in values[1:])
    return Cells(kind, np.where(truth == 1, one, other), whole and kind == "number")


def _coalesce(part: Part, values: list[Cells]) -> Cells:
    kind, data = _alike(part, values)
    found = data[0]
    for more in data[1:]:
        found, more = np.broadcast_arrays(found, more)
        found = np.where(_gone(kind, found), more, found)
    whole = all(cells.whole or cells.kind == "empty" for cells in values)
    return Cells(kind, found, whole and kind == "number")


def _extreme(work: Callable[[Any, Any], Any]) -> Callable[[Part, list[Cells]], Cells]:
    def compute(part: Part, values: list[Cells]) -> Cells:
        kind, data = _alike(part, values)
        if kind not in ("number", "time"):
            raise FormulaError(f"{part.value} takes numbers or times", part.at)
        found = data[0]
        for more in data[1:]:
            found = work(found, more)
        return Cells(kind, found, kind == "number" and all(cells.whole for cells in values))

    return compute


def _missing(_: Part, values: list[Cells]) -> Cells:
    cells = values[0]
    gone = np.array([True]) if cells.kind == "empty" else _gone(cells.kind, cells.data)
    return Cells("truth", gone.astype(np.float64))


def _math(work: Callable[[Any], Any], *, whole: bool = False) -> Callable[[Part, list[Cells]], Cells]:
    def compute(part: Part, values: list[Cells]) -> Cells:
        return _number(work(_need(part.parts[0], values[0], "number")), whole=whole)

    return compute


def _kept(work: Callable[[Any], Any]) -> Callable[[Part, list[Cells]], Cells]:
    """Whole numbers stay whole."""

    def compute(part: Part, values: list[Cells]) -> Cells:
        return _number(work(_need(part.parts[0], values[0], "number")), whole=values[0].whole)

    return compute


def _round(part: Part, values: list[Cells]) -> Cells:
    number = _need(part.parts[0], values[0], "number")
    if len(values) == 1:
        return _number(np.round(number), whole=True)
    digits = _constant(part.parts[1], -12, 12)
    return _number(np.round(number, digits), whole=values[0].whole and digits >= 0)


def _constant(part: Part, low: int, high: int) -> int:
    number = part.value if part.op == "number" else -part.parts[0].value if part.op == "negative" else None
    if number is None or not float(number).is_integer() or not low <= number <= high:
        raise FormulaError(f"A whole number from {low} to {high} is needed here", part.at)
    return int(number)


def _of_time(work: Callable[[Any], Any]) -> Callable[[Part, list[Cells]], Cells]:
    def compute(part: Part, values: list[Cells]) -> Cells:
        moments = _need(part.parts[0], _as_time(part.parts[0], values[0]), "time")
        return Cells("number", work(pd.Series(moments).dt).to_numpy(dtype=np.float64, na_value=np.nan), whole=True)

    return compute


def _texted(work: Callable[..., str]) -> Callable[[Part, list[Cells]], Cells]:
    def compute(part: Part, values: list[Cells]) -> Cells:
        return _each(part, work, [_need(inner, cells, "text") for inner, cells in zip(part.parts, values, strict=True)])

    return compute


def _told(work: Callable[..., float], kind: str) -> Callable[[Part, list[Cells]], Cells]:
    """A number or truth found in texts."""

    def compute(part: Part, values: list[Cells]) -> Cells:
        texts = [_need(inner, cells, "text") for inner, cells in zip(part.parts, values, strict=True)]
        spread = np.broadcast_arrays(*texts)
        found = [np.nan if None in row else float(work(*row)) for row in zip(*spread, strict=True)]
        return Cells(kind, np.array(found, dtype=np.float64), whole=kind == "number")

    return compute


def _end(part: Part, values: list[Cells]) -> Cells:
    count = _constant(part.parts[1], 0, LONGEST_CELL)
    left = part.value == "left"
    words = _need(part.parts[0], _as_text(values[0]), "text")
    return _each(part, lambda word: word[:count] if left else word[len(word) - min(count, len(word)) :], [words])


def _to_number(part: Part, values: list[Cells]) -> Cells:
    if values[0].kind in ("number", "truth"):
        return Cells("number", values[0].data, values[0].whole or values[0].kind == "truth")
    words = pd.Series(_need(part.parts[0], values[0], "text"), dtype="str").str.strip()
    return _number(pd.to_numeric(words, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan))


def _to_time(part: Part, values: list[Cells]) -> Cells:
    return Cells("time", _need(part.parts[0], _as_time(part.parts[0], values[0]), "time"))


def _one_of(part: Part, values: list[Cells]) -> Cells:
    kind, data = _alike(part, values)
    found = np.zeros(1)
    for more in data[1:]:
        one, other = np.broadcast_arrays(data[0], more)
        found = np.maximum(found, (one == other).astype(np.float64))
    return Cells("truth", np.where(_gone(kind, np.broadcast_to(data[0], found.shape)), np.nan, found))


def _remainder(left: Any, right: Any) -> Any:
    return np.where(right == 0, np.nan, np.mod(left, np.where(right == 0, 1, right)))


def _quotient(left: Any, right: Any) -> Any:
    return np.where(right == 0, np.nan, left / np.where(right == 0, 1, right))


_A = {"number": "a number", "text": "a text", "time": "a date", "truth": "a yes or no", "empty": "empty"}
_NOTHING: Mapping[str, Any] = {
    "number": np.array([np.nan]),
    "truth": np.array([np.nan]),
    "text": np.array([None], dtype=object),
    "time": np.array(["NaT"], dtype="datetime64[us]"),
}
_LITERALS: Mapping[str, Callable[[Any], Any]] = {
    "number": lambda value: np.array([value]),
    "text": lambda value: np.array([value], dtype=object),
    "truth": lambda value: np.array([value]),
    "empty": lambda _: np.array([np.nan]),
}
_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_Work = Callable[[Part, "list[Cells]"], Cells]
_OPERATORS: Mapping[str, _Work] = {
    "+": _plus, "-": _minus, "&": _joined,
    "*": _arithmetic(lambda left, right: left * right), "/": _arithmetic(_quotient), "%": _arithmetic(_remainder),
    "^": _arithmetic(lambda left, right: left**right), "negative": _kept(lambda number: -number),
    "and": _logic, "or": _logic, "not": _negated,
    **{sign: _compared(sign) for sign in _SIGNS},
}  # fmt: skip
FUNCTIONS: Mapping[str, tuple[int, int, _Work]] = {
    "if": (3, 3, _if), "coalesce": (1, 50, _coalesce), "missing": (1, 1, _missing), "one_of": (2, 50, _one_of),
    "min": (2, 50, _extreme(np.fmin)), "max": (2, 50, _extreme(np.fmax)),
    "abs": (1, 1, _kept(np.abs)), "sqrt": (1, 1, _math(np.sqrt)), "exp": (1, 1, _math(np.exp)),
    "log": (1, 1, _math(np.log)), "log10": (1, 1, _math(np.log10)), "round": (1, 2, _round),
    "floor": (1, 1, _math(np.floor, whole=True)), "ceiling": (1, 1, _math(np.ceil, whole=True)),
    "year": (1, 1, _of_time(lambda when: when.year)), "month": (1, 1, _of_time(lambda when: when.month)),
    "quarter": (1, 1, _of_time(lambda when: when.quarter)), "day": (1, 1, _of_time(lambda when: when.day)),
    "weekday": (1, 1, _of_time(lambda when: when.day_of_week + 1)), "hour": (1, 1, _of_time(lambda when: when.hour)),
    "days_between": (2, 2, lambda part, values: _number(-_days(part, values).data)),
    "lower": (1, 1, _texted(str.lower)), "upper": (1, 1, _texted(str.upper)), "trim": (1, 1, _texted(str.strip)),
    "length": (1, 1, _told(len, "number")), "left": (2, 2, _end), "right": (2, 2, _end),
    "contains": (2, 2, _told(lambda text, piece: piece in text, "truth")),
    "starts": (2, 2, _told(lambda text, piece: text.startswith(piece), "truth")),
    "ends": (2, 2, _told(lambda text, piece: text.endswith(piece), "truth")),
    "replace": (3, 3, _texted(_replaced)),
    "number": (1, 1, _to_number), "text": (1, 1, lambda _, values: _as_text(values[0])), "date": (1, 1, _to_time),
}  # fmt: skip
