"""One of several labels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.schema import Column
from mlcore.learning.tasks.task import TaskKind

FEW_LABELS = 20
FEW_SHARE = 0.05


def recognise(values: pd.Series, column: Column) -> str | None:
    """Text, or few whole numbers that each stand for many rows."""
    distinct = int(values.nunique())
    if column.kind in ("categorical", "ordinal", "boolean", "text", "identifier") or column.storage == "text":
        return f"it holds {distinct:,} different labels"
    if column.storage not in ("float", "integer") or distinct > FEW_LABELS or distinct >= FEW_SHARE * len(values):
        return None
    whole = bool(np.all(np.mod(values.to_numpy(dtype=np.float64), 1) == 0))
    return f"it holds only {distinct} different whole numbers in {len(values):,} rows" if whole else None


MULTICLASS = TaskKind(
    key="multiclass",
    title="One of several labels",
    about="Which of three or more labels a row has, with a probability for each.",
    metrics=("log_loss", "macro_f1", "balanced_accuracy"),
    recognise=recognise,
)
