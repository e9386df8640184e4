"""Which row is meant: its place in a table after a recipe, and the number by which people know it.

Row 1 is the first below the header of the table as it was imported, before any recipe; so it is in every sentence, list
and address of the app. A row that a recipe appended from another table has no such number.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def raw_rows(path: Path, rows: int) -> Any:
    """Where each of the rows of the prepared table at `path` is in the raw one; -1 for one that was appended."""
    told = path.with_name("rows.parquet")
    return pd.read_parquet(told)["row"].to_numpy() if told.is_file() else np.arange(rows)


def row_numbers(path: Path, places: Sequence[int]) -> list[int | None]:
    """The numbers of the rows at these places (from 0) of the table at `path`; None for one that was appended."""
    if not len(places):
        return []
    raw = raw_rows(path, max(places) + 1)
    return [int(raw[place]) + 1 if raw[place] >= 0 else None for place in places]


def row_named(number: int | None, place: int) -> str:
    """A row in words: its number, or where it stands after the recipe when it has none."""
    return f"{number:,}" if number is not None else f"appended ({place + 1:,} after the recipe)"
