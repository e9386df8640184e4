"""How many different numbers there are: those on a grid are ticked off, others are sorted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST = 2**26
"""Places on a grid up to which they are ticked off, a byte each."""

_ROOM = 32
"""Places for each number: where numbers are few, sorting them is less work."""

_AT_ONCE = 2**15
_DAY = 86_400_000_000
"""Microseconds: dates without a time of day are as far apart."""

_PLACES = 7
"""Powers of ten tried: up to six digits behind the point."""

_FIRST = 10_000
_EXACT = 2.0**53
"""Whole numbers up to here are exact."""

Numbers = NDArray[Any]


def distinct(values: Numbers) -> int:
    """How many different numbers; zeros of both signs are one, and each that is none counts."""
    if not len(values):
        return 0
    found = _ticked(values)
    if found is None:
        ordered = np.sort(values)
        found = int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1
    return found


def _ticked(values: Numbers) -> int | None:
    """The count by ticking off the places of a grid; None when the numbers are not on one, or it is too large."""
    low, high = values.min(), values.max()
    if not (np.isfinite(low) and np.isfinite(high) and -_EXACT <= low <= high <= _EXACT):
        return None
    if values.dtype.kind == "f":
        return _decimals(values, float(low), float(high))
    step = _DAY if int(high) - int(low) >= _DAY and not np.any(values[:_FIRST] % _DAY) else 1
    first, last = int(low) // step, int(high) // step

    def placed(part: Numbers) -> Numbers | None:
        part = part.astype(np.int64, copy=False)
        whole = part if step == 1 else part // step
        return whole if step == 1 or np.array_equal(whole * step, part) else None

    return _seen(values, placed, first, last)


def _decimals(values: Numbers, low: float, high: float) -> int | None:
    """The same for numbers with few digits behind the point: each must be exactly what its digits are read as."""
    beginning = values[:_FIRST]
    scale = next((s for s in 10.0 ** np.arange(_PLACES) if np.array_equal(np.rint(beginning * s) / s, beginning)), None)
    if scale is None or max(abs(low), abs(high)) * scale > _EXACT:
        return None

    def placed(part: Numbers) -> Numbers | None:
        whole = np.rint(part * scale)
        return whole.astype(np.int64) if np.array_equal(whole / scale, part) else None

    return _seen(values, placed, int(np.rint(low * scale)), int(np.rint(high * scale)))


def _seen(values: Numbers, placed: Callable[[Numbers], Numbers | None], first: int, last: int) -> int | None:
    """The places ticked off; `placed` gives those of some numbers, None when one of them is on no place."""
    if last - first >= min(_MOST, len(values) * _ROOM):
        return None
    seen = np.zeros(last - first + 1, np.bool_)
    for start in range(0, len(values), _AT_ONCE):
        places = placed(values[start : start + _AT_ONCE])
        if places is None:
            return None
        seen[places - first] = True
    return int(np.count_nonzero(seen))
