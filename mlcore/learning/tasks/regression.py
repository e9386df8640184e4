"""A number."""

from __future__ import annotations

import pandas as pd

from mlcore.data.schema import Column
from mlcore.learning.tasks.task import TaskKind


def recognise(values: pd.Series, column: Column) -> str | None:
    """What is left: numbers with many different values."""
    if column.storage not in ("float", "integer"):
        return None
    return f"it is a number with {values.nunique():,} different values"


REGRESSION = TaskKind(
    key="regression",
    title="A number",
    about="How much: a number in the target's own unit, with an interval.",
    metrics=("rmse", "mae", "median_error", "r2"),
    recognise=recognise,
)
