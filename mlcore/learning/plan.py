"""The plan of a run: everything needed to do it again and get the same leaderboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from mlcore import records
from mlcore.data.outline import needed
from mlcore.data.recipe import EMPTY, Recipe
from mlcore.data.schema import Column, Schema
from mlcore.learning.goal import Goal
from mlcore.params import Value

Method = Literal["folds", "repeated folds", "one split", "forward in time", "group folds", "given split", "given folds"]


@dataclass(frozen=True, kw_only=True)
class Validation:
    """How candidates are judged, and what is locked away.

    `holdout` is the number of rows never used for selection (0: none). `reason` says why this was chosen.
    """

    method: Method
    folds: int
    repeats: int = 1
    holdout: int = 0
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One model to try: a key of the model catalogue with its parameters. `key` is unique in the run.

    `rows` is the most training rows it learns from (0: all). `parent` is the key of the candidate that it varies.
    """

    key: str
    model: str
    title: str
    params: Mapping[str, Value] = field(default_factory=dict)
    rows: int = records.added(0)
    parent: str = records.added("")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A goal, how to judge, what to try, how long and from which seed. `schema` has the roles the goal gives.

    `recipe` is what made the table, and `inputs` the columns it was made from (None: the table is as it came).
    With `search` the time that the candidates leave goes into variations of the leaders. Without `trend` models are not
    told how late a date is, only where in the calendar.
    """

    goal: Goal
    schema: Schema
    fingerprint: str
    validation: Validation
    candidates: tuple[Candidate, ...]
    seconds: float
    seed: int = 0
    search: bool = records.added(True)
    trend: bool = records.added(True)
    recipe: Recipe = EMPTY
    inputs: Schema | None = None

    @cached_property
    def id(self) -> str:
        """Equal for two plans exactly when their content is equal."""
        return records.identity(self)

    @property
    def asked(self) -> tuple[Column, ...]:
        """The columns that a row to score must have: those learned from, or those they are made from."""
        if self.inputs is None:
            return self.schema.features
        names = needed(self.recipe, [column.name for column in self.schema.features], self.inputs.names).columns
        return tuple(self.inputs[name] for name in names)
