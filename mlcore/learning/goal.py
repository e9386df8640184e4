"""What to predict, and how success is judged: agreed before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mlcore.evaluation.costs import Costs
from mlcore.evaluation.predictions import Task
from mlcore.learning.weights import ClassWeight
from mlcore.records import added

Direction = Literal["up", "down"]
"""Where a prediction may go when a number grows."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """The agreement with whoever asked for the model.

    `metric` is a key of the metrics catalogue. `positive` is the label that counts as "yes" (binary only).
    `time` names the column that orders the rows; `group` the one whose equal values belong together.
    Without a time column it is measured whether rows must be judged in the order of their dates, unless `at_random`
    says that they are to be dealt at random all the same.
    `exclude` are columns the model must not see; `keep` are columns kept although a finding would exclude them.
    `success` is the value of the metric that was agreed to be good enough.
    `weight` names the column that says how much a row counts while a model learns; `class_weight` says it by label.
    Scores count every row once all the same.
    `split` names the column that says which rows are learned from, judged on and locked away, or numbers the folds.
    `gap` is how much time must lie between the rows learned from and those judged on: seconds, or the unit of a time
    column that holds numbers. `monotone` names columns with which the prediction (the probability of `positive`) may
    only go up, or only down. `costs` are what right and wrong answers are worth (binary only): the metric `value` needs
    them, and the threshold from which the model says yes follows from them.
    `recent` is how much older a row is that counts half while models learn, in the unit of `gap`; 0: all count alike;
    None: measured where rows have a time.
    `owner` asked for the model; `purpose` is what its predictions are for, `not_for` what they must not be used for.
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
    weight: str | None = added(None)
    class_weight: ClassWeight | None = added(None)
    split: str | None = added(None)
    gap: float = added(0.0)
    monotone: Mapping[str, Direction] = added({})
    costs: Costs | None = added(None)
    recent: float | None = added(None)
    not_for: str = added("")

    @property
    def threshold(self) -> float | None:
        """The probability from which the model says yes by the costs; None without costs, where it is 0.5."""
        return None if self.costs is None else self.costs.threshold
