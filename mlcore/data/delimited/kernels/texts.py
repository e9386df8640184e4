"""Columns of text read, compiled: as Arrow views, so that few cells are copied."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mlcore.data.delimited.kernels.compiled import Array, Cells, compiled, eight, inlined

_INLINE = 12
"""Bytes of text that Arrow keeps in the view itself."""

_FIRST = np.array([256**size - 1 for size in range(9)], np.uint64)
"""Eight bytes of which only the first count, for so many."""


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


@compiled
def spare_bytes(cells: Cells) -> int:
    """How many bytes the cells with doubled quote marks have."""
    size = 0
    for row in range(len(cells.starts)):
        if cells.ends[row] < 0:
            size += ~cells.ends[row] - cells.starts[row]
    return size


@compiled
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
            size = unescaped(data, start, ~end, quote, spare, used)
            start, end = used, used + size
            used += size
        first, last = start, end
        if tidy:
            start, end = stripped(spare, start, end) if doubled else stripped(data, start, end)
            if start == end:
                continue
            if begins[spare[start] if doubled else data[start]] and (
                is_word(spare, start, end, letters, lengths, folded)
                if doubled
                else is_word(data, start, end, letters, lengths, folded)
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


@compiled
def only_missing(cells: Cells, missing: Words) -> bool:
    """Whether every cell is empty, or a word of `missing`."""
    for row in range(len(cells.starts)):
        start, end = cells.starts[row], cells.ends[row]
        if end < 0:
            return False
        start, end = stripped(cells.data, start, end)
        if start < end and not is_word(cells.data, start, end, missing.letters, missing.lengths, missing.folded):
            return False
    return True


@inlined
def unescaped(data: Array, start: int, end: int, quote: int, out: Array, used: int) -> int:
    """Write the cell with its doubled quote marks made one; how many bytes it has."""
    size, place = 0, start
    while place < end:
        out[used + size] = data[place]
        size += 1
        place += 2 if data[place] == quote else 1
    return size


@inlined
def _view(data: Array, start: int, end: int, buffer: int, views: Array, row: int) -> None:
    """Write one view: the length, and the text itself or its first bytes and where it stands."""
    size = end - start
    if start + 12 <= len(data):
        low: Any = size | np.int64(eight(data, start) & _FIRST[min(size, 4)]) << 32
        high: Any = np.int64(eight(data, start + 4) & _FIRST[min(max(size - 4, 0), 8)])
    else:
        low, high = _pieced(data, start, size)
    if size > _INLINE:
        high = buffer | start << 32
    views[row, 0], views[row, 1] = low, high


@inlined
def _pieced(data: Array, start: int, size: int) -> tuple[Any, Any]:
    """A view of text at the very end, where eight bytes cannot be looked at."""
    low, high = size, 0
    for place in range(min(size, 4)):
        low |= int(data[start + place]) << (32 + 8 * place)
    for place in range(4, min(size, _INLINE)):
        high |= int(data[start + place]) << (8 * place - 32)
    return low, high


@inlined
def is_word(data: Array, start: int, end: int, letters: Array, lengths: Array, folded: bool) -> bool:
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


@inlined
def _letter(letter: int, folded: bool) -> int:
    return letter + 32 if folded and 65 <= letter <= 90 else letter


@inlined
def stripped(data: Array, start: int, end: int) -> tuple[int, int]:
    """The cell without the spaces of any script around it."""
    if start < end and 32 < data[start] < 128 and 32 < data[end - 1] < 128:
        return start, end
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


@inlined
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
