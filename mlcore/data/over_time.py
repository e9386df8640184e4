"""How a table runs in time: rows per hour, day, week, month or year, and each column's mean or share in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Unit = Literal["hour", "day", "week", "month", "year"]

_DAY = 86_400.0
_LONGEST: tuple[tuple[Unit, float], ...] = (("hour", 3), ("day", 93), ("week", 731), ("month", 7306))
"""The longest span, in days, for which each unit is taken; beyond, years."""

_MOST = 300


@dataclass(frozen=True, kw_only=True)
class Periods:
    """The periods of a table: when each starts (seconds since 1970), and how many rows fall into it.

    `column` is the column of time; `undated` counts the rows without one. Periods without rows are there too. When
    there are more than 300, they are the last ones, and `before` counts the rows that are older.
    """

    column: str
    unit: Unit
    starts: tuple[float, ...]
    rows: tuple[int, ...]
    undated: int = 0
    before: int = 0


@dataclass(frozen=True, kw_only=True)
class TimeLine:
    """One column in each period: `values` are the mean, or the share of rows with the value `of`.

    None where the period has no value. `missing` are shares; empty when the column has no gaps.
    """

    values: tuple[float | None, ...]
    of: str = ""
    missing: tuple[float | None, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Timed:
    """The periods with each row's place in them, -1 for a row that lies in none."""

    periods: Periods
    place: NDArray[np.int32]


def timed(column: str, moments: NDArray[np.float64]) -> Timed | None:
    """Put the rows of a table into periods by their moments (seconds since 1970); None without two periods."""
    known = ~np.isnan(moments)
    if not known.any():
        return None
    low, high = float(moments[known].min()), float(moments[known].max())
    unit: Unit = next((unit for unit, days in _LONGEST if high - low <= days * _DAY), "year")
    number = np.full(len(moments), -1, dtype=np.int64)
    number[known] = _numbers(moments[known], unit)
    first, last = int(number[known].min()), int(number[known].max())
    if first == last:
        return None
    begin = max(first, last - _MOST + 1)
    place = np.where(known & (number >= begin), number - begin, -1).astype(np.int32)
    counts = np.bincount(place[place >= 0], minlength=last - begin + 1)
    periods = Periods(
        column=column,
        unit=unit,
        starts=tuple(_start(at, unit) for at in range(begin, last + 1)),
        rows=tuple(counts.tolist()),
        undated=int((~known).sum()),
        before=int((known & (number < begin)).sum()),
    )
    return Timed(periods=periods, place=place)


def line(timed: Timed, values: NDArray[np.float64], gone: NDArray[np.bool_], of: str = "") -> TimeLine:
    """The mean of the values in each period; of ones and zeros it is the share of the value `of`."""
    inside = timed.place >= 0
    present = inside & ~gone
    width = len(timed.periods.starts)
    counts = np.bincount(timed.place[present], minlength=width)
    sums = np.bincount(timed.place[present], weights=values[present], minlength=width)
    missing: tuple[float | None, ...] = ()
    if gone.any():
        every = np.array(timed.periods.rows)
        missing = _shown(every - counts, every)
    return TimeLine(values=_shown(sums, counts), of=of, missing=missing)


def _shown(sums: NDArray[np.float64] | NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[float | None, ...]:
    return tuple(float(f"{total / n:.6g}") if n else None for total, n in zip(sums, counts, strict=True))


def _numbers(moments: NDArray[np.float64], unit: Unit) -> NDArray[np.int64]:
    """The number of the period of each moment; periods that follow each other have numbers that do."""
    if unit in ("month", "year"):
        return moments.astype("datetime64[s]").astype(f"datetime64[{unit[0].upper()}]").astype(np.int64)
    if unit == "week":  # 1970 began on a Thursday, weeks on a Monday
        return np.floor((moments / _DAY + 3) / 7).astype(np.int64)
    return np.floor(moments / (_DAY if unit == "day" else 3600.0)).astype(np.int64)


def _start(number: int, unit: Unit) -> float:
    if unit in ("month", "year"):
        return float(np.datetime64(number, unit[0].upper()).astype("datetime64[s]").astype(np.int64))  # type: ignore[call-overload]
    return (number * 7 - 3) * _DAY if unit == "week" else number * (_DAY if unit == "day" else 3600.0)
