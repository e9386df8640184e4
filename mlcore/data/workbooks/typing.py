"""What each column of a sheet holds. Numbers and moments are trusted as the workbook has them, texts are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from mlcore.data.amounts import amount
from mlcore.data.choices import Choices
from mlcore.data.delimited import cells, columns
from mlcore.data.delimited.columns import Typed
from mlcore.data.delimited.numbers import EXACT
from mlcore.data.workbooks.grid import Column, part


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The expression that makes a column, already named, with a sentence about it and the order of its dates."""

    name: str
    expression: pl.Expr
    note: str = ""
    day_first: bool | None = None


def stored(
    frame: pl.LazyFrame, grid: Sequence[tuple[int, Column]], names: Sequence[str], choices: Choices
) -> tuple[tuple[Stored, ...], tuple[str, ...]]:
    """How the columns at these places of the grid are stored under `names`, and what is to be said of all of them."""
    with_text = [(place, name) for (place, column), name in zip(grid, names, strict=True) if column.texts]
    texts: dict[int, Typed] = {}
    notes: tuple[str, ...] = ()
    if with_text:
        sources = frame.select(part(place, "t") for place, _ in with_text)
        typing = columns.decide(sources, [name for _, name in with_text], choices)
        texts = {place: typed for (place, _), typed in zip(with_text, typing.columns, strict=True)}
        notes = typing.notes
    whole = _whole(frame, [place for place, column in grid if column.numbers])
    made = []
    for (place, column), name in zip(grid, names, strict=True):
        words = texts.get(place)
        if name in choices.text:
            made.append(Stored(name=name, expression=_as_text(place)))
        elif words is None:
            made.append(_plain(place, column, name, whole=place in whole))
        elif column.texts == column.cells:
            made.append(Stored(name=name, expression=words.expression, note=words.note, day_first=words.day_first))
        else:
            made.append(_mixed(frame, place, column, words, whole=place in whole))
    return tuple(made), notes


def _whole(frame: pl.LazyFrame, places: list[int]) -> set[int]:
    """The columns of which every number is whole, and small enough to be exact."""
    if not places:
        return set()
    tests = []
    for place in places:
        number = pl.col(part(place, "n"))
        tests.append(((number == number.round()) & (number.abs() < EXACT)).all().alias(part(place, "n")))
    row = frame.select(tests).collect(engine="streaming").row(0)
    return {place for place, answer in zip(places, row, strict=True) if answer}


def _plain(place: int, column: Column, name: str, *, whole: bool) -> Stored:
    """A column without texts."""
    if column.numbers and column.moments:
        note = _note(name, f"{amount(column.moments, 'date')} among {amount(column.numbers, 'number')}; kept as text.")
        return Stored(name=name, expression=_as_text(place), note=note)
    if column.moments:
        return Stored(name=name, expression=pl.col(part(place, "d")))
    if column.numbers:
        return Stored(name=name, expression=_number(place, whole=whole), note=_number_note(name, column))
    return Stored(name=name, expression=pl.lit(None, pl.String))


def _mixed(frame: pl.LazyFrame, place: int, column: Column, words: Typed, *, whole: bool) -> Stored:
    """A column of texts with numbers or moments: all of one kind if the texts can be read so, or else text."""
    text = pl.col(part(place, "t")).str.strip_chars()
    meant = text.filter(~text.str.contains(cells.AMONG_PATTERN)).count()
    said = int(frame.select(meant).collect(engine="streaming").item())
    if column.numbers and not column.moments and (said == 0 or words.storage in ("float", "integer")):
        both = whole and (said == 0 or words.storage == "integer")
        value = _number(place, whole=both)
        expression = value if said == 0 else pl.coalesce(value, words.expression.cast(pl.Int64 if both else pl.Float64))
        note = words.note if said else _note(words.name, f"{_missing(column.texts)} read as missing among numbers.")
        return Stored(name=words.name, expression=expression, note=note)
    if column.moments and not column.numbers and (said == 0 or words.storage == "datetime"):
        value = pl.col(part(place, "d"))
        expression = value if said == 0 else pl.coalesce(value, words.expression)
        note = words.note if said else _note(words.name, f"{_missing(column.texts)} read as missing among dates.")
        return Stored(name=words.name, expression=expression, note=note, day_first=words.day_first if said else None)
    return Stored(name=words.name, expression=_as_text(place), note=_odd_note(frame, place, column, words.name, said))


def _odd_note(frame: pl.LazyFrame, place: int, column: Column, name: str, said: int) -> str:
    text = pl.col(part(place, "t")).str.strip_chars()
    odd = text.filter(~text.str.contains(cells.AMONG_PATTERN) & text.ne("")).head(1)
    found = frame.select(odd).collect(engine="streaming").to_series().to_list()
    such = f", such as {found[0][:40]!r}" if found else ""
    what = "numbers" if column.numbers >= column.moments else "dates"
    known = max(column.numbers, column.moments)
    odd_count = said + min(column.numbers, column.moments)
    return _note(name, f"{odd_count:,} of {amount(known + odd_count, 'cell')} are not {what}{such}; kept as text.")


def _missing(count: int) -> str:
    return "1 word such as NA was" if count == 1 else f"{count:,} words such as NA were"


def _number(place: int, *, whole: bool) -> pl.Expr:
    column = pl.col(part(place, "n"))
    return column.cast(pl.Int64) if whole else pl.when(column.is_finite()).then(column)


def _number_note(name: str, column: Column) -> str:
    if column.spans:
        return _note(name, "durations are stored in seconds.")
    if column.long:
        return _note(
            name,
            f"{amount(column.long, 'number')} of more than 15 digits: workbooks do not keep the last digits of such "
            "numbers; store identifiers as text.",
        )
    return ""


def _as_text(place: int) -> pl.Expr:
    number, moment = pl.col(part(place, "n")), pl.col(part(place, "d"))
    exact = (number == number.round()) & (number.abs() < EXACT)
    digits = pl.when(exact).then(number.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(number.cast(pl.String))
    midnight = moment == moment.dt.truncate("1d")
    day = pl.when(midnight).then(moment.dt.strftime("%Y-%m-%d")).otherwise(moment.dt.strftime("%Y-%m-%d %H:%M:%S"))
    return pl.coalesce(columns.text_of(part(place, "t")), digits, day)


def _note(name: str, what: str) -> str:
    return f"Column {name!r}: {what}"
