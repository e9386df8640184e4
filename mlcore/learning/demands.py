"""What a goal asks for beyond target and metric, checked against the table before anything is trained."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.amounts import percent
from mlcore.data.schema import Schema
from mlcore.errors import ColumnError, GoalError
from mlcore.findings import Finding
from mlcore.learning import monotone
from mlcore.learning.durations import said
from mlcore.learning.given import given_of
from mlcore.learning.goal import Goal
from mlcore.learning.target import Target, moments_of
from mlcore.learning.weights import class_weights, weights_of

LEAST_EFFECTIVE = 0.1
MANY = 0.05


def check_names(schema: Schema, goal: Goal) -> None:
    """Every column that the goal names must be there, and none may serve twice; raises what the user can mend."""
    special = {"target": goal.target, "time": goal.time, "group": goal.group, "weight": goal.weight}
    special["split"] = goal.split
    named = {what: name for what, name in special.items() if name is not None}
    for name in (*named.values(), *goal.exclude, *goal.keep):
        if name not in schema:
            raise ColumnError(name, schema.names)
    served: dict[str, str] = {}
    for what, name in named.items():
        first = served.setdefault(name, what)
        if first != what:
            raise GoalError(
                f"{name!r} is both the {first} and the {what} column", remedy="Choose another for one of them."
            )


def demanded(table: pd.DataFrame, schema: Schema, target: Target, goal: Goal) -> tuple[Finding, ...]:
    """What is worth knowing about weights, order and groups; `GoalError` for what cannot be done as it was asked."""
    if goal.class_weight is not None:
        if goal.task == "regression":
            raise GoalError("A number has no labels to weigh", remedy="Leave the class weights out.")
        class_weights(goal.class_weight, target.labels)
    if goal.split is not None:
        given_of(table[goal.split].iloc[target.rows], goal.split)
    _check_gap(table, target, goal)
    if goal.recent is not None and not 0 <= goal.recent < np.inf:
        raise GoalError(
            f"The half-life cannot be {goal.recent:g}", remedy="Give a length of time, such as 90d, or none."
        )
    if goal.recent and goal.time is None:
        raise GoalError("Recent rows cannot be told without a column that orders them", remedy="Name it, or none.")
    return (
        *_distorted(goal),
        *_weights(table, target, goal),
        *_order(table, target, goal),
        *monotone.check(table, schema, target, goal),
    )


def check_costs(goal: Goal) -> None:
    """`GoalError` when nothing can be decided by the costs."""
    if goal.costs is None:
        return
    if goal.task != "binary":
        raise GoalError("Costs of right and wrong answers are for a yes or no", remedy="Leave the costs out.")
    if not goal.costs.finite:
        raise GoalError("A cost is not a finite number", remedy="Give every outcome an amount you would pay.")
    if not goal.costs.sensible:
        raise GoalError(
            "By these costs a wrong answer is worth as much as a right one, so every row would get the same answer",
            remedy="A right yes must be worth more than a missed one, and a right no more than a false yes.",
        )


def _distorted(goal: Goal) -> tuple[Finding, ...]:
    if goal.costs is None or goal.class_weight is None:
        return ()
    return (
        Finding(
            code="costs_and_class_weights",
            level="watch",
            title="Class weights move the probabilities that costs are set against",
            what=f"By the costs it says yes from a probability of {percent(goal.costs.threshold)}.",
            why="That is right for probabilities that are shares; with class weights they are not.",
            remedy="Leave the class weights out: the costs do what they are meant for.",
        ),
    )


def _check_gap(table: pd.DataFrame, target: Target, goal: Goal) -> None:
    if not goal.gap:
        return
    if not 0 < goal.gap < np.inf:
        raise GoalError(f"The gap cannot be {goal.gap:g}", remedy="Give a length of time above 0, such as 7d.")
    if goal.time is None:
        raise GoalError("A gap in time needs a column that orders the rows", remedy="Name it, or train without a gap.")
    moments = moments_of(table[goal.time].iloc[target.rows])
    known = moments[np.isfinite(moments)]
    if goal.gap >= np.ptp(known):
        span, asked = _length(table, goal, float(np.ptp(known))), _length(table, goal, goal.gap)
        raise GoalError(
            f"A gap of {asked} leaves nothing to learn from, as all rows lie within {span}",
            where=f"column {goal.time!r}",
            remedy="Choose a gap much shorter than that, or none.",
        )


def _length(table: pd.DataFrame, goal: Goal, length: float) -> str:
    return f"{length:g}" if pd.api.types.is_numeric_dtype(table[goal.time].dtype) else said(length)


def _order(table: pd.DataFrame, target: Target, goal: Goal) -> tuple[Finding, ...]:
    """Rows whose place in the order is not known, and groups that are none."""
    found: list[Finding] = []
    if goal.time is not None:
        gone = int((~np.isfinite(moments_of(table[goal.time].iloc[target.rows]))).sum())
        if gone:
            found.append(_undated(goal.time, gone, len(target.rows)))
    if goal.group is not None and table[goal.group].iloc[target.rows].is_unique:
        found.append(_alone(goal.group))
    return tuple(found)


def _undated(column: str, gone: int, rows: int) -> Finding:
    return Finding(
        code="time_missing",
        level="watch" if gone > MANY * rows else "note",
        title="Rows without a time count as the oldest",
        what=f"{gone:,} of {rows:,} rows have no time in {column!r}.",
        why="Where they belong is not known; as the oldest they are learned from, and never judged on first.",
        remedy="Fill in the time, or leave these rows out, if they are not old.",
        columns=(column,),
    )


def _alone(column: str) -> Finding:
    return Finding(
        code="groups_of_one",
        level="watch",
        title="Every row is a group of its own",
        what=f"No value of {column!r} comes twice.",
        why="Keeping groups together then changes nothing.",
        remedy="Choose the column whose equal values belong together, such as a customer, or train without groups.",
        columns=(column,),
    )


def _weights(table: pd.DataFrame, target: Target, goal: Goal) -> tuple[Finding, ...]:
    if goal.weight is None:
        return ()
    weights = weights_of(table[goal.weight].iloc[target.rows], goal.weight)
    if target.labels:
        counted = np.bincount(target.truth.astype(np.int64), weights=weights, minlength=len(target.labels))
        if not counted.all():
            label = target.labels[int(counted.argmin())]
            raise GoalError(
                f"Every row of the label {label!r} has the weight 0, so it would never be learned",
                where=f"column {goal.weight!r}",
                remedy="Give some of its rows a weight above 0, or leave these rows out of the table.",
            )
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    if effective >= LEAST_EFFECTIVE * len(weights):
        return ()
    return (
        Finding(
            code="weights_uneven",
            level="watch",
            title="A few rows outweigh all others",
            what=f"By {goal.weight!r}, {len(weights):,} rows count as much as {effective:,.0f} of equal weight would.",
            why="Models learn from these few rows almost alone, so they depend on them.",
            remedy="Limit the largest weights if that is not meant.",
            columns=(goal.weight,),
        ),
    )
