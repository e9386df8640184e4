"""From text cells to typed columns: what each column holds, decided on every cell, and said.

A column becomes numbers or dates only when every cell is one, or a word for "no value"; otherwise it stays text.
The first rows suggest, all rows decide. Whole numbers beyond 2**53 and numbers with leading zeros stay text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import polars as pl

from mlcore.data.amounts import amount
from mlcore.data.choices import Choices
from mlcore.data.delimited import cells, dates, numbers
from mlcore.data.schema import Storage

T = TypeVar("T")

SAMPLE_ROWS = 2000
_SAMPLE_VALUES = 200
_BATCH = 200
"""Columns looked at in one query."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """One column's decision. `source` is its name in the text frame, `expression` makes the stored values from it.

    `clean` says that no cell holds spaces or a word for "no value". `note` is a sentence about a decision a person
    should know of. `decimal` and `thousands` are the marks its numbers show, if any. `day_first` is the order
    of its dates, None when they are written otherwise than 01/02/2025.
    """

    name: str
    source: str
    storage: Storage
    expression: pl.Expr
    note: str = ""
    decimal: str = ""
    clean: bool = False
    thousands: str = ""
    day_first: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Tidied:
    """Words read as missing, in how many columns, and cells around which spaces were removed."""

    words: int = 0
    columns: int = 0
    spaces: int = 0

    def __add__(self, other: Tidied) -> Tidied:
        return Tidied(
            words=self.words + other.words, columns=self.columns + other.columns, spaces=self.spaces + other.spaces
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """The same as sentences; none about what did not happen."""
        where = amount(self.columns, "column")
        notes = (
            f"Words such as NA were read as missing: {amount(self.words, 'cell')} in {where}." if self.words else "",
            f"Spaces were removed around {amount(self.spaces, 'cell')}." if self.spaces else "",
        )
        return tuple(note for note in notes if note)


@dataclass(frozen=True, kw_only=True)
class Typing:
    """All columns' decisions, what was tidied in them, and the decimal and thousands marks of the file."""

    columns: tuple[Typed, ...]
    decimal: str = "."
    thousands: str = ""
    tidied: Tidied = field(default_factory=Tidied)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the table as a whole; each column has its own."""
        return self.tidied.notes


def decide(frame: pl.LazyFrame, names: Sequence[str], choices: Choices) -> Typing:
    """The types of a frame of text columns, which will be called `names`."""
    sources = frame.collect_schema().names()
    values = sample(frame, sources)
    kept = {source for source, name in zip(sources, names, strict=True) if name in choices.text}
    seems = {source: "text" if source in kept else likeness(values[source]) for source in sources}
    numeric = numbers.decide(
        frame,
        [s for s in sources if seems[s] == "number"],
        choices.decimal,
        _BATCH,
        thousands=choices.thousands,
        usual="," if choices.delimiter == ";" else ".",
    )
    dated = dates.decide(frame, {s: values[s] for s in sources if seems[s] == "date"}, choices.day_first)
    typed = [_typed(frame, s, name, numeric, dated) for s, name in zip(sources, names, strict=True)]
    return together(typed, _tidied(frame, typed))


def together(typed: Sequence[Typed], tidied: Tidied) -> Typing:
    """Decisions on columns as those on a table."""
    marks = [column.decimal for column in typed if column.decimal]
    decimal = "," if marks.count(",") > marks.count(".") else "."
    groups = [column.thousands for column in typed if column.thousands]
    thousands = max(groups, key=groups.count, default="")
    return Typing(columns=tuple(typed), decimal=decimal, thousands=thousands, tidied=tidied)


def text_of(source: str) -> pl.Expr:
    """The cells of a text column: without spaces around them, words for "no value" as missing."""
    text = stripped(source)
    return pl.when(~text.str.contains(cells.ALWAYS_PATTERN)).then(text)


def stripped(source: str) -> pl.Expr:
    """The cells without spaces around them; empty ones are missing."""
    text = pl.col(source).str.strip_chars()
    return pl.when(text.str.len_bytes() > 0).then(text)


def sample(frame: pl.LazyFrame, sources: list[str]) -> dict[str, list[str]]:
    """Up to 200 different cells of each column, words for "no value" left out."""
    first = frame.head(SAMPLE_ROWS).collect()
    found = {source: _values(first[source]) for source in sources}
    for batch in batches([source for source in sources if not found[source]], _BATCH):
        wanted = [pl.col(s).filter(~stripped(s).str.contains(cells.AMONG_PATTERN)).head(_SAMPLE_VALUES) for s in batch]
        later = frame.select([expression.implode() for expression in wanted]).collect(engine="streaming")
        found |= {source: _values(later[source].explode()) for source in batch}
    return found


def _values(column: pl.Series) -> list[str]:
    text = column.str.strip_chars().drop_nulls().unique(maintain_order=True).to_list()
    values: list[str] = []
    for value in text:
        if not cells.missing_like(value):
            values.append(value)
        if len(values) == _SAMPLE_VALUES:
            break
    return values


def likeness(values: list[str]) -> str:
    """What most of the cells look like: "number", "date" or "text"."""
    if not values:
        return "text"
    finite = [value for value in values if value.lower() not in cells.INFINITE]
    if sum(cells.number_like(value) for value in finite) + len(values) - len(finite) > len(values) * 0.5:
        return "number"
    return "date" if sum(cells.date_like(value) for value in values) > len(values) * 0.5 else "text"


def _typed(
    frame: pl.LazyFrame, source: str, name: str, numeric: dict[str, numbers.Numbers], dated: dict[str, dates.Found]
) -> Typed:
    text = Typed(name=name, source=source, storage="text", expression=text_of(source))
    if source in numeric:
        return _number(frame, text, numeric[source])
    if source in dated:
        return _date(frame, text, dated[source])
    return text


def _number(frame: pl.LazyFrame, text: Typed, found: numbers.Numbers) -> Typed:
    if found.style is None:
        example = _odd_one(frame, text.source, numbers.readable(text.source)) if found.odd else ""
        return replace(
            text,
            note=_sentence(
                text.name,
                found.why or _mixed(found.odd, found.valid, "a number" if found.odd == 1 else "numbers", example),
            ),
        )
    note = _sentence(text.name, found.why) if found.why else ""
    return replace(
        text,
        storage="integer" if found.whole else "float",
        expression=numbers.parsed(text.source, found),
        note=note,
        decimal=found.style.decimal if found.telling else "",
        clean=found.clean,
        thousands=found.thousands,
    )


def _date(frame: pl.LazyFrame, text: Typed, found: dates.Found) -> Typed:
    if found.dates is None:
        read = pl.lit(False) if found.nearest is None else dates.parsed(text.source, found.nearest).is_not_null()
        example = _odd_one(frame, text.source, read)
        return replace(text, note=_sentence(text.name, _mixed(found.odd, found.valid, "dates of one form", example)))
    note = _sentence(text.name, found.why) if found.why else ""
    return replace(
        text,
        storage="datetime",
        expression=dates.parsed(text.source, found.dates),
        note=note,
        day_first=found.dates.day_first,
    )


def _sentence(name: str, what: str) -> str:
    return f"Column {name!r}: {what}"


def _mixed(odd: int, valid: int, what: str, example: str) -> str:
    such = f", such as {example[:40]!r}" if example else ""
    return f"{odd:,} of {amount(valid, 'cell')} {'is' if odd == 1 else 'are'} not {what}{such}; kept as text."


def _odd_one(frame: pl.LazyFrame, source: str, reads: pl.Expr) -> str:
    text = stripped(source)
    odd = text.filter(~reads & ~text.str.contains(cells.AMONG_PATTERN)).head(1)
    found = frame.select(odd).collect(engine="streaming").to_series().to_list()
    return str(found[0]) if found else ""


def _tidied(frame: pl.LazyFrame, typed: list[Typed]) -> Tidied:
    tidied = Tidied()
    for batch in batches([column for column in typed if not column.clean], _BATCH):
        counts = frame.select(expression for column in batch for expression in _untidy(column)).collect(
            engine="streaming"
        )
        words, spaces = counts.row(0)[0::2], counts.row(0)[1::2]
        tidied += Tidied(words=sum(words), columns=sum(count > 0 for count in words), spaces=sum(spaces))
    return tidied


def _untidy(column: Typed) -> tuple[pl.Expr, pl.Expr]:
    text = stripped(column.source)
    words = cells.ALWAYS_PATTERN if column.storage == "text" else cells.AMONG_PATTERN
    return (
        text.str.contains(words).sum().alias(f"{column.source} words"),
        (text.str.len_bytes() != pl.col(column.source).str.len_bytes()).sum().alias(f"{column.source} spaces"),
    )


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    every = list(items)
    for start in range(0, len(every), size):
        yield every[start : start + size]
