"""Is this goal one that can be learned from this table? Said before anything is trained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mlcore.data import tables
from mlcore.data.checks.filled_after import FILLED_AFTER
from mlcore.data.checks.leak import LEAK
from mlcore.data.look import Look
from mlcore.data.outline import lineage
from mlcore.data.recipe import Recipe
from mlcore.data.schema import Column, Role, Schema
from mlcore.errors import GoalError, UserError
from mlcore.evaluation.metrics import METRICS, default_metric
from mlcore.findings import Finding
from mlcore.learning import screen
from mlcore.learning.demands import check_costs, check_names, demanded
from mlcore.learning.descent import chosen_by_target, made_from_target
from mlcore.learning.goal import Goal
from mlcore.learning.target import Target, moments_of, perfect, target_of
from mlcore.learning.tasks import guess_positive

LEAST_ROWS = 20
MOST_LABELS = 100
SEARCHED_ROWS = 50_000  # of larger tables so many are searched for columns that give the target away
NOT_LEARNED: dict[str, tuple[str, str]] = {
    "identifier": ("names the row, so a model could only learn it by heart", "Identifiers are left out"),
    "constant": ("has one value, so it tells rows apart in no way", "Constant columns are left out"),
}


@dataclass(frozen=True, kw_only=True)
class Audit:
    """A goal made complete (metric, positive label), the schema with the roles it gives, and what is worth knowing."""

    goal: Goal
    schema: Schema
    target: Target
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """How a table was made: the recipe, and the columns it started from."""

    recipe: Recipe
    inputs: Schema


def audit(table: pd.DataFrame, schema: Schema, goal: Goal, origin: Origin | None = None) -> Audit:
    """Check a goal against its table; raises `GoalError` or `ColumnError` for what only the user can mend."""
    _check_names(schema, goal)
    target = target_of(table[goal.target], goal.task)
    _check_target(target, goal)
    _check_order(table if len(target.rows) == len(table) else table.iloc[target.rows], goal)
    check_costs(goal)
    goal = _complete(goal, target)
    _check_metric(target, goal)
    asked = demanded(table, schema, target, goal)
    roles, left_out = _roles(schema, goal)
    roles, made = _without_target(roles, goal, origin)
    leaks = _leaks(table, roles, target, goal)
    hidden = {name for finding in leaks if finding.level == "stop" for name in finding.columns} - set(goal.keep)
    roles = without(roles, hidden)
    _check_directions(roles, goal)
    if not roles.features:
        raise GoalError(
            "No column is left to learn from",
            remedy="Every column is the target, excluded, an identifier, constant, or gives the target away. Bring a "
            "table with more columns, or keep one that was left out.",
        )
    return Audit(
        goal=goal,
        schema=roles,
        target=target,
        findings=(*_target_findings(target, goal), *left_out, *made, *_chosen(goal, origin), *leaks, *asked),
    )


def _check_directions(roles: Schema, goal: Goal) -> None:
    learned = {column.name for column in roles.features}
    for name in goal.monotone:
        if name not in learned:
            raise GoalError(
                f"The column {name!r} has a direction, but is left out",
                remedy="Leave its direction out, or keep the column (--keep).",
            )


def _check_names(schema: Schema, goal: Goal) -> None:
    check_names(schema, goal)
    if goal.target in goal.exclude:
        raise GoalError(f"The target {goal.target!r} is excluded", remedy="Take it off the list of excluded columns.")
    if goal.metric and goal.task not in METRICS[goal.metric].tasks:
        fitting = ", ".join(metric.key for metric in METRICS if goal.task in metric.tasks)
        raise GoalError(
            f"The metric {goal.metric} cannot score a {goal.task} task", remedy=f"Choose one of: {fitting}."
        )


def _check_target(target: Target, goal: Goal) -> None:
    where = f"column {goal.target!r}"
    if target.unreadable:
        shown = ", ".join(repr(cell) for cell in target.unreadable)
        raise GoalError(f"The target holds values that are no finite numbers: {shown}", where=where, remedy=_NUMBERS)
    if len(target.rows) + len(target.rare) == 0:
        raise GoalError("The target is empty in every row", where=where, remedy="Choose another target.")
    if goal.task == "regression":
        if len(np.unique(target.truth)) < 2:
            raise GoalError("The target has the same value in every row", where=where, remedy=_CHOOSE)
    else:
        _check_labels(target, goal, where)
    if len(target.rows) < LEAST_ROWS:
        raise GoalError(
            f"Only {len(target.rows)} rows have a usable target",
            where=where,
            remedy=f"At least {LEAST_ROWS} are needed to train and judge a model; bring more rows.",
        )


def _check_labels(target: Target, goal: Goal, where: str) -> None:
    known = len(target.labels) + len(target.rare)
    if known < 2:
        raise GoalError(f"The target has the same label in every row: {_first(target)!r}", where=where, remedy=_CHOOSE)
    if goal.task == "binary" and known > 2:
        raise GoalError(
            f"A yes-or-no target has two labels, this one has {known:,}",
            where=where,
            remedy="Choose the task 'multiclass' for labels, or 'regression' for a number.",
        )
    if not target.labels:
        raise GoalError(
            "Every label of the target occurs in one row only",
            where=where,
            remedy="It names the rows instead of sorting them. Choose another target; if it holds numbers, choose the "
            "task 'regression'.",
        )
    if len(target.labels) < 2:
        label = target.rare[0][0]
        raise GoalError(
            f"The label {label!r} occurs in one row only",
            where=where,
            remedy="A model cannot learn a label from one row and be tested on another. Bring more rows with it, or "
            "merge it with another label.",
        )
    if known > MOST_LABELS:
        raise GoalError(
            f"The target has {known:,} different labels",
            where=where,
            remedy=f"At most {MOST_LABELS} can be told apart. Merge labels, or choose another target; if they are "
            "numbers, choose the task 'regression'.",
        )
    if goal.positive is not None and goal.task == "binary" and goal.positive not in target.labels:
        shown = " or ".join(repr(label) for label in target.labels)
        raise GoalError(f"There is no label {goal.positive!r} to count as yes", where=where, remedy=f"Choose {shown}.")


_NUMBERS = "Repair these cells, or choose the task 'multiclass' to predict labels."
_CHOOSE = "There is nothing to learn from it. Choose another target, or a table in which it varies."


def _check_order(table: pd.DataFrame, goal: Goal) -> None:
    if goal.time is not None:
        moments = moments_of(table[goal.time])
        if len(np.unique(moments[np.isfinite(moments)])) < 10:
            raise GoalError(
                "The time column has fewer than 10 different readable times",
                where=f"column {goal.time!r}",
                remedy="Choose a column with dates, or train without a time column.",
            )
    if goal.group is not None and table[goal.group].nunique() < 2:
        raise GoalError(
            "The group column has only one group",
            where=f"column {goal.group!r}",
            remedy="Choose a column whose values repeat in some rows and differ in others, or train without groups.",
        )


def _complete(goal: Goal, target: Target) -> Goal:
    if goal.task == "binary" and goal.positive is None:
        goal = replace(goal, positive=guess_positive(pd.Series(target.counts, index=list(target.labels))))
    if goal.task != "binary":
        goal = replace(goal, positive=None)
    if not goal.metric and goal.costs is not None and goal.task == "binary":
        goal = replace(goal, metric="value")
    if not goal.metric:
        truth = [target.labels[code] for code in target.truth] if target.labels else target.truth
        goal = replace(goal, metric=default_metric(goal.task, truth, goal.positive))
    return goal


def _check_metric(target: Target, goal: Goal) -> None:
    """Refuse a metric that could not score even perfect predictions of this target."""
    try:
        METRICS[goal.metric].score(perfect(target, goal.task, goal.positive, goal.costs))
    except UserError as error:
        raise GoalError(error.what, where=f"column {goal.target!r}", remedy=error.remedy) from error


def _roles(schema: Schema, goal: Goal) -> tuple[Schema, tuple[Finding, ...]]:
    given: dict[str, Role] = dict.fromkeys(goal.exclude, "excluded")
    if goal.group is not None:
        given[goal.group] = "group"
    if goal.time is not None and goal.time not in goal.exclude:
        given[goal.time] = "time"
    given |= {name: "excluded" for name in (goal.weight, goal.split) if name is not None}
    given[goal.target] = "target"
    kept = {column.name for column in schema if column.role != "excluded"} | set(goal.keep)
    columns: list[Column] = []
    out: dict[str, list[str]] = {kind: [] for kind in NOT_LEARNED}
    for column in schema:
        role: Role = given.get(column.name, "feature" if column.name in kept else "excluded")
        if role == "feature" and column.kind in NOT_LEARNED and column.name not in goal.keep:
            out[column.kind].append(column.name)
            role = "excluded"
        columns.append(replace(column, role=role))
    findings = [_left_out(kind, names) for kind, names in out.items() if names]
    return Schema(columns=tuple(columns)), tuple(findings)


def _left_out(kind: str, names: list[str]) -> Finding:
    why, title = NOT_LEARNED[kind]
    return Finding(
        code=f"{kind}_left_out",
        level="note",
        title=title,
        what=f"{_some(names)} {'is' if len(names) == 1 else 'are'} not used.",
        why=f"Such a column {why}.",
        remedy="Change the column's kind, or keep it, to use it all the same.",
        columns=tuple(names),
    )


def _without_target(roles: Schema, goal: Goal, origin: Origin | None) -> tuple[Schema, tuple[Finding, ...]]:
    """The roles without features that share a raw column with the target, unless they are to be kept."""
    if origin is None:
        return roles, ()
    sources = lineage(origin.recipe, origin.inputs.names)
    target = set(sources.get(goal.target, ()))
    shared = [column.name for column in roles.features if target & set(sources.get(column.name, ()))]
    hidden = set(shared) - set(goal.keep)
    return without(roles, hidden), (made_from_target(sorted(hidden), goal.target),) if hidden else ()


def _chosen(goal: Goal, origin: Origin | None) -> tuple[Finding, ...]:
    return () if origin is None else chosen_by_target(origin.recipe, origin.inputs.names, goal.target)


def _leaks(table: pd.DataFrame, schema: Schema, target: Target, goal: Goal) -> tuple[Finding, ...]:
    """Columns that give the target away, among those that would be learned; those to keep are only watched."""
    if len(schema.features) > screen.MANY:
        named = screen.telling(table, schema.features, target) | {goal.target}
        schema = Schema(columns=tuple(column for column in schema if column.name in named))
    if len(table) > SEARCHED_ROWS:  # what gives the target away does so in every part of the table
        chosen = np.random.default_rng(0).choice(len(table), SEARCHED_ROWS, replace=False)
        table = table.iloc[np.sort(chosen)].reset_index(drop=True)
    look = Look(source=tables.source_of(table, schema), schema=schema, target=goal.target, task=goal.task)
    features = {column.name for column in schema.features} - {goal.time}  # the time of a row is known before
    told = (*LEAK.findings(look), *FILLED_AFTER.findings(look))
    found = [finding for finding in told if features & set(finding.columns)]
    return tuple(_kept(finding) if set(finding.columns) <= set(goal.keep) else finding for finding in found)


def _kept(leak: Finding) -> Finding:
    return replace(leak, level="watch", remedy="It is kept, as you asked. Leave it out if it is known only afterwards.")


def without(roles: Schema, hidden: set[str]) -> Schema:
    """The roles with these features excluded."""
    gone = {column.name for column in roles if column.name in hidden and column.role == "feature"}
    columns = (replace(column, role="excluded") if column.name in gone else column for column in roles)
    return Schema(columns=tuple(columns))


def _target_findings(target: Target, goal: Goal) -> Iterable[Finding]:
    if target.missing:
        yield Finding(
            code="target_missing",
            level="note",
            title="Rows without a target are not used",
            what=f"{target.missing:,} of {target.missing + len(target.rows):,} rows have no value of {goal.target!r}.",
            why="A model learns from rows whose answer is known.",
            remedy="Nothing to do, unless the value is missing for a reason that matters.",
            columns=(goal.target,),
        )
    if target.rare:
        yield Finding(
            code="label_left_out",
            level="stop",
            title="Labels that occur once are left out",
            what=f"{_some([label for label, _ in target.rare])} of {goal.target!r} occur in one row each.",
            why="A label seen once can be learned or tested, never both; the model will never say it.",
            remedy="Merge them with other labels, or bring more rows.",
            columns=(goal.target,),
        )


def _first(target: Target) -> str:
    return target.labels[0] if target.labels else target.rare[0][0]


def _some(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
