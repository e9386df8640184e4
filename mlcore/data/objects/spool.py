"""Objects on their way to a table: columns of text on disk, with a tally of what the cells were."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from mlcore.data.amounts import amount
from mlcore.data.delimited.numbers import EXACT
from mlcore.data.objects.items import Record
from mlcore.data.objects.tape import Digits
from mlcore.errors import TableError

MOST_COLUMNS = 20_000
_ROWS = 20_000
_CELLS = 2_000_000
_DEEPEST = 50
"""Objects in objects that become columns."""

_NESTED = (dict, list)
Keys = tuple[str, ...]


@dataclass(kw_only=True)
class Column:
    """One column: its name on disk, how many cells there were of each type, and whether a whole number is too long
    for a float (`large`) or even for 64 bits (`huge`).
    """

    source: str
    types: Counter[type] = field(default_factory=Counter)
    large: bool = False
    huge: bool = False

    @property
    def scalars(self) -> set[type]:
        """The types of cells that are single values."""
        return {kind for kind in self.types if kind not in (*_NESTED, type(None))}

    @property
    def nested(self) -> int:
        """Cells that hold lists or objects."""
        return sum(self.types[kind] for kind in _NESTED)


class Spool:
    """Takes objects one by one and writes them to `folder` some thousands at a time.

    With `flatten`, fields of objects in objects are columns called "outer.inner".
    """

    def __init__(self, folder: Path, flatten: bool) -> None:
        self._folder, self._flatten = folder, flatten
        self._waiting: list[Record] = []
        self._widest = 1
        self._parts = 0
        self._widths: Counter[int] = Counter()
        self._keys: set[str] = set()
        self.columns: dict[Keys, Column] = {}
        self.halved = 0
        """Cells with half a letter, which text cannot hold."""

    def add(self, record: Record) -> None:
        """Take one object."""
        self._waiting.append(record)
        self._widest = max(self._widest, len(record))
        if len(self._waiting) >= min(_ROWS, max(1, _CELLS // self._widest)):
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        rows, self._waiting = self._waiting, []
        if not rows:
            return
        self._widths.update(map(len, rows))
        self._keys.update(*rows)
        part: dict[str, pl.Series] = {}
        self._spread(rows, (), part)
        frame = (
            pl.DataFrame(part) if part else pl.DataFrame({"nothing": pl.Series([None] * len(rows), dtype=pl.String)})
        )
        frame.write_parquet(self._folder / f"{self._parts:06}.parquet", compression="lz4")
        self._parts += 1

    @property
    def incomplete(self) -> int:
        """Objects in which keys are missing that others have."""
        return sum(self._widths.values()) - self._widths[len(self._keys)]

    def frame(self, texts: tuple[str, ...]) -> tuple[pl.LazyFrame, list[str], list[str]]:
        """The columns that hold single values, their names, and sentences; those in `texts` stay text."""
        kept = {path: column for path, column in self.columns.items() if column.scalars or not column.nested}
        schema = {column.source: pl.String for column in self.columns.values()} or {"nothing": pl.String}
        stored = pl.scan_parquet(
            sorted(self._folder.glob("*.parquet")),
            schema=schema,
            missing_columns="insert",
            extra_columns="ignore",
            glob=False,
        )
        names = [".".join(path) for path in kept]
        notes, expressions = self._left_out(), []
        for name, column in zip(names, kept.values(), strict=True):
            storage, note = _storage(column, name in texts)
            expressions.append(pl.col(column.source).cast(storage))
            if note:
                notes.append(f"Column {name!r}: {note}")
        return stored.select(expressions), names, notes

    def _left_out(self) -> list[str]:
        gone = [".".join(path) for path, column in self.columns.items() if column.nested and not column.scalars]
        if not gone:
            return []
        named = ", ".join(repr(name) for name in gone[:10]) + (" …" if len(gone) > 10 else "")
        objects = any(column.types[dict] for column in self.columns.values()) and not self._flatten
        hint = " Their fields become columns if you choose so." if objects else ""
        return [f"Left out, as a cell must be a single value: {named}.{hint}"]

    def _spread(self, rows: list[Record], path: Keys, part: dict[str, pl.Series]) -> None:
        for key in dict.fromkeys(key for row in rows for key in row):
            values, inner = [row.get(key) for row in rows], (*path, key)
            types = Counter(map(type, values))
            if self._flatten and types[dict] and len(inner) < _DEEPEST:
                self._spread([value if type(value) is dict else {} for value in values], inner, part)
                values = [None if type(value) is dict else value for value in values]
                types[type(None)] += types.pop(dict)
                if len(types) == 1 and inner not in self.columns:
                    continue
            column = self._column(inner)
            column.types.update(types)
            part[column.source] = self._texts(values, column, {kind for kind in types if kind is not type(None)})

    def _column(self, path: Keys) -> Column:
        if path not in self.columns and len(self.columns) >= MOST_COLUMNS:
            raise TableError(
                f"The objects have more than {MOST_COLUMNS:,} different fields",
                remedy="Write one object a row, with the same keys in each.",
            )
        return self.columns.setdefault(path, Column(source=f"c{len(self.columns)}"))

    def _texts(self, values: list[Any], column: Column, types: set[type]) -> pl.Series:
        """The cells as text from which the value comes back exactly; what is nested is missing."""
        if types == {float}:
            return pl.Series(values, dtype=pl.Float64).cast(pl.String)
        if types == {int}:
            try:
                numbers = pl.Series(values, dtype=pl.Int64)
            except (OverflowError, TypeError):
                column.huge = column.large = True
            else:
                column.large = column.large or bool(((numbers > EXACT) | (numbers < -EXACT)).any())
                return numbers.cast(pl.String)
        elif types != {str}:
            whole = [value for value in values if type(value) is int]
            column.large = column.large or any(abs(value) > EXACT for value in whole)
            column.huge = column.huge or Digits in types or any(abs(value) >= 2**63 for value in whole)
        texts = [None if value is None or isinstance(value, _NESTED) else str(value) for value in values]
        try:
            return pl.Series(texts, dtype=pl.String)
        except UnicodeEncodeError:
            whole_texts = [None if text is None else _encodable(text) for text in texts]
            self.halved += sum(one != other for one, other in zip(texts, whole_texts, strict=True))
            return pl.Series(whole_texts, dtype=pl.String)


def _encodable(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _storage(column: Column, text: bool) -> tuple[type[pl.DataType], str]:
    """What the cells are cast to, and a sentence when that is not what they were."""
    scalars = column.scalars
    nested = f"{amount(column.nested, 'cell')} with a list or an object read as missing." if column.nested else ""
    whole, numeric = scalars <= {int, Digits}, scalars <= {int, float, Digits}
    if text or not scalars or scalars in ({str}, {bool}):
        return pl.String, nested
    if numeric and (column.huge or (column.large and not whole)):
        why = "its numbers are too long to be stored exactly, so it was kept as text."
        return pl.String, f"{why} {nested}".strip()
    if numeric:
        return (pl.Int64 if whole else pl.Float64), nested
    shares = {"numbers": (int, float, Digits), "text": (str,), "true or false": (bool,)}
    counts = {word: sum(column.types[kind] for kind in kinds) for word, kinds in shares.items()}
    mixed = " and ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    return pl.String, f"its cells are {mixed}; kept as text. {nested}".strip()
