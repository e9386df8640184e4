"""Delimiter, quote mark, header and preamble of a text table, from its first records."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

from mlcore.data.amounts import amount
from mlcore.data.choices import Choices
from mlcore.data.delimited import cells
from mlcore.errors import TableError

DELIMITERS = (",", ";", "\t", "|", "^", " ")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space", "^": "caret"}
_RECORDS = 1000
_LONGEST_PREAMBLE = 20
_YEAR = re.compile(r"^\s*(19|20)\d\d\s*$")
_ALIKE = 0.95
"""Share of the rows that must be equally wide to outvote the header."""

_LOOKED_AT = 200
_TOLD = re.compile(r'"?sep=([^"\n])"?[,;\t]*\n', re.IGNORECASE)
"""The line in which Excel is told the delimiter."""

_SEVERAL = re.compile(r"\S(?: {2,}|[;\t|:])\S")

Rows = list[list[str]]
Records = list[tuple[int, list[str]]]


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How lines become cells. `skip` counts the records before the first data row; `names` are the header's cells.

    `width` is the number of cells a full record has. `header_row` is the line of the names, from 1; 0 without names.
    """

    delimiter: str
    quote: str
    header: bool
    skip: int
    names: tuple[str, ...]
    width: int
    notes: tuple[str, ...] = ()
    header_row: int = 1


def find_dialect(sample: str, choices: Choices) -> Dialect:
    """The dialect of a text whose first lines are `sample` (whole records, at least one not blank)."""
    quote, told = _quote(sample), _TOLD.match(sample)
    delimiter = choices.delimiter or (told[1] if told else _delimiter(sample, quote))
    records = _records(sample, delimiter, quote)
    rows = [cells for _, cells in records]
    above = _above(records, choices, told is not None)
    body = rows[above:]
    header = choices.header_row is not None or _has_header(body) if choices.header is None else choices.header
    names, width, notes = _names(body, header, _usual(body))
    if above:
        shown = delimiter.join(rows[0]).rstrip(delimiter)[:60]
        notes = (f"Skipped above the table: {amount(above, 'line')}, the first is {shown!r}.", *notes)
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        header=header,
        skip=above + header,
        names=names,
        width=width,
        notes=(*notes, *_doubts(body, header, width)),
        header_row=records[above][0] if header else 0,
    )


def _above(records: Records, choices: Choices, told: bool) -> int:
    """How many records stand above the table."""
    rows = [cells for _, cells in records]
    if choices.header_row is None or choices.header is False:
        first = int(told and len(rows) > 1)
        return first + _preamble(rows[first:], _usual(rows[first:]))
    for place, (line, _) in enumerate(records):
        if line == choices.header_row:
            return place
    raise TableError(
        f"There is no row {choices.header_row} with names at the beginning of the file",
        remedy="Count the lines from the top of the file, blank ones too, and choose the one with the names.",
    )


def _doubts(body: Rows, header: bool, width: int) -> tuple[str, ...]:
    """Sentences about what looks as if it were meant otherwise."""
    first = body[:_LOOKED_AT]
    if width == 1 and len(first) > 1 and sum(_apart(row[0]) for row in first if row) >= 0.9 * len(first):
        return ("Read as one column, though the lines look like several: choose the delimiter if they are.",)
    if not header or len(first) < 5 or any(cells.value_like(cell) for cell in first[1]):
        return ()
    odd = [
        name
        for place, (name, cell) in enumerate(zip(first[0], first[1], strict=False))
        if cell.strip()
        and not cells.missing_like(cell)
        and _holds_values([row[place] for row in first[2:] if place < len(row)])
    ]
    named = ", ".join(repr(name) for name in odd[:3]) + (" …" if len(odd) > 3 else "")
    return (f"The second row has words where all rows below have values ({named}): a second header?",) if odd else ()


def _apart(line: str) -> bool:
    return _SEVERAL.search(line) is not None


def _holds_values(column: list[str]) -> bool:
    filled = [cell for cell in column if cell.strip()]
    return len(filled) >= 3 and all(cells.value_like(cell) or cells.missing_like(cell) for cell in filled)


def _quote(sample: str) -> str:
    """The quote mark: the apostrophe only when cells are wrapped in it and the double quote does not occur."""
    if '"' in sample:
        return '"'
    lines = [line for line in sample.split("\n")[:_RECORDS] if line]
    wrapped = sum(line.startswith("'") or line.endswith("'") for line in lines)
    return "'" if lines and wrapped > len(lines) * 0.5 and sample.count("'") % 2 == 0 else '"'


def _delimiter(sample: str, quote: str) -> str:
    """The mark that cuts the most records into the same number of cells, more than one."""
    scores = {mark: _score(_rows(sample, mark, quote), mark) for mark in DELIMITERS if mark in sample}
    best = max(scores, key=lambda mark: scores[mark], default=",")
    return best if scores.get(best, (0.0, 0))[0] > 0 else ","


def _score(rows: Rows, mark: str) -> tuple[float, int]:
    widths = Counter(len(row) for row in rows)
    width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width < 2:
        return 0.0, 0
    consistent = times / len(rows)
    if mark == " " and (consistent < 1 or not _some_numbers(rows)):
        return 0.0, 0
    first = 0.2 if abs(len(rows[0]) - width) > 1 and len(rows) > 1 else 0.0
    return consistent - first, width


def _some_numbers(rows: Rows) -> bool:
    return any(all(cells.plain_number(row[place]) for row in rows[1:]) for place in range(len(rows[0]))) and bool(
        rows[1:]
    )


def _rows(sample: str, delimiter: str, quote: str) -> Rows:
    return [cells for _, cells in _records(sample, delimiter, quote)]


def _records(sample: str, delimiter: str, quote: str) -> Records:
    """The first records that are not blank, each with the line it begins in."""
    reader = csv.reader((line + "\n" for line in sample.split("\n")), delimiter=delimiter, quotechar=quote)
    records: Records = []
    begins = 1
    try:
        for row in reader:
            if row:
                records.append((begins, row))
            begins = reader.line_num + 1
            if len(records) >= _RECORDS:
                break
    except csv.Error:
        pass  # a cell larger than the reader allows; the records before it tell enough
    return records or [(1, [sample])]


def _usual(rows: Rows) -> int:
    """The width that most records share; among equally frequent ones that of the first record."""
    widths = Counter(len(row) for row in rows[1:] or rows)
    return max(widths.items(), key=lambda item: (item[1], item[0] == len(rows[0]), item[0]))[0]


def _preamble(rows: Rows, width: int) -> int:
    """How many records stand above the table: narrower than the usual width, which most records share."""
    if width < 2 or sum(len(row) == width for row in rows) < max(2, len(rows) * 0.6):
        return 0
    first = next(place for place, row in enumerate(rows) if len(row) in (width, width - 1) and len(row) > 1)
    narrow = all(_filled(row) <= max(1, width // 2) for row in rows[:first])
    above = first if narrow else 0
    above += _padded(rows[above:], width)
    return above if above <= _LONGEST_PREAMBLE else 0


def _padded(rows: Rows, width: int) -> int:
    """How many titles, each alone in its record, stand above a full record of names: what a spreadsheet writes."""
    above = next((place for place, row in enumerate(rows) if _filled(row) > 1), 0)
    if not above or width < 3 or len(rows) < above + 3:
        return 0
    names = [cell.strip() for cell in rows[above]]
    full = len(set(names)) == len(names) == width and all(names)
    named = full and not any(cells.value_like(name) or cells.missing_like(name) for name in names)
    below = [[row[place] for row in rows[above + 1 :] if place < len(row)] for place in range(width)]
    return above if named and any(_holds_values(column) for column in below) else 0


def _filled(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _has_header(rows: Rows) -> bool:
    """A first row of words over columns of numbers is a header; a first row like all the others is not."""
    first, rest = rows[0], rows[1:]
    if not rest:
        return not any(cells.value_like(cell) for cell in first)
    against = 0
    for place, cell in enumerate(first):
        column = [row[place] for row in rest[:200] if place < len(row) and row[place].strip()]
        if not column or sum(cells.value_like(value) for value in column) < len(column) * 0.9:
            continue
        if not cells.value_like(cell) and cell.strip():
            return True
        if _YEAR.match(cell) and not all(_YEAR.match(value) for value in column):
            continue  # years are often the names of columns
        against += cells.value_like(cell)
    if against:
        return False
    return not _repeats(first, rest)


def _repeats(first: list[str], rest: Rows) -> bool:
    """Whether the cells of the first row come again below it, as values do and names do not."""
    again = sum(any(place < len(row) and row[place] == cell for row in rest) for place, cell in enumerate(first))
    return len(rest) >= 5 and again > len(first) * 0.5


def _names(rows: Rows, header: bool, width: int) -> tuple[tuple[str, ...], int, tuple[str, ...]]:
    if not header:
        note = "The first row looks like data, so the columns were numbered."
        return tuple(f"column_{place}" for place in range(1, width + 1)), width, (note,)
    names, body = rows[0], rows[1:]
    if sum(len(row) == width for row in body) < len(body) * _ALIKE:
        width = len(names)  # ragged rows: the header is a better witness than most of them
    full = [row for row in body if len(row) == width]
    if len(names) == width - 1 and full:
        if all(not row[-1].strip() for row in full):
            return tuple(names), len(names), ("Every row ends with a delimiter; the empty column was left out.",)
        note = "The header has one name less than the rows have cells; the first column was called 'row'."
        return ("row", *names), width, (note,)
    if len(names) > width and not names[-1].strip() and all(not cell.strip() for cell in names[width:]):
        names = names[:width]
    elif len(names) < width:
        names = [*names, *[""] * (width - len(names))]
    return tuple(names), len(names), ()
