"""Which row of a sheet holds the names of the columns: below titles and remarks, above the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mlcore.data.choices import Choices
from mlcore.errors import TableError

Cell = str | float | int | bool | date | datetime | time | timedelta
"""A cell without value is an empty text."""

Row = Sequence[Cell]
_LONGEST_PREAMBLE = 20
_COVERED = 0.75
"""Share of the table's columns that a row of names names at least."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """`row` is the place of the names from 0, None when there are none. The data begins in the row `first`.

    `above` counts the rows with cells that stand above the table, `title` is the first cell of them.
    """

    row: int | None
    first: int
    above: int = 0
    title: str = ""


def find_header(rows: Sequence[Row], choices: Choices, where: str) -> Header:
    """The header of a sheet that begins with these rows, at least one of them with a cell."""
    filled = [place for place, row in enumerate(rows) if _count(row)]
    if choices.header_row is not None:
        place = choices.header_row - 1
        if place not in filled:
            raise TableError(
                f"Row {choices.header_row:,} of the sheet is empty or beyond its first {len(rows):,} rows",
                where=where,
                remedy="Choose the row in which the names of the columns stand.",
            )
        return _header(rows, filled, place, named=choices.header is not False)
    place = _first_of_table(rows, filled)
    named = choices.header if choices.header is not None else _names([rows[p] for p in filled if p >= place])
    return _header(rows, filled, place, named=named)


def _header(rows: Sequence[Row], filled: list[int], place: int, *, named: bool) -> Header:
    above = [p for p in filled if p < place]
    title = next((str(cell) for cell in rows[above[0]] if cell != ""), "") if above else ""
    return Header(row=place if named else None, first=place + named, above=len(above), title=title)


def _count(row: Row) -> int:
    return sum(cell != "" for cell in row)


def _first_of_table(rows: Sequence[Row], filled: list[int]) -> int:
    """The first row that has cells in most of the columns which the rows below it use."""
    used: Counter[int] = Counter()
    for place in filled:
        used.update(column for column, cell in enumerate(rows[place]) if cell != "")
    columns = {column for column, times in used.items() if times >= len(filled) * 0.5}
    if len(columns) < 2:
        return filled[0]
    for place in filled[: _LONGEST_PREAMBLE + 1]:
        row = rows[place]
        covered = sum(column < len(row) and row[column] != "" for column in columns)
        if covered >= len(columns) * _COVERED or covered == len(columns) - 1 >= 2:  # an index often has no name
            return place
    return filled[0]


def _names(rows: Sequence[Row]) -> bool:
    """Whether the first row names columns: its cells are of another kind than those below, or texts not repeated."""
    first, rest = rows[0], rows[1:]
    if not rest:
        return all(isinstance(cell, str) for cell in first)
    unlike, alike = 0, 0
    for column, cell in enumerate(first):
        kind = _usual([row[column] for row in rest if column < len(row)])
        if cell == "" or kind == "":
            continue
        unlike += _kind(cell) != kind
        alike += _kind(cell) == kind != "text" and not _year(cell)
    if unlike or alike:
        return unlike > alike
    again = sum(any(c < len(row) and row[c] == cell for row in rest) for c, cell in enumerate(first) if cell != "")
    return len(rest) < 5 or again <= _count(first) * 0.5


def _usual(cells: list[Cell]) -> str:
    """The kind most of the cells have, "" when all are empty."""
    kinds = Counter(_kind(cell) for cell in cells if cell != "")
    return kinds.most_common(1)[0][0] if kinds else ""


def _kind(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "flag"
    if isinstance(cell, (int, float)):
        return "number"
    return "text" if isinstance(cell, str) else "moment"


def _year(cell: Cell) -> bool:
    return isinstance(cell, (int, float)) and 1900 <= cell < 2100 and cell == int(cell)
