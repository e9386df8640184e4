"""Cells of a block of text cut and read, compiled: for large files, several columns at a time on several cores.

A block is UTF-8, holds whole records and ends with a line end. `cut` finds where each cell starts and ends; an end is
stored as `~end` when the cell holds doubled quote marks. The other functions read one column each. They claim only
what leaves no doubt and raise a flag for everything else, so that the careful way can look at that column.

One file on purpose: what numba keeps on disk is renewed when this file changes, not when one it imports from does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])
Array = NDArray[Any]

STRAY, KEPT, SHORT, ASIDE, BLANK, TRAILING, SKIPPED, PLACES = range(8)
"""Places in what `cut` returns; from PLACES on the numbers of the first five records set aside."""

UNCLEAR, FRACTION, LONG, MARKS, CERTAIN, ZERO = 1, 2, 4, 8, 16, 32
"""Flags of `numbers`: a cell is no plain number, is not whole, needs a longer reading; is no plain number and has a
point or comma; has a point that cannot stand between thousands; begins with a zero before another digit.
"""

_NEWLINE, _MINUS, _PLUS, _POINT, _COMMA, _ZERO, _COLON, _T, _E = 10, 45, 43, 46, 44, 48, 58, 84, 101
_DIGITS = 15
"""Whole numbers of so many digits are below 2**53."""

_EXACT = 2**53
_POWERS = 10.0 ** np.arange(23)
_INLINE = 12
"""Bytes of text that Arrow keeps in the view itself."""


class Cells(NamedTuple):
    """One column of a block: its bytes, and where each cell starts and ends."""

    data: Array
    starts: Array
    ends: Array


class Words(NamedTuple):
    """Words, one a row, their lengths, which bytes one can begin with, and whether capital letters mean the same.

    Words are in small letters when they do.
    """

    letters: Array
    lengths: Array
    begins: Array
    folded: bool


class Texts(NamedTuple):
    """Arrow string views as (n, 2) int64, all zero at first; which are present, as bits; unescaped cells."""

    views: Array
    present: Array
    spare: Array


def _compiled(function: F) -> F:
    """Compiled on first call; kept on disk for the next process where a folder can be written."""
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no folder to keep it in
        return cast(F, numba.njit(nogil=True)(function))


@_compiled
def last_end(data: Array, quote: int) -> int:
    """Where the last whole record ends; 0 when none does."""
    quotes = 0
    for place in range(len(data)):
        quotes += data[place] == quote
    for place in range(len(data) - 1, -1, -1):
        if data[place] == _NEWLINE and quotes & 1 == 0:
            return place + 1
        quotes -= data[place] == quote
    return 0


@_compiled
def is_utf8(data: Array) -> bool:
    """Whether the bytes are UTF-8 as the standard has it: no longer forms than needed, no surrogates."""
    place, size = 0, len(data)
    while place < size:
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


@_compiled
def cut(data: Array, marks: tuple[int, int], skip: int, starts: Array, ends: Array) -> Array:
    """Fill `starts` and `ends` (width, records); `marks` are delimiter and quote mark, `skip` records are no data."""
    found, place, waiting = np.zeros(PLACES + 5, np.int64), 0, 0
    special = np.zeros(256, np.bool_)
    special[marks[0]] = special[marks[1]] = special[_NEWLINE] = True
    while place < len(data):
        if data[place] == _NEWLINE:
            place += 1
            waiting += skip == 0
            continue
        row = -1 if skip else found[KEPT]
        place, width, surplus = _record(data, place, marks, special, row, starts, ends)
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


@_compiled
def _record(
    data: Array, place: int, marks: tuple[int, int], special: Array, row: int, starts: Array, ends: Array
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
            while not special[data[place]]:
                place += 1
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


@_compiled
def _closing(data: Array, place: int, quote: int) -> tuple[int, bool]:
    """The place of the closing quote mark (-1: none), and whether doubled ones stand before it."""
    doubled = False
    while place + 1 < len(data):
        if data[place] != quote:
            place += 1
        elif data[place + 1] == quote:
            doubled = True
            place += 2
        else:
            return place, doubled
    return -1, doubled


@_compiled
def numbers(cells: Cells, wholes: Array, floats: Array, whole: bool, present: Array) -> int:
    """Read plain numbers into `wholes` or `floats`; returns flags. Empty cells are not present."""
    data, starts, ends = cells.data, cells.starts, cells.ends
    flags = 0
    for row in range(len(starts)):
        start, end = starts[row], ends[row]
        if start == end:
            continue
        flag, digits, power, negative = _number(data, start, end)
        flags |= flag
        if flag & (UNCLEAR | LONG):
            continue
        if whole:
            wholes[row] = -digits if negative else digits
        else:
            value = digits / _POWERS[-power] if power < 0 else digits * _POWERS[power]
            floats[row] = -value if negative else value
        present[row >> 3] |= 1 << (row & 7)
    return flags


@_compiled
def _number(data: Array, start: int, end: int) -> tuple[int, int, int, bool]:
    """Flags, digits, power of ten and sign of one cell such as -12.50 or 3e-05."""
    if end < 0:
        return UNCLEAR | MARKS, 0, 0, False
    negative = data[start] == _MINUS
    first = start + negative
    digits, place = _whole(data, first, end)
    size = place - first
    if size > 1 and data[first] == _ZERO:
        return _doubt(data, start, end) | ZERO, 0, 0, False
    if size == 0 or size > _DIGITS:
        return _doubt(data, start, end), 0, 0, False
    if place == end:
        return 0, digits, 0, negative
    digits, power, long, place = _fraction(data, place, end, digits)
    certain = size > 3 or power != -3
    if 0 <= place < end and data[place] | 32 == _E:
        raised, place = _exponent(data, place + 1, end)
        power += raised
        if raised + size > _DIGITS or raised < -280:
            place = -1
    if place != end:
        return _doubt(data, start, end), 0, 0, False
    flags = FRACTION | (CERTAIN if certain else 0) | (LONG if long or abs(power) > 22 else 0)
    return flags, digits, power, negative


@_compiled
def _whole(data: Array, place: int, end: int) -> tuple[int, int]:
    """The digits before the point (one more than can be exact at most), and where they end."""
    digits, last = 0, min(end, place + _DIGITS + 1)
    while place < last and _is_digit(data[place]):
        digits = digits * 10 + (data[place] - _ZERO)
        place += 1
    return digits, place


@_compiled
def _fraction(data: Array, place: int, end: int, digits: int) -> tuple[int, int, bool, int]:
    """All digits, the power of ten, whether they are too many, and where they end (-1: a point without digits)."""
    if data[place] != _POINT:
        return digits, 0, False, place
    first, power, long = place + 1, 0, False
    place += 1
    while place < end and _is_digit(data[place]):
        if digits < _EXACT // 16:
            digits = digits * 10 + (data[place] - _ZERO)
            power -= 1
        else:
            long = True
        place += 1
    return digits, power, long, place if place > first else -1


@_compiled
def _exponent(data: Array, place: int, end: int) -> tuple[int, int]:
    """The power of ten after an e, and where it ends; a power that nothing has when there is none."""
    negative = place < end and data[place] == _MINUS
    place += place < end and (data[place] == _MINUS or data[place] == _PLUS)
    first, raised = place, 0
    while place < end and _is_digit(data[place]) and place - first < 4:
        raised = raised * 10 + (data[place] - _ZERO)
        place += 1
    if place == first:
        return 9999, place
    return (-raised if negative else raised), place


@_compiled
def _is_digit(letter: int) -> bool:
    return _ZERO <= letter <= _ZERO + 9


@_compiled
def _doubt(data: Array, start: int, end: int) -> int:
    """The flags of a cell that is no plain number: could it tell how fractions are written?"""
    for place in range(start, end):
        if data[place] == _COMMA or data[place] == _POINT:
            return UNCLEAR | MARKS
    return UNCLEAR


@_compiled
def moments(cells: Cells, values: Array, present: Array) -> int:
    """Read 2024-02-29 and 2024-02-29 23:59:59.5 (or T) as microseconds since 1970; UNCLEAR when a cell is neither."""
    data, starts, ends = cells.data, cells.starts, cells.ends
    for row in range(len(starts)):
        start, end = starts[row], ends[row]
        if start == end:
            continue
        day = _day(data, start, end)
        second = 0 if end - start == 10 else _time(data, start + 10, end)
        if day is None or second is None:
            return UNCLEAR
        values[row] = day * 86_400_000_000 + second
        present[row >> 3] |= 1 << (row & 7)
    return 0


@_compiled
def _digits(data: Array, start: int, end: int) -> int:
    """The number these digits make; far below zero when one is none."""
    value = 0
    for place in range(start, end):
        if not _is_digit(data[place]):
            return -(10**9)
        value = value * 10 + (data[place] - _ZERO)
    return value


@_compiled
def _day(data: Array, start: int, end: int) -> int | None:
    """Days since 1970 of a cell that begins as 2024-02-29 (Hinnant's `days_from_civil`)."""
    if end - start < 10 or data[start + 4] != _MINUS or data[start + 7] != _MINUS:
        return None
    year, month = _digits(data, start, start + 4), _digits(data, start + 5, start + 7)
    day = _digits(data, start + 8, start + 10)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if year < 1 or not 1 <= month <= 12:
        return None
    longest = (29 if leap else 28) if month == 2 else 30 if month in (4, 6, 9, 11) else 31
    if not 1 <= day <= longest:
        return None
    year -= month <= 2
    era = year // 400
    in_era = year - era * 400
    in_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + in_era * 365 + in_era // 4 - in_era // 100 + in_year - 719_468


@_compiled
def _time(data: Array, start: int, end: int) -> int | None:
    """Microseconds of " 23:59", "T23:59:59" or " 23:59:59.123456"."""
    size = end - start
    if size < 6 or (data[start] != 32 and data[start] != _T) or data[start + 3] != _COLON:
        return None
    hour, minute, second = _digits(data, start + 1, start + 3), _digits(data, start + 4, start + 6), 0
    fraction = 0
    if size > 6:
        if size < 9 or data[start + 6] != _COLON:
            return None
        second = _digits(data, start + 7, start + 9)
    if size > 9:
        if data[start + 9] != _POINT or not 11 <= size <= 16:
            return None
        fraction = _digits(data, start + 10, end) * 10 ** (16 - size)
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 and fraction >= 0):
        return None
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction


@_compiled
def spare_bytes(cells: Cells) -> int:
    """How many bytes the cells with doubled quote marks have."""
    size = 0
    for row in range(len(cells.starts)):
        if cells.ends[row] < 0:
            size += ~cells.ends[row] - cells.starts[row]
    return size


@_compiled
def texts(cells: Cells, quote: int, tidy: bool, missing: Words, out: Texts) -> tuple[int, int]:
    """Make Arrow views of the cells; how many were words for "no value", and around how many spaces were removed.

    With `tidy` spaces around a cell go and words of `missing` are not present; otherwise cells stay as they are.
    """
    # Taken out of their tuples here: in the loop that would cost more than the work itself.
    data, starts, ends = cells.data, cells.starts, cells.ends
    views, present, spare = out.views, out.present, out.spare
    letters, lengths, begins, folded = missing.letters, missing.lengths, missing.begins, missing.folded
    used, words, spaces = 0, 0, 0
    for row in range(len(starts)):
        start, end = starts[row], ends[row]
        if start == end:
            continue
        doubled = end < 0
        if doubled:
            size = _unescaped(data, start, ~end, quote, spare, used)
            start, end = used, used + size
            used += size
        first, last = start, end
        if tidy:
            start, end = _stripped(spare, start, end) if doubled else _stripped(data, start, end)
            if start == end:
                continue
            if begins[spare[start] if doubled else data[start]] and (
                _is_word(spare, start, end, letters, lengths, folded)
                if doubled
                else _is_word(data, start, end, letters, lengths, folded)
            ):
                words += 1
                spaces += last - first != end - start
                continue
        spaces += last - first != end - start
        if doubled:
            _view(spare, start, end, 1, views, row)
        else:
            _view(data, start, end, 0, views, row)
        present[row >> 3] |= 1 << (row & 7)
    return words, spaces


@_compiled
def only_missing(cells: Cells, missing: Words) -> bool:
    """Whether every cell is empty, or a word of `missing`."""
    for row in range(len(cells.starts)):
        start, end = cells.starts[row], cells.ends[row]
        if end < 0:
            return False
        start, end = _stripped(cells.data, start, end)
        if start < end and not _is_word(cells.data, start, end, missing.letters, missing.lengths, missing.folded):
            return False
    return True


@_compiled
def _unescaped(data: Array, start: int, end: int, quote: int, out: Array, used: int) -> int:
    size, place = 0, start
    while place < end:
        out[used + size] = data[place]
        size += 1
        place += 2 if data[place] == quote else 1
    return size


@_compiled
def _view(data: Array, start: int, end: int, buffer: int, views: Array, row: int) -> None:
    """Write one view: the length, and the text itself or its first bytes and where it stands."""
    size = end - start
    low, high = size, 0
    for place in range(min(size, 4)):
        low |= int(data[start + place]) << (32 + 8 * place)
    if size > _INLINE:
        high = buffer | start << 32
    else:
        for place in range(4, size):
            high |= int(data[start + place]) << (8 * place - 32)
    views[row, 0], views[row, 1] = low, high


@_compiled
def _is_word(data: Array, start: int, end: int, letters: Array, lengths: Array, folded: bool) -> bool:
    """Whether the cell is one of the words."""
    size = end - start
    for word in range(len(lengths)):
        if lengths[word] != size:
            continue
        same = 0
        while same < size and _letter(data[start + same], folded) == letters[word, same]:
            same += 1
        if same == size:
            return True
    return False


@_compiled
def _letter(letter: int, folded: bool) -> int:
    return letter + 32 if folded and 65 <= letter <= 90 else letter


@_compiled
def _stripped(data: Array, start: int, end: int) -> tuple[int, int]:
    """The cell without the spaces of any script around it."""
    while start < end:
        size = _space(data, start, end)
        if size == 0:
            break
        start += size
    while start < end:
        first = end - 1
        while first > start and data[first] & 0xC0 == 0x80:
            first -= 1
        if _space(data, first, end) != end - first:
            break
        end = first
    return start, end


@_compiled
def _space(data: Array, place: int, end: int) -> int:
    """The bytes of the white space (as Unicode has it) at this place; 0 when there is none."""
    letter = data[place]
    if letter < 0x80:
        return 1 if letter == 32 or 9 <= letter <= 13 else 0
    if letter == 0xC2 and place + 1 < end:
        return 2 if data[place + 1] in (0x85, 0xA0) else 0
    if place + 2 >= end or letter not in (0xE1, 0xE2, 0xE3):
        return 0
    code = (int(letter) & 0x0F) << 12 | (int(data[place + 1]) & 0x3F) << 6 | (int(data[place + 2]) & 0x3F)
    known = 0x2000 <= code <= 0x200A or code in (0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
    return 3 if known else 0
