"""How far apart two tables of predictions are. Shared by verify.py and by whoever made this bundle."""

from __future__ import annotations

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
    worst = 0.0
    for name in expected.columns:
        if pd.api.types.is_numeric_dtype(expected[name]):
            worst = max(worst, _distance(expected[name], got[name]))
        elif _words(expected[name]) != _words(got[name]):
            return float("inf")
    return worst


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


def _distance(expected: pd.Series, got: pd.Series) -> float:
    one = expected.to_numpy(dtype=np.float64, na_value=np.nan)
    two = pd.to_numeric(got, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if bool((np.isnan(one) != np.isnan(two)).any()):
        return float("inf")
    gaps = np.abs(one - two) / np.maximum(1.0, np.abs(one))
    return 0.0 if np.isnan(gaps).all() else float(np.nanmax(gaps))


def _words(values: pd.Series) -> list[str]:
    return ["" if pd.isna(value) else str(value) for value in values]
