"""What a training is expected to take, told before it and when it begins."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from mlcore.data.dataset import Dataset
from mlcore.data.load import read_table
from mlcore.errors import GoalError, UserError
from mlcore.learning.estimate import Estimate, shape_of
from mlcore.learning.goal import Goal
from mlcore.workspace.expected import expected

LOG = logging.getLogger("mlcore.estimate")
Tell = Callable[[float, str], None]


def expectation(dataset: Dataset, goal: Goal, seconds: float, models: Sequence[str] | None) -> Estimate:
    """What training takes on this machine; reads the target and group columns only."""
    names = [goal.target] if goal.group is None else [goal.target, goal.group]
    read = read_table(dataset, names)
    if not read[goal.target].notna().any():
        raise GoalError("The target is empty in every row", remedy="Choose another target.")
    groups = None if goal.group is None else int(read[goal.group].nunique())
    shape = shape_of(dataset.schema, goal, read[goal.target], seconds=seconds, groups=groups)
    return expected(shape, goal, seconds=seconds, models=models)


def foretelling(dataset: Dataset, goal: Goal, seconds: float, models: Sequence[str] | None, tell: Tell) -> Tell:
    """`tell` that logs what is to be expected when training begins; of what is refused before, nothing is."""
    told: list[Estimate] = []
    with suppress(UserError):
        told.append(expectation(dataset, goal, seconds, models))

    def both(progress: float, message: str) -> None:
        if told and message.startswith("Training"):
            with suppress(IndexError):  # another lane was quicker
                _say(told.pop())
        tell(progress, message)

    return both


def _say(told: Estimate) -> None:
    LOG.info("%s", told.sentence)
    if told.warning:
        LOG.warning("%s", told.warning)
