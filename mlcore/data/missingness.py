"""Where a table has gaps: how many each column has, and which columns lack their value in the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

MOST_PATTERNS = 12


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A column with missing values, and in how many rows it has none."""

    name: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Columns that are missing together, in so many rows, with a value in every other column. None: nothing missing."""

    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True, kw_only=True)
class Missingness:
    """The gaps of a table, over all its rows.

    `gaps` are the columns that have any, most first. `patterns` are the most frequent ways in which they are missing
    together, most frequent first, of `different` ones. `complete` counts the rows without any gap.
    """

    rows: int
    complete: int
    different: int
    gaps: tuple[Gap, ...] = ()
    patterns: tuple[Pattern, ...] = ()


class Gaps:
    """Takes in the gaps of one column after the other, one bit a cell."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._pattern = np.zeros(rows, dtype=np.uint64)
        self._bits: dict[str, NDArray[np.uint8]] = {}
        self._counts: dict[str, int] = {}
        self._random = np.random.default_rng(0)

    def add(self, name: str, gone: NDArray[np.bool_]) -> None:
        """Take in a column: which of its cells are missing."""
        count = int(gone.sum())
        if count:
            self._counts[name] = count
            self._bits[name] = np.packbits(gone)
            self._pattern += gone * self._random.integers(1, 2**63, dtype=np.uint64)

    def found(self) -> Missingness:
        """What was taken in."""
        counts = pl.Series("pattern", self._pattern).value_counts(name="rows").sort(
            ["rows", "pattern"], descending=[True, False]
        )  # fmt: skip
        whole = counts.filter(pl.col("pattern") == 0)["rows"]
        patterns = [self._named(number, rows) for number, rows in counts.head(MOST_PATTERNS).iter_rows()]
        order = sorted(self._counts.items(), key=lambda pair: -pair[1])
        return Missingness(
            rows=self._rows,
            complete=int(whole[0]) if len(whole) else 0,
            different=counts.height,
            gaps=tuple(Gap(name=name, rows=rows) for name, rows in order),
            patterns=tuple(patterns) if self._counts else (),
        )

    def _named(self, number: int, rows: int) -> Pattern:
        row = int(np.argmax(self._pattern == np.uint64(number)))
        return Pattern(columns=tuple(_at(self._bits, row)), rows=int(rows))


def _at(bits: Mapping[str, NDArray[np.uint8]], row: int) -> list[str]:
    """The columns that are missing in this row."""
    byte, bit = divmod(row, 8)
    return [name for name, packed in bits.items() if packed[byte] >> (7 - bit) & 1]
