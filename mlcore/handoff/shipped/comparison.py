"""How far apart two tables of predictions are. Shared by verify.py and by whoever made this bundle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

TOLERANCE = 1e-9
LARGEST = 2.0**62  # whole numbers up to here are written as such


def difference(expected: pd.DataFrame, got: pd.DataFrame) -> float:
    """The largest distance between two tables of predictions; infinite when a text or the shape differs.

    Numbers are compared relative to their size where they are above 1.
    """
    if list(expected.columns) != list(got.columns) or len(expected) != len(got):
        return float("inf")
    return max((float(_gaps(expected[name], got[name]).max(initial=0.0)) for name in expected.columns), default=0.0)


def by_output(expected: pd.DataFrame, got: pd.DataFrame) -> list[dict[str, Any]]:
    """The same for each output: `column`, `difference` (None: infinite) and `rows`, how many lie beyond TOLERANCE.

    Of an output that is not there, or of a table with another number of rows, every row counts.
    """
    found = []
    for name in expected.columns:
        comparable = name in got.columns and len(got) == len(expected)
        gaps = _gaps(expected[name], got[name]) if comparable else np.full(len(expected), np.inf)
        worst = float(gaps.max(initial=0.0))
        shown = worst if np.isfinite(worst) else None
        found.append({"column": str(name), "difference": shown, "rows": int((gaps > TOLERANCE).sum())})
    return found


def as_written(table: pd.DataFrame) -> pd.DataFrame:
    """The table as a person would write it to CSV: whole numbers without a decimal point, also beside gaps."""
    floats = table.select_dtypes("float64")
    cells = floats.to_numpy()
    known = ~np.isnan(cells)
    whole = (~known | ((cells % 1 == 0) & (np.abs(cells) < LARGEST))).all(axis=0)
    words = np.full((len(table), int(whole.sum())), None, dtype=object)  # all columns in one piece: many are quick
    words[known[:, whole]] = cells[:, whole][known[:, whole]].astype(np.int64)
    written = pd.DataFrame(words, index=table.index, columns=floats.columns[whole])
    return pd.concat([table.drop(columns=written.columns), written], axis=1)[list(table.columns)]


def _gaps(expected: pd.Series, got: pd.Series) -> Any:
    """The distance in each row: of texts 0 or infinite."""
    if not pd.api.types.is_numeric_dtype(expected):
        same = np.array(_words(expected), dtype=object) == np.array(_words(got), dtype=object)
        return np.where(same, 0.0, np.inf)
    one = expected.to_numpy(dtype=np.float64, na_value=np.nan)
    two = pd.to_numeric(got, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        gaps = np.abs(one - two) / np.maximum(1.0, np.abs(one))
    gaps = np.where(np.isnan(one) & np.isnan(two) | (one == two), 0.0, gaps)
    return np.where(np.isnan(gaps), np.inf, gaps)


def _words(values: pd.Series) -> list[str]:
    return ["" if pd.isna(value) else str(value) for value in values]
