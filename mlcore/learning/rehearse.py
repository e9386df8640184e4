"""How the models of a goal will be judged, and whether that can work: before anything is trained."""

from __future__ import annotations

import pandas as pd

from mlcore.learning.arrange import arranged
from mlcore.learning.audit import Audit
from mlcore.learning.given import given_of
from mlcore.learning.judgeable import judged
from mlcore.learning.plan import Validation
from mlcore.learning.split import split, validation
from mlcore.learning.weights import weights_of

MOST_ROWS = 200_000
"""Larger tables are not parted for a rehearsal: the run itself says what is wrong with them."""


def validation_for(table: pd.DataFrame, checked: Audit) -> Validation:
    """How the candidates of a checked goal are judged."""
    goal, rows = checked.goal, checked.target.rows
    groups = int(table[goal.group].iloc[rows].nunique()) if goal.group is not None else None
    given = given_of(table[goal.split].iloc[rows], goal.split) if goal.split is not None else None
    return validation(len(rows), time=goal.time is not None, groups=groups, given=given)


def rehearsed(table: pd.DataFrame, checked: Audit) -> Validation:
    """The same, after a try where a column decides the rounds; `GoalError` when no model could be judged by them."""
    goal, target = checked.goal, checked.target
    planned = validation_for(table, checked)
    if len(target.rows) <= MOST_ROWS and (goal.time or goal.group or goal.split):
        usable = table.iloc[target.rows].reset_index(drop=True)
        rows, _ = arranged(usable, target, goal, checked.schema, planned.folds)
        weights = None if goal.weight is None else weights_of(usable[goal.weight], goal.weight)
        judged(split(rows, planned, 0), target, goal, planned, weights)
    return planned
