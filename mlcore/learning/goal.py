"""What to predict, and how success is judged: agreed before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.evaluation.predictions import Task


@dataclass(frozen=True, kw_only=True)
class Goal:
    """The agreement with whoever asked for the model.

    `metric` is a key of the metrics catalogue. `positive` is the label that counts as "yes" (binary only).
    `time` names the column that orders the rows; `group` the one whose equal values belong together.
    Without a time column it is measured whether rows must be judged in the order of their dates, unless `at_random`
    says that they are to be dealt at random all the same.
    `exclude` are columns the model must not see; `keep` are columns kept although a finding would exclude them.
    `success` is the value of the metric that was agreed to be good enough.
    """

    target: str
    task: Task
    metric: str
    positive: str | None = None
    time: str | None = None
    group: str | None = None
    exclude: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    success: float | None = None
    at_random: bool = False
    owner: str = ""
    purpose: str = ""
