"""The kinds of question that can be asked of a target, in the order in which they are recognised."""

from __future__ import annotations

import pandas as pd

from mlcore.data.labels import positive_of
from mlcore.data.schema import Column
from mlcore.errors import GoalError
from mlcore.evaluation.predictions import Task
from mlcore.learning.tasks.binary import BINARY
from mlcore.learning.tasks.multiclass import MULTICLASS
from mlcore.learning.tasks.regression import REGRESSION
from mlcore.learning.tasks.task import TaskKind
from mlcore.registry import Catalogue

TASKS: Catalogue[TaskKind] = Catalogue("task", (BINARY, MULTICLASS, REGRESSION))


def guess_task(values: pd.Series, column: Column) -> tuple[Task, str]:
    """The most likely task of a target, and the reason in words; a `GoalError` for a date."""
    known = values.dropna()
    for task in TASKS:
        reason = task.recognise(known, column)
        if reason is not None:
            return task.key, reason
    raise GoalError(
        f"The column {column.name!r} holds dates, which cannot be predicted as they are",
        remedy="Choose another target, or turn the dates into a number, such as the days until they come.",
    )


def guess_positive(counts: pd.Series) -> str:
    """Which of two labels means "yes", from their numbers of rows by label: a word for yes, else the rarer one."""
    return positive_of({str(label): int(count) for label, count in counts.items()})


__all__ = ["TASKS", "TaskKind", "guess_positive", "guess_task"]
