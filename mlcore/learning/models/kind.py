"""What an entry of the model catalogue is. Importing it imports no modelling library; `build` and `grow` do."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Literal, Protocol

from mlcore.evaluation.predictions import Floats, Integers, Task
from mlcore.learning.encode import Intake
from mlcore.learning.wide import WIDE
from mlcore.params import Param, Value

Family = Literal["baseline", "linear", "trees", "boosting", "neural", "neighbours", "rules", "additive", "bayes"]
ALL_TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
ANSWERS: dict[Task, str] = {"binary": "yes or no", "multiclass": "several labels", "regression": "numbers"}
NO_LIMIT_OF_ROWS, NO_LIMIT_OF_COLUMNS = 10**9, 10**6
MIDDLE = ("mae", "median_error", "mape", "smape", "rmsle")
"""Metrics that the median minimises, or comes near to."""

AIM = Param(key="aim", title="Aim for", kind="choice", default="mean", choices=("mean", "median"), help="For numbers.")
"""What predicted numbers are to be near to."""

TWEEDIE_POWER = 1.5
"""How the spread of numbers of 0 or more is taken to grow with their mean when effects multiply: between that of counts
(1) and of amounts (2)."""

COVERED = 2.0
"""Rounds times learning rate, from which on a boosted model says more than a line would: each round goes that share of
the way that is left (shrinkage: Friedman, "Greedy function approximation", Annals of Statistics 2001), together 86 %.
Of 100,000 rows LightGBM sorted worse than a line with curves with 0.06, like it with 0.8; XGBoost better with 3.4."""

MULTIPLIED = Param(
    key="log",
    title="Multiply instead of add",
    kind="switch",
    default=False,
    help="For a target of 0 or more with a long tail: effects are then shares of it, not amounts.",
)
"""The setting of boosted trees whose sum is the logarithm of the mean (Tweedie deviance, Jorgensen, JRSS B 1987)."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """One configuration worth trying. `turn` orders configurations of all kinds: expected gain per second, small first.

    `suffix` completes the candidate's key. It is tried for `tasks`, on tables of `from_rows` to `to_rows` rows only.
    Those that are `wide` take the place of all others of their kind where there are very many columns.
    """

    suffix: str = ""
    title: str = ""
    turn: int
    params: Mapping[str, Value] = field(default_factory=dict)
    from_rows: int = 0
    to_rows: int = NO_LIMIT_OF_ROWS
    tasks: tuple[Task, ...] = ALL_TASKS
    wide: bool = False

    def suits(self, task: Task, rows: int) -> bool:
        """Whether it is worth trying for such a table."""
        return task in self.tasks and self.from_rows <= rows <= self.to_rows


@dataclass(frozen=True, kw_only=True)
class Range:
    """Values of a setting among which a search near a good configuration draws: the part of what the `Param` allows
    that is worth trying on real tables. `log`: by factors, not by differences. Whole numbers where the `Param` is one.
    """

    key: str
    low: float
    high: float
    log: bool = False


@dataclass(frozen=True, kw_only=True)
class Boosting:
    """Rows to stop by while a boosted model grows, and when to stop at the latest (`time.monotonic`, None: never).

    `weight` is how much each row counts that is learned from, `held_weight` each row to stop by; None: all alike.
    """

    X: Any
    y: Floats | Integers
    until: float | None
    weight: Floats | None = None
    held_weight: Floats | None = None


class Build(Protocol):
    """Makes the unfitted estimator."""

    def __call__(self, task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any: ...


class Bound(Protocol):
    """Tells an unfitted model with which of the columns that it sees predictions must rise (1) or fall (-1)."""

    def __call__(self, model: Any, ways: Sequence[int]) -> None: ...


def bound(parameter: str, form: Callable[[Sequence[int]], Any] = list) -> Bound:
    """By a parameter that takes one number for each column."""

    def tell(model: Any, ways: Sequence[int]) -> None:
        model.set_params(**{parameter: form(ways)})

    return tell


def seen(model: Any, ways: Sequence[int]) -> None:
    """Nothing needs to be told: which way it went can be seen once it is fitted."""


@dataclass(frozen=True, kw_only=True)
class ModelKind:
    """One family of models: what it is called, what it takes in, what can be set, what is worth trying.

    `simplicity` ranks kinds by how easily a person can follow them, 1 the easiest. The limits say for which
    tables it is offered; `least_label` is the number of rows that every label must have. Of very many columns it
    learns from the `widest` that go with the target most (0: from all). `takes_sparse` says that it fits sparse rows,
    and takes what is not stored for 0.
    `grow` fits a boosted estimator with early stopping on rows held aside and returns the best number of rounds, which
    the estimator takes as its parameter `rounds`. `plant` fits an estimator of trees that do not build on each other
    (rows, truth, weights or None) until a moment (`time.monotonic`) and returns how many there are: as many as the
    estimator's parameter `rounds` asks for, or a few at least. All three are None for models that do not grow.
    `monotone` tells an estimator the directions that predictions must follow; None where it could promise nothing.
    `stock` gives, from a fitted estimator of our own, one of a library's own types that says the same: that one is
    kept. None: the estimator is of such a type itself.
    `search` has the settings that a search may change, and from where to where; what is not named stays as it is.
    `types` are full names of types, beyond those that scikit-learn and the plug-in itself define, that a fitted
    estimator of a plug-in holds.
    """

    key: str
    title: str
    family: Family
    about: str
    intake: Intake
    simplicity: int
    build: Build
    portfolio: tuple[Config, ...]
    params: tuple[Param, ...] = ()
    monotone: Bound | None = None
    search: tuple[Range, ...] = ()
    tasks: tuple[Task, ...] = ALL_TASKS
    min_rows: int = 0
    max_rows: int = NO_LIMIT_OF_ROWS
    max_columns: int = NO_LIMIT_OF_COLUMNS
    least_label: int = 0
    widest: int = 0
    takes_sparse: bool = False
    package: str = "sklearn"
    rounds: str | None = None
    grow: Callable[[Any, Any, Floats | Integers, Boosting], int] | None = None
    plant: Callable[[Any, Any, Floats | Integers, Floats | None, float], int] | None = None
    stock: Callable[[Any], Any] | None = None
    types: tuple[str, ...] = ()

    @property
    def wants_scaling(self) -> bool:
        """Whether its numbers are scaled; never for trees."""
        return self.intake in ("scaled", "sparse")

    @property
    def installed(self) -> bool:
        """Whether the package it needs is there."""
        return find_spec(self.package) is not None

    def settings(self, params: Mapping[str, Value]) -> dict[str, Value]:
        """The defaults overridden by `params`, each checked; an unknown key is a mistake."""
        known = {param.key: param for param in self.params}
        return {key: param.default for key, param in known.items()} | {
            key: known[key].checked(value) for key, value in params.items()
        }

    def enough(self, params: Mapping[str, Value]) -> int:
        """Rounds with which a boosted model is worth having; 0 for kinds that do not grow by a learning rate."""
        rate = self.settings(params).get("rate")
        if self.grow is None or not rate or self.family not in ("boosting", "additive"):
            return 0
        return math.ceil(COVERED / float(rate))

    def configurations(self, task: Task, rows: int, columns: int) -> tuple[Config, ...]:
        """Those of its portfolio that are worth trying for such a table."""
        wide = columns > WIDE and any(config.wide for config in self.portfolio)
        return tuple(config for config in self.portfolio if config.wide == wide and config.suits(task, rows))

    def unfit(self, task: Task, rows: int, columns: int, rarest: int) -> str | None:
        """Why this kind is not for such a table, in words; None when it is. `rarest` counts the rarest label's rows."""
        if task not in self.tasks:
            return f"is made for {' and '.join(ANSWERS[one] for one in self.tasks)} only"
        if not self.installed:
            return f"needs the package {self.package}, which is not installed"
        if not self.min_rows <= rows <= self.max_rows:
            most = " rows or more" if self.max_rows >= NO_LIMIT_OF_ROWS else f" to {self.max_rows:,} rows"
            return f"is meant for {self.min_rows:,}{most}, here are {rows:,}"
        if columns > self.max_columns:
            return f"is meant for at most {self.max_columns:,} columns, here are {columns:,}"
        if rarest < self.least_label:
            return f"needs {self.least_label} rows of every label, the rarest has {rarest}"
        return None
