"""Delimiter, quote mark, header and preamble of a text table, from its first records."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

from mlcore.data.amounts import amount
from mlcore.data.choices import Choices
from mlcore.data.delimited import cells

DELIMITERS = (",", ";", "\t", "|", "^", " ")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space", "^": "caret"}
_RECORDS = 1000
_LONGEST_PREAMBLE = 20
_YEAR = re.compile(r"^\s*(19|20)\d\d\s*$")
_ALIKE = 0.95
"""Share of the rows that must be equally wide to outvote the header."""

Rows = list[list[str]]


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How lines become cells. `skip` counts the records before the first data row; `names` are the header's cells.

    `width` is the number of cells a full record has.
    """

    delimiter: str
    quote: str
    header: bool
    skip: int
    names: tuple[str, ...]
    width: int
    notes: tuple[str, ...] = ()


def find_dialect(sample: str, choices: Choices) -> Dialect:
    """The dialect of a text whose first lines are `sample` (whole records, at least one not blank)."""
    quote = _quote(sample)
    delimiter = choices.delimiter or _delimiter(sample, quote)
    rows = _rows(sample, delimiter, quote)
    width = _usual(rows)
    above = _preamble(rows, width)
    body = rows[above:]
    header = _has_header(body) if choices.header is None else choices.header
    names, width, notes = _names(body, header, width)
    if above:
        shown = delimiter.join(rows[0])[:60]
        notes = (f"Skipped above the table: {amount(above, 'line')}, the first is {shown!r}.", *notes)
    return Dialect(
        delimiter=delimiter, quote=quote, header=header, skip=above + header, names=names, width=width, notes=notes
    )


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
    reader = csv.reader(sample.split("\n"), delimiter=delimiter, quotechar=quote)
    rows: Rows = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) >= _RECORDS:
                break
    except csv.Error:
        pass  # a cell larger than the reader allows; the records before it tell enough
    return rows or [[sample]]


def _usual(rows: Rows) -> int:
    """The width that most records share; among equally frequent ones that of the first record."""
    widths = Counter(len(row) for row in rows[1:] or rows)
    return max(widths.items(), key=lambda item: (item[1], item[0] == len(rows[0]), item[0]))[0]


def _preamble(rows: Rows, width: int) -> int:
    """How many records stand above the table: narrower than the usual width, which most records share."""
    if width < 2 or sum(len(row) == width for row in rows) < max(2, len(rows) * 0.6):
        return 0
    first = next(place for place, row in enumerate(rows) if len(row) in (width, width - 1) and len(row) > 1)
    narrow = all(sum(bool(cell.strip()) for cell in row) <= max(1, width // 2) for row in rows[:first])
    return first if first <= _LONGEST_PREAMBLE and narrow else 0


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
