"""Columns of plain numbers and dates read, compiled: a column of a block at a time.

They claim only what leaves no doubt and raise a flag for everything else, so that the careful way can look at that
column.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlcore.data.delimited.kernels.compiled import Array, Cells, compiled, eight, inlined, lowest

UNCLEAR, FRACTION, LONG, MARKS, CERTAIN, ZERO = 1, 2, 4, 8, 16, 32
"""Flags of `numbers`: a cell is no plain number, is not whole, needs a longer reading; is no plain number and has a
point or comma; has a point that cannot stand between thousands; begins with a zero before another digit.
"""

_MINUS, _PLUS, _POINT, _COMMA, _ZERO, _COLON, _T, _E = 45, 43, 46, 44, 48, 58, 84, 101
_DIGITS = 15
"""Whole numbers of so many digits are below 2**53."""

_ONE, _HALF, _BYTE = np.uint64(1), np.uint64(4), np.uint64(8)
_ONES, _HIGHEST, _POINTS, _ZEROS = (np.uint64(each * 0x0101010101010101) for each in (0x01, 0x80, 0x2E, 0x30))
_SIXES, _THREES, _UPPER, _LOWER = (np.uint64(each * 0x0101010101010101) for each in (0x06, 0x33, 0xF0, 0x0F))
_PAIRS, _FOURS = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF)
_TENS, _HUNDREDS, _THOUSANDS = np.uint64(10 << 8 | 1), np.uint64(100 << 16 | 1), np.uint64(10_000 << 32 | 1)
"""For eight digits at once: https://lemire.me/blog/2022/01/21/swar-explained-parsing-eight-digits"""

_EXACT = 2**53
_POWERS = 10.0 ** np.arange(23)


@compiled
def numbers(cells: Cells, wholes: Array, floats: Array, whole: bool, present: Array) -> int:
    """Read plain numbers into `wholes` or `floats`; returns flags. Empty cells are not present."""
    data, starts, ends = cells.data, cells.starts, cells.ends
    flags = 0
    for row in range(len(starts)):
        start, end = starts[row], ends[row]
        if start == end:
            continue
        negative = end > 0 and data[start] == _MINUS
        first, digits, power = start + negative, -1, 0
        if 0 < end - first <= 8 and first + 8 <= len(data):
            digits, power = _short(eight(data, first), end - first)
        if digits < 0:
            flag, digits, power = _long(data, start, first, end)
        else:
            certain = end - first - 1 + power > 3 or power != -3
            flag = (FRACTION | (CERTAIN if certain else 0)) if power else 0
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


@inlined
def _long(data: Array, start: int, first: int, end: int) -> tuple[int, int, int]:
    """Flags, digits and power of ten of any cell such as 123456789.50 or 3e-05; the digits are from `first` on."""
    if end < 0:
        return UNCLEAR | MARKS, 0, 0
    digits, place = _whole(data, first, end)
    size = place - first
    if size > 1 and data[first] == _ZERO:
        return _doubt(data, start, end) | ZERO, 0, 0
    if size == 0 or size > _DIGITS:
        return _doubt(data, start, end), 0, 0
    if place == end:
        return 0, digits, 0
    digits, power, long, place = _fraction(data, place, end, digits)
    certain = size > 3 or power != -3
    if 0 <= place < end and data[place] | 32 == _E:
        raised, place = _exponent(data, place + 1, end)
        power += raised
        if raised + size > _DIGITS or raised < -280:
            place = -1
    if place != end:
        return _doubt(data, start, end), 0, 0
    flags = FRACTION | (CERTAIN if certain else 0) | (LONG if long or abs(power) > 22 else 0)
    return flags, digits, power


@inlined
def _short(held: Any, size: int) -> tuple[Any, int]:
    """Digits and power of ten of up to eight bytes such as 12 or 12.50, read all at once; -1 when they are no such."""
    first, power, whole = held & np.uint64(0xFF), 0, size
    points = held ^ _POINTS
    points = (points - _ONES) & ~points & _HIGHEST
    point = lowest(np.int64(points)) >> 3 if points else size
    if point < size:
        if point == 0 or point == size - 1:
            return -1, 0
        bits = np.uint64(8 * point)
        held = held & ((_ONE << bits) - _ONE) | held >> bits >> _BYTE << bits
        whole, power, size = point, point + 1 - size, size - 1
    if whole > 1 and first == _ZERO:
        return -1, 0
    held = held << np.uint64(64 - 8 * size) | _ZEROS >> _BYTE >> np.uint64(8 * size - 8)
    if held & _UPPER | (held + _SIXES & _UPPER) >> _HALF != _THREES:
        return -1, 0
    pairs = (held & _LOWER) * _TENS >> _BYTE
    fours = (pairs & _PAIRS) * _HUNDREDS >> np.uint64(16)
    return np.int64((fours & _FOURS) * _THOUSANDS >> np.uint64(32)), power


@inlined
def _whole(data: Array, place: int, end: int) -> tuple[int, int]:
    """The digits before the point (one more than can be exact at most), and where they end."""
    digits, last = 0, min(end, place + _DIGITS + 1)
    while place < last and _is_digit(data[place]):
        digits = digits * 10 + (data[place] - _ZERO)
        place += 1
    return digits, place


@inlined
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


@inlined
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


@inlined
def _is_digit(letter: int) -> bool:
    return _ZERO <= letter <= _ZERO + 9


@inlined
def _doubt(data: Array, start: int, end: int) -> int:
    """The flags of a cell that is no plain number: could it tell how fractions are written?"""
    for place in range(start, end):
        if data[place] == _COMMA or data[place] == _POINT:
            return UNCLEAR | MARKS
    return UNCLEAR


@compiled
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


@inlined
def _digits(data: Array, start: int, end: int) -> int:
    """The number these digits make; far below zero when one is none."""
    value = 0
    for place in range(start, end):
        if not _is_digit(data[place]):
            return -(10**9)
        value = value * 10 + (data[place] - _ZERO)
    return value


@inlined
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


@inlined
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
