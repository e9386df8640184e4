"""A block of text cut into cells, compiled.

A block is UTF-8, holds whole records and ends with a line end. `cut` finds where each cell starts and ends; an end is
stored as `~end` when the cell holds doubled quote marks.
"""

from __future__ import annotations

import numpy as np

from mlcore.data.delimited.kernels.compiled import AT_ONCE, Array, beyond_ascii, compiled, inlined, lowest, marked

STRAY, KEPT, SHORT, ASIDE, BLANK, TRAILING, SKIPPED, PLACES = range(8)
"""Places in what `cut` returns; from PLACES on the numbers of the first five records set aside."""

_NEWLINE = 10


@compiled
def last_end(data: Array, quote: int, before: int) -> int:
    """Where the last whole record ends, with so many quote marks `before`; 0 when none does."""
    quotes = before
    for place in range(len(data)):
        quotes += data[place] == quote
    for place in range(len(data) - 1, -1, -1):
        if data[place] == _NEWLINE and quotes & 1 == 0:
            return place + 1
        quotes -= data[place] == quote
    return 0


@compiled
def line_ends(data: Array) -> int:
    """How many bytes end a line, those in quoted cells as well: no fewer than there are records."""
    found = 0
    for place in range(len(data)):
        found += data[place] == _NEWLINE
    return found


@compiled
def is_utf8(data: Array) -> bool:
    """Whether the bytes are UTF-8 as the standard has it: no longer forms than needed, no surrogates."""
    place, size = 0, len(data)
    while place < size:
        if place + AT_ONCE <= size:
            beyond = beyond_ascii(data, place)
            place += lowest(beyond) if beyond else AT_ONCE
            if not beyond:
                continue
        letter = int(data[place])
        if letter < 0x80:
            place += 1
            continue
        more = 1 if 0xC2 <= letter < 0xE0 else 2 if 0xE0 <= letter < 0xF0 else 3 if 0xF0 <= letter < 0xF5 else 0
        if more == 0 or place + more >= size:
            return False
        low = 0xA0 if letter == 0xE0 else 0x90 if letter == 0xF0 else 0x80
        high = 0x9F if letter == 0xED else 0x8F if letter == 0xF4 else 0xBF
        if not low <= data[place + 1] <= high:
            return False
        for further in range(2, more + 1):
            if data[place + further] & 0xC0 != 0x80:
                return False
        place += more + 1
    return True


@compiled
def cut(data: Array, marks: tuple[int, int], skip: int, starts: Array, ends: Array) -> Array:
    """Fill `starts` and `ends` (width, records); `marks` are delimiter and quote mark, `skip` records are no data."""
    found, place, waiting = np.zeros(PLACES + 5, np.int64), 0, 0
    while place < len(data):
        if data[place] == _NEWLINE:
            place += 1
            waiting += skip == 0
            continue
        row = -1 if skip else found[KEPT]
        place, width, surplus = _record(data, place, marks, row, starts, ends)
        if place < 0:
            found[STRAY] = 1
            return found
        if skip:
            skip -= 1
            found[SKIPPED] += 1
            continue
        found[BLANK] += waiting
        waiting = 0
        if surplus:
            found[ASIDE] += 1
            if found[ASIDE] <= 5:
                found[PLACES + found[ASIDE] - 1] = found[KEPT] + found[ASIDE]
        else:
            found[SHORT] += width < len(starts)
            for column in range(width, len(starts)):
                starts[column, row] = ends[column, row] = 0
            found[KEPT] += 1
    found[TRAILING] = waiting
    return found


@inlined
def _record(
    data: Array, place: int, marks: tuple[int, int], row: int, starts: Array, ends: Array
) -> tuple[int, int, bool]:
    """Where the next record begins (-1: a stray quote mark), its cells, and whether surplus ones hold something."""
    mark, quote = marks
    column, surplus = 0, False
    while True:
        first = start = place
        if data[place] == quote:
            start = place + 1
            place, doubled = _closing(data, start, quote)
            if place < 0 or (data[place + 1] != mark and data[place + 1] != _NEWLINE):
                return -1, 0, False
            end = ~place if doubled else place
            place += 1
        else:
            place = _next(data, place, mark, quote, _NEWLINE)
            if data[place] == quote:
                return -1, 0, False
            end = place
        if row >= 0 and column < len(starts):
            starts[column, row], ends[column, row] = start, end
        elif place > first:
            surplus = True
        column += 1
        place += 1
        if data[place - 1] == _NEWLINE:
            return place, column, surplus


@inlined
def _closing(data: Array, place: int, quote: int) -> tuple[int, bool]:
    """The place of the closing quote mark (-1: none), and whether doubled ones stand before it."""
    doubled = False
    while True:
        place = _next(data, place, quote, quote, quote)
        if place + 1 >= len(data):
            return -1, doubled
        if data[place + 1] == quote:
            doubled = True
            place += 2
        else:
            return place, doubled


@inlined
def _next(data: Array, place: int, one: int, other: int, third: int) -> int:
    """The first place from here on where one of three bytes stands; the end when none does."""
    while place + AT_ONCE <= len(data):
        found = marked(data, place, one, other, third)
        if found:
            return place + int(lowest(found))
        place += AT_ONCE
    while place < len(data) and data[place] != one and data[place] != other and data[place] != third:
        place += 1
    return place
