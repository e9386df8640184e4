"""The plan of a run: everything needed to do it again and get the same leaderboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mlcore import records
from mlcore.data.schema import Schema
from mlcore.learning.goal import Goal
from mlcore.params import Value

Method = Literal["folds", "repeated folds", "one split", "forward in time", "group folds"]


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
    """One model to try: a key of the model catalogue with its parameters. `key` is unique in the plan."""

    key: str
    model: str
    title: str
    params: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A goal, how to judge, what to try, how long and from which seed. `schema` has the roles the goal gives."""

    goal: Goal
    schema: Schema
    fingerprint: str
    validation: Validation
    candidates: tuple[Candidate, ...]
    seconds: float
    seed: int = 0

    @property
    def id(self) -> str:
        """Equal for two plans exactly when their content is equal."""
        return records.identity(self)
