"""Columns of text that repeat their values read, compiled: each value once, and a number for it in every row."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mlcore.data.delimited.kernels.compiled import Array, Cells, compiled, eight, inlined
from mlcore.data.delimited.kernels.texts import Words, is_word, stripped, unescaped

_FIRST = np.array([256**size - 1 for size in range(9)], np.uint64)
"""Eight bytes of which only the first count, for so many."""

_SLOTS = 1024
_EIGHT, _FOLD = 8, np.uint64(32)
_START, _FACTOR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


class Codes(NamedTuple):
    """A number for each row; which are present, as bits; the values one after the other, and where each ends.

    All present bits are zero at first, and so is the first end. `values` have room for `value_bytes`.
    """

    codes: Array
    present: Array
    values: Array
    ends: Array
    hashes: Array


@compiled
def value_bytes(cells: Cells) -> int:
    """Room for all values of the cells, and for looking at eight bytes at once."""
    size = 0
    for row in range(len(cells.starts)):
        end = cells.ends[row]
        size += (~end if end < 0 else end) - cells.starts[row]
    return size + _EIGHT


@compiled
def plain(cells: Cells, quote: int, out: Cells) -> None:
    """Copy the cells, those with doubled quote marks as they are meant."""
    used = 0
    for row in range(len(cells.starts)):
        start, end = cells.starts[row], cells.ends[row]
        out.starts[row] = used
        if end < 0:
            used += unescaped(cells.data, start, ~end, quote, out.data, used)
        else:
            for place in range(start, end):
                out.data[used] = cells.data[place]
                used += 1
        out.ends[row] = used


@compiled
def codes(cells: Cells, missing: Words, out: Codes) -> tuple[int, int, int]:
    """Number the values as they come: how many there are, words for "no value", cells around which spaces were removed.

    What is a value is as `texts` has it when it tidies. No cell may hold doubled quote marks.
    """
    # Taken out of their tuples here: in the loop that would cost more than the work itself.
    data, starts, ends = cells.data, cells.starts, cells.ends
    numbers, present, values, value_ends = out.codes, out.present, out.values, out.ends
    slots, hashes = np.full(_SLOTS, -1, np.int32), out.hashes
    letters, lengths, begins, folded = missing.letters, missing.lengths, missing.begins, missing.folded
    known, used, words, spaces = 0, 0, 0, 0
    for row in range(len(starts)):
        if starts[row] == ends[row]:
            continue
        start, end = stripped(data, starts[row], ends[row])
        size = end - start
        if size == 0:
            continue
        spaces += size != ends[row] - starts[row]
        if begins[data[start]] and is_word(data, start, end, letters, lengths, folded):
            words += 1
            continue
        mixed, most = _hash(data, start, end), len(slots) - 1
        slot = np.int64(mixed) & most
        code = int(slots[slot])
        while code >= 0:
            first = value_ends[code]
            alike = hashes[code] == mixed and value_ends[code + 1] - first == size
            if alike and (size <= _EIGHT or _same(data, start, values, first, size)):
                break
            slot = (slot + 1) & most
            code = int(slots[slot])
        if code < 0:
            code = slots[slot] = known
            hashes[known] = mixed
            known += 1
            for place in range(start, end):
                values[used] = data[place]
                used += 1
            value_ends[known] = used
            if known > most >> 1:
                slots = _wider(slots, hashes, known)
        numbers[row] = code
        present[row >> 3] |= 1 << (row & 7)
    return known, words, spaces


@inlined
def _wider(slots: Array, hashes: Array, known: int) -> Array:
    """More slots for the values known so far: few at first stay close at hand."""
    wider = np.full(len(slots) * 4, -1, np.int32)
    for code in range(known):
        slot = np.int64(hashes[code]) & (len(wider) - 1)
        while wider[slot] >= 0:
            slot = (slot + 1) & (len(wider) - 1)
        wider[slot] = code
    return wider


@inlined
def _hash(data: Array, start: int, end: int) -> Any:
    """A number that is another for every text of the same length up to eight bytes, and nearly so for longer ones."""
    mixed, place = np.uint64(end - start) * _START, start
    while place < end:
        mixed ^= _piece(data, place, end)
        mixed = (mixed ^ mixed >> _FOLD) * _FACTOR
        mixed ^= mixed >> _FOLD
        place += _EIGHT
    return mixed


@inlined
def _same(data: Array, start: int, other: Array, first: int, size: int) -> bool:
    for place in range(0, size, _EIGHT):
        if _piece(data, start + place, start + size) != _piece(other, first + place, first + size):
            return False
    return True


@inlined
def _piece(data: Array, place: int, end: int) -> Any:
    """Up to eight bytes as a number, the first one lowest."""
    if place + _EIGHT <= len(data):
        return eight(data, place) & _FIRST[min(end - place, _EIGHT)]
    held = np.uint64(0)
    for step in range(min(end - place, _EIGHT)):
        held |= np.uint64(data[place + step]) << np.uint64(8 * step)
    return held
