"""What is done with what a model says: thresholds, costs, rules and cases for a person, as stored beside the model.

A policy is `policy.json` in the folder of a model and in a bundle; `learning/obeying.py` obeys it on every way to
score. Nothing in it is learned from the rows that were locked away.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mlcore import records
from mlcore.errors import BundleError, UserError
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.predictions import Task

FILE = "policy.json"
FORMAT = 2
"""Format 1 had the threshold and the labels only."""

Op = Literal["is", "is not", "<", "<=", ">", ">=", "is empty"]
OPS: tuple[Op, ...] = ("is", "is not", "<", "<=", ">", ">=", "is empty")
Period = Literal["day", "week", "month", "year"]
MONTHS: Mapping[Period, float] = {"day": 12 / 365.25, "week": 12 * 7 / 365.25, "month": 1.0, "year": 12.0}
"""How many months a period has."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """An answer given whatever the model says, where a column of the raw row is as it says.

    `value` is a number for a column of numbers, text for words and times (as 2026-01-31). An empty cell fulfils only
    "is empty". `then` is a label (a number where a number is predicted); None: a person decides. `why` is told.
    """

    column: str
    op: Op
    value: str | float | None = None
    then: str | float | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Band:
    """Cases for a person: a probability of yes from `low` on and below `high`."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """How many cases called yes can be seen to in a period."""

    cases: float
    per: Period = "month"

    @property
    def monthly(self) -> float:
        """Cases a month."""
        return self.cases / MONTHS[self.per]


@dataclass(frozen=True, kw_only=True)
class GroupThresholds:
    """Another threshold for some values of a column of the raw row; all others keep that of the policy."""

    column: str
    thresholds: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """What to add to a predicted number for an interval that holds the truth in `coverage` (0-1) of cases.

    `low` and `high` count in units of the spread at that prediction: of 1, where `knots` is empty, else read off the
    line through `knots` (predicted numbers, rising) and `spread` (above 0).
    """

    coverage: float
    low: float
    high: float
    knots: tuple[float, ...] = ()
    spread: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Lean:
    """Which number to act on when too little costs `under` a unit and too much `over`: the prediction and `shift`.

    `shift` counts in units of the spread, as the interval does.
    """

    under: float
    over: float
    shift: float
    knots: tuple[float, ...] = ()
    spread: tuple[float, ...] = ()

    @property
    def quantile(self) -> float:
        """The quantile that costs least on average (the newsvendor's; Koenker and Bassett 1978)."""
        return self.under / (self.under + self.over)


@dataclass(frozen=True, kw_only=True)
class Sets:
    """The labels that cannot be ruled out: with `lac` all of a probability of at least `cut`, with `aps` the likeliest
    ones until their probabilities reach `cut`; always the likeliest. They hold the truth in `coverage` of cases."""

    coverage: float
    method: Literal["lac", "aps"]
    cut: float


@dataclass(frozen=True, kw_only=True)
class Abstain:
    """When a person decides between labels: more than `largest` cannot be ruled out, or the likeliest has a probability
    below `least`."""

    largest: int | None = None
    least: float | None = None


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is done with what a model says. What is None or empty is not asked for.

    Yes or no: `threshold` is the probability from which the answer is yes; `costs`, `currency`, `capacity` and `volume`
    (cases a month) say where it comes from; `refer` and `group_thresholds` go with it.
    Several labels: `matrix[i][j]` is what saying label j gains where label i is true.
    `wanted` describes columns that the rules or groups look at and the model does not: `name` and `kind` of each.
    """

    format: int = FORMAT
    task: Task
    labels: tuple[str, ...] = ()
    positive: str | None = None
    threshold: float | None = None
    costs: Costs | None = None
    currency: str = ""
    capacity: Capacity | None = None
    volume: float | None = None
    refer: Band | None = None
    group_thresholds: GroupThresholds | None = None
    rules: tuple[Rule, ...] = ()
    interval: Interval | None = None
    lean: Lean | None = None
    matrix: tuple[tuple[float, ...], ...] = ()
    sets: Sets | None = None
    abstain: Abstain | None = None
    wanted: tuple[Mapping[str, Any], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the raw row that it looks at."""
        named = [rule.column for rule in self.rules]
        named += [] if self.group_thresholds is None else [self.group_thresholds.column]
        return tuple(dict.fromkeys(named))


def policy_of(data: Mapping[str, Any]) -> Policy:
    """The policy of plain JSON in any format up to this one; `BundleError` for a newer one."""
    if data["format"] > FORMAT:
        raise BundleError(
            f"The decision rule has format {data['format']}, and this version reads formats up to {FORMAT}",
            remedy="Install a newer version of tablesmith.",
        )
    return records.from_json(Policy, {**data, "format": FORMAT})


def checked(policy: Policy) -> Policy:
    """The same policy; `UserError` says what in it cannot be meant."""
    for problem, remedy in (*_of_yes_or_no(policy), *_of_labels(policy), *_of_numbers(policy), *_of_rules(policy)):
        raise UserError(problem, remedy=remedy)
    return policy


def check_costs(costs: Costs) -> None:
    """`UserError` when no decision can follow from these costs."""
    if not costs.finite:
        raise UserError("A cost is not a finite number", remedy="Give every outcome an amount you would pay.")
    if not costs.sensible:
        worse = "a missed yes is worth as much as a right yes" if costs.tp <= costs.fn else ""
        worse = worse or "a false yes is worth as much as a right no"
        raise UserError(
            f"By these amounts {worse} or more, so being wrong would pay and every case would get the same answer",
            remedy="A right answer must be worth more than a wrong one, for a yes as for a no.",
        )


Problem = tuple[str, str]


def _of_yes_or_no(policy: Policy) -> list[Problem]:
    found: list[Problem] = []
    cuts = [policy.threshold] if policy.threshold is not None else []
    cuts += list(policy.group_thresholds.thresholds.values()) if policy.group_thresholds is not None else []
    if any(not (math.isfinite(cut) and cut >= 0.0) for cut in cuts):
        found.append(("A threshold is not a probability", "Give a number from 0 to 1; above 1 nothing is called yes."))
    band = policy.refer
    if band is not None and not 0.0 <= band.low < band.high <= 1.0:
        found.append(("The band for a person is empty or outside 0 to 1", "Give a lower and a higher probability."))
    amounts = (policy.volume, None if policy.capacity is None else policy.capacity.cases)
    if any(value is not None and not (math.isfinite(value) and value > 0) for value in amounts):
        found.append(("Cases a month and a capacity must be above 0", "Leave it empty where there is no limit."))
    if policy.costs is not None:
        check_costs(policy.costs)
    return found


def _of_labels(policy: Policy) -> list[Problem]:
    found: list[Problem] = []
    size = len(policy.labels)
    if policy.matrix and [len(row) for row in policy.matrix] != [size] * size:
        found.append(("The cost matrix does not have a row and a column for each label", "Fill in every cell."))
    if any(not math.isfinite(cell) for row in policy.matrix for cell in row):
        found.append(("A cost is not a finite number", "Give every cell an amount you would pay."))
    for truth, row in enumerate(policy.matrix):
        if not found and max(row) > row[truth]:
            wrong = policy.labels[row.index(max(row))]
            found.append((
                f"Saying {wrong!r} is worth more than being right where {policy.labels[truth]!r} is true",
                "A right answer must be worth at least as much as a wrong one.",
            ))  # fmt: skip
    asked = policy.abstain
    if asked is not None and asked.largest is not None and (asked.largest < 1 or policy.sets is None):
        found.append(("It cannot abstain by the labels left over", "Ask for sets of labels, and allow at least one."))
    least = None if asked is None else asked.least
    if least is not None and not 0.0 <= least <= 1.0:
        found.append(("The level below which it abstains is no probability", "Give a number from 0 to 1."))
    return found


def _of_numbers(policy: Policy) -> list[Problem]:
    found: list[Problem] = []
    shares = [part.coverage for part in (policy.interval, policy.sets) if part is not None]
    if any(not 0.5 <= share < 1.0 for share in shares):
        found.append(("The share of cases to be covered is not between 50 % and 100 %", "90 % is usual."))
    lean = policy.lean
    if lean is not None and not all(math.isfinite(one) and one > 0 for one in (lean.under, lean.over)):
        found.append(("What too little and too much cost must both be above 0", "Give what one unit costs."))
    return found


def _of_rules(policy: Policy) -> list[Problem]:
    found: list[Problem] = []
    for number, rule in enumerate(policy.rules, start=1):
        if rule.op not in OPS:
            found.append((f"Rule {number} compares by {rule.op!r}", f"Known are: {', '.join(OPS)}."))
        if rule.op != "is empty" and (rule.value is None or rule.value == ""):
            found.append((f"Rule {number} on {rule.column!r} compares with nothing", "Give a value."))
        if policy.labels and rule.then is not None and str(rule.then) not in policy.labels:
            found.append((f"Rule {number} answers {rule.then!r}", f"The labels are: {', '.join(policy.labels[:10])}."))
        if not policy.labels and isinstance(rule.then, str):
            found.append((f"Rule {number} answers {rule.then!r}", "A number is predicted: answer with one."))
    return found
