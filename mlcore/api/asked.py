"""What is asked of a training in Python or on the command line, as a goal of its table."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypedDict

from mlcore.data.dataset import Dataset
from mlcore.data.load import read_table
from mlcore.data.schema import Schema
from mlcore.errors import GoalError
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Task as Kind
from mlcore.learning.demands import check_names
from mlcore.learning.durations import seconds_in
from mlcore.learning.goal import Direction, Goal
from mlcore.learning.tasks import guess_task
from mlcore.learning.weights import ClassWeight

LOG = logging.getLogger("mlcore.train")


class Options(TypedDict, total=False):
    """What can be said about a training; whatever is left out is chosen by the defaults.

    `seconds` is the budget (300). `time` names the column that orders the rows ("": none, deal them at random; left
    out: where there are dates, measure whether random rows flatter), `group` the one whose equal values belong
    together, `positive` the label that counts as yes. `exclude` are columns to leave out, `keep` columns to
    learn from although a finding would leave them out. `weight` names the column that says how much a row counts while
    models learn, `class_weight` says it by label ("balanced": every label the same). `split` names the column that says
    which rows to learn from, to judge on and to lock away, or numbers the folds; `gap` is the time between the rows
    learned from and those judged on, such as "7d". `monotone` names columns with which the prediction may only go "up",
    or only "down". `costs` are what right and wrong answers of a yes or no are worth; models are then ranked by that
    value. `recent` is how much older a row is that counts half, such as "90d" (0: all count alike; left out: measured
    where rows have a time). `owner` asked for the model, `purpose` is what its predictions are for, `not_for` what they
    must not be used for: all three stand in the model card. `models` are keys of the model catalogue, some perhaps with
    settings ("forest:trees=500"). `search` (True) uses the time that their configurations leave to vary the best of
    them. `simple` takes the simplest of the models that are as good as the best, where otherwise the best is taken.
    `fast` makes a fast version of the ensemble, when that is the best, and takes it; making it comes after the budget.
    `all_rows` hands over the same model fitted once more on all rows, after the locked ones have judged it.
    `out` is where its bundle goes: a folder, or a zip when it ends in .zip.
    """

    task: Kind | None
    metric: str | None
    seconds: float
    time: str | None
    group: str | None
    exclude: tuple[str, ...]
    keep: tuple[str, ...]
    weight: str | None
    class_weight: ClassWeight | None
    split: str | None
    gap: float | str
    monotone: Mapping[str, Direction]
    costs: Costs | None
    recent: float | str | None
    owner: str
    purpose: str
    not_for: str
    models: tuple[str, ...] | None
    search: bool
    simple: bool
    fast: bool
    all_rows: bool
    positive: str | None
    seed: int
    out: str | Path | None


def goal_of(dataset: Dataset, target: object, options: Options) -> Goal:
    """The goal that the options ask for; `GoalError` or `ColumnError` for what contradicts itself or is not there.

    Columns may be named as they stand in the file, with spaces around them that are not part of a table's names.
    """
    schema = dataset.schema
    order, recent = options.get("time"), options.get("recent")
    unordered = order == "" or (order == "none" and order not in schema)
    goal = Goal(
        target=schema[schema.named(target)].name,
        task=options.get("task") or _task(dataset, schema.named(target), options.get("metric")),
        metric=options.get("metric") or "",
        positive=options.get("positive"),
        time=None if unordered else _column(schema, order),
        at_random=unordered,
        group=_column(schema, options.get("group")),
        exclude=_columns(schema, options.get("exclude", ())),
        keep=_columns(schema, options.get("keep", ())),
        weight=_column(schema, options.get("weight")),
        class_weight=options.get("class_weight"),
        split=_column(schema, options.get("split")),
        gap=_seconds(options.get("gap", 0.0), "gap"),
        monotone={schema.named(name): way for name, way in options.get("monotone", {}).items()},
        costs=options.get("costs"),
        recent=None if recent is None else _seconds(recent, "half-life"),
        owner=options.get("owner", "").strip(),
        purpose=options.get("purpose", "").strip(),
        not_for=options.get("not_for", "").strip(),
    )
    check_names(schema, goal)
    _check_contradictions(goal)
    return goal


def _check_contradictions(goal: Goal) -> None:
    both = sorted({*goal.exclude} & {*goal.keep})
    if both:
        raise GoalError(
            f"{both[0]!r} is to be left out and to be kept", remedy="Name it once: with --exclude, or with --keep."
        )
    if goal.positive is not None and goal.task != "binary":
        raise GoalError(
            f"Only a yes or no has a label that counts as yes, and this is a {goal.task} task",
            remedy="Leave the label out (--positive), or choose the task 'binary'.",
        )


def _task(dataset: Dataset, target: str, metric: str | None) -> Kind:
    """As the target looks; a number, where only numbers can be ranked by the metric that is asked for."""
    column = dataset.schema[target]
    task, reason = guess_task(read_table(dataset, [target])[target], column)
    if metric and METRICS[metric].tasks == ("regression",) and column.storage in ("float", "integer"):
        task, reason = "regression", f"{metric} is for numbers"
    LOG.info("%s: %s", task, reason)
    return task


def _column(schema: Schema, name: object | None) -> str | None:
    return None if name is None else schema.named(name)


def _columns(schema: Schema, names: Iterable[object]) -> tuple[str, ...]:
    return tuple(schema.named(name) for name in names)


def _seconds(length: float | str, what: str) -> float:
    return seconds_in(length, what) if isinstance(length, str) else float(length)
