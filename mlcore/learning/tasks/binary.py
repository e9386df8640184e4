"""Yes or no."""

from __future__ import annotations

import pandas as pd

from mlcore.data.schema import Column
from mlcore.learning.tasks.task import TaskKind


def recognise(values: pd.Series, column: Column) -> str | None:
    """Two different values."""
    del column
    return "it has two different values" if values.nunique() == 2 else None


BINARY = TaskKind(
    key="binary",
    title="Yes or no",
    about="Which of two labels a row has, with a probability.",
    metrics=("roc_auc", "average_precision", "log_loss", "brier"),
    recognise=recognise,
)
