"""Reasons for whole files: the sentences of the screen, a few thousand rows at a time."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pandas as pd

from mlcore.explanation.explain import explain_rows
from mlcore.explanation.labelled import labelled
from mlcore.explanation.sentences import reasons
from mlcore.learning.model import Model

CHUNK = 5_000


def reasons_for(
    model: Model, table: pd.DataFrame, top: int, titles: Mapping[str, str], *, seconds: float | None = None
) -> pd.DataFrame:
    """`reason_1` to `reason_<top>` for every row of the prepared table, with columns under their titles.

    In about `seconds`, if they suffice for a comparison with a few background rows; None: with all of them.
    """
    ends = time.monotonic() + (seconds or 0.0)
    parts = []
    for start in range(0, len(table), CHUNK):
        left = None if seconds is None else (ends - time.monotonic()) * min(1.0, CHUNK / (len(table) - start))
        made = explain_rows(model, table.iloc[start : start + CHUNK], seconds=left)
        parts.append(reasons(labelled(made, titles), top))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
