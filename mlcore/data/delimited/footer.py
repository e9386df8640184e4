"""What stands below a table and is no row of it: totals and remarks. Said, never taken away."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

_TOTAL = re.compile(
    r"(grand |sub)?totals?\b|sum(me)?\b|gesamt|insgesamt\b|zwischensumme\b|somme\b|totale\b|suma\b|合計|合计|总计",
    re.IGNORECASE,
)
_LAST = 3
_FEWEST = 3
"""Rows a table must have for its end to look different from the rest."""


def footer_notes(table: Path) -> tuple[str, ...]:
    """A sentence when the last rows of a stored table look like a total, or the very last like a remark."""
    last = pl.scan_parquet(table, glob=False).tail(_FEWEST + 1).collect()
    if last.height <= _FEWEST or last.width < 2:
        return ()
    firsts = [_first(row) for row in last.rows()[-_LAST:]]
    total = next((first for first in firsts if isinstance(first, str) and _TOTAL.match(first)), None)
    if total is not None:
        place = "The last row" if total == firsts[-1] else "One of the last rows"
        return (f"{place} begins with {total[:40]!r}: filter it out if it sums up the others.",)
    cells = [value for value in last.rows()[-1] if value is not None]
    if len(cells) == 1 and cells[0] == last.rows()[-1][0] and isinstance(cells[0], str) and len(cells[0].split()) >= 3:
        return (f"The last row has only one cell, {cells[0][:40]!r}: filter it out if it is a remark.",)
    return ()


def _first(row: tuple[object, ...]) -> object:
    return next((value for value in row if value is not None), None)
