"""What a policy would have done with the cases at hand: how many get which answer, in money, and who is affected.

Beside another way to decide, case by case. Every case was answered by a model that had not seen it. A case that goes to
a person counts in money with the model's answer, as if the person took that advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.evaluation.binning import wilson
from mlcore.evaluation.cases import Cases
from mlcore.evaluation.cuts import Cut
from mlcore.evaluation.fairness import LEAST
from mlcore.evaluation.policy import Policy
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.evaluation.worth import Mask, Sure, mean_of

PERSON = "A person decides"
ITS_NUMBER, RULES_NUMBER = "The model's number", "A rule's number"
MOST_MOVES = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """What one way to decide does with m cases.

    `said` is (m,): the code of the label that is said, or the number to act on; where a person decides, the model's
    advice. `person` and `ruled` mark the cases that go to a person, and those that a rule answers.
    """

    said: Floats | Integers
    person: Mask
    ruled: Mask


@dataclass(frozen=True, kw_only=True)
class Line:
    """The cases that get one answer: their `share` of all, and `before` in the other way to decide; how often the
    answer is `right`; what they bring, a case of all (None: no amounts, or no such case)."""

    title: str
    share: Sure
    before: Sure
    right: Sure | None = None
    worth: Sure | None = None


@dataclass(frozen=True, kw_only=True)
class Move:
    """Cases that get another answer than before: their `share` of all, and what that brings, a case of all."""

    before: str
    after: str
    share: Sure
    worth: Sure | None = None


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """What would have been done with `n` rows, a line an answer.

    `changed` is the share of cases that get another answer than before. `worth` of a case, and how much `better` that
    is than before; None without amounts.
    """

    n: int
    lines: tuple[Line, ...]
    moves: tuple[Move, ...]
    changed: Sure
    worth: Sure | None = None
    better: Sure | None = None


@dataclass(frozen=True, kw_only=True)
class Affected:
    """A part of a column: its `n` rows, the share of them that gets `answered` (yes, or another answer than before),
    the same `before`, the share of `wrong` answers, and how much `better` a case of it fares in money.

    A part that is too small has no numbers.
    """

    label: str
    n: int
    answered: Sure | None = None
    before: Sure | None = None
    wrong: Sure | None = None
    wrong_before: Sure | None = None
    better: Sure | None = None


def answers_of(cases: Cases, told: Mapping[str, Any]) -> Answers:
    """What a policy does, from the columns that `ruling.obeyed` gives."""
    flags: list[list[str]] = list(told["flags"])
    person = np.array([bool({"refer", "abstain"}.intersection(codes)) for codes in flags], dtype=bool)
    ruled = np.array([any(code.startswith("rule:") for code in codes) for codes in flags], dtype=bool)
    said = np.asarray(told.get("decision", told["prediction"]))
    if cases.predictions.task != "regression":
        place = {label: code for code, label in enumerate(cases.predictions.labels)}
        said = np.array([place[str(label)] for label in said], dtype=np.int64)
    return Answers(said=said, person=person, ruled=ruled)


def called(cases: Cases, yes: Mask) -> Answers:
    """What is done when these cases are called yes, and the others no."""
    positive = cases.predictions.positive_index
    nobody = np.zeros(len(yes), dtype=bool)
    return Answers(said=np.where(yes, positive, 1 - positive), person=nobody, ruled=nobody)


def portfolio(policy: Policy, cases: Cases, mine: Answers, before: Answers) -> Portfolio:
    """What these answers do beside those before; amounts are those of the policy."""
    names, now, then = _named(cases), _places(cases, mine), _places(cases, before)
    worth, worth_before = _worth(policy, cases, mine), _worth(policy, cases, before)
    right = None if cases.predictions.task == "regression" else _right(cases, mine)
    other = _other(mine, before)
    lines = [_line(cases, (name, now == place, then == place), right, worth) for place, name in enumerate(names)]
    moves = []
    for one, another in {(int(a), int(b)) for a, b in zip(then[other], now[other], strict=True)}:
        here = other & (then == one) & (now == another)
        gain = None if worth is None or worth_before is None else mean_of(cases, here * (worth - worth_before))
        moves.append(Move(before=names[one], after=names[another], share=_share(cases, here), worth=gain))
    moves.sort(key=lambda move: (-move.share.value, move.before, move.after))
    return Portfolio(
        n=cases.n,
        lines=tuple(line for line in lines if line.share.value > 0 or line.before.value > 0),
        moves=tuple(moves[:MOST_MOVES]),
        changed=_share(cases, other),
        worth=None if worth is None else mean_of(cases, worth),
        better=None if worth is None or worth_before is None else mean_of(cases, worth - worth_before),
    )


def affected(policy: Policy, cases: Cases, mine: Answers, before: Answers, parts: Cut) -> tuple[Affected, ...]:
    """The same by the parts of a column, whose cut is aligned with the cases."""
    worth, worth_before = _worth(policy, cases, mine), _worth(policy, cases, before)
    yes = None if cases.predictions.task != "binary" else cases.predictions.positive_index
    other = _other(mine, before)
    made = []
    for code, label in enumerate(parts.labels):
        here = parts.codes == code
        units = len(np.unique(cases.units.of_row[here]))
        n = round(cases.n * float(cases.weights[here].sum() / cases.weights.sum()))
        if units < LEAST:
            made.append(Affected(label=label, n=n))
            continue
        answered = other if yes is None else (mine.said == yes) & ~mine.person
        answered_before = None if yes is None else (before.said == yes) & ~before.person
        better = None
        if worth is not None and worth_before is not None:
            better = mean_of(cases, worth - worth_before, here)
        made.append(
            Affected(
                label=label,
                n=n,
                answered=_share(cases, answered, here),
                before=None if answered_before is None else _share(cases, answered_before, here),
                wrong=_wrong(cases, mine, here),
                wrong_before=_wrong(cases, before, here),
                better=better,
            )
        )
    return tuple(made)


def _named(cases: Cases) -> tuple[str, ...]:
    labels = cases.predictions.labels
    return (*labels, PERSON) if labels else (ITS_NUMBER, RULES_NUMBER, PERSON)


def _places(cases: Cases, one: Answers) -> Integers:
    """Of each case its place in `_named`."""
    labels = len(cases.predictions.labels)
    own = one.said if labels else one.ruled
    return np.where(one.person, labels or 2, own).astype(np.int64)


def _other(mine: Answers, before: Answers) -> Mask:
    """Which cases get another answer, or the same from somebody else."""
    return np.asarray((mine.said != before.said) | (mine.person != before.person))


def _line(cases: Cases, where: tuple[str, Mask, Mask], right: Mask | None, worth: Floats | None) -> Line:
    name, here, there = where
    none = not here.any()
    return Line(
        title=name,
        share=_share(cases, here),
        before=_share(cases, there),
        right=None if none or right is None or name == PERSON else _share(cases, right, here),
        worth=None if none or worth is None else mean_of(cases, here * worth),
    )


def _right(cases: Cases, one: Answers) -> Mask:
    return np.asarray(one.said == np.asarray(cases.predictions.truth))


def _wrong(cases: Cases, one: Answers, here: Mask) -> Sure | None:
    """The share of wrong answers among those that the model or a rule gives; None where a number is predicted."""
    left = here & ~one.person
    if cases.predictions.task == "regression" or not left.any():
        return None
    return _share(cases, ~_right(cases, one), left)


def _worth(policy: Policy, cases: Cases, one: Answers) -> Floats | None:
    """What each case brings by the amounts of the policy; None where it has none."""
    truth = np.asarray(cases.predictions.truth)
    if policy.lean is not None:
        off = truth - one.said
        return np.asarray(-np.where(off > 0, policy.lean.under * off, -policy.lean.over * off))
    if policy.matrix:
        return np.asarray(
            np.asarray(policy.matrix, dtype=np.float64)[truth.astype(np.int64), one.said.astype(np.int64)]
        )
    if policy.costs is None:
        return None
    costs, yes = policy.costs, cases.predictions.positive_index
    says, is_one = one.said == yes, truth == yes
    return np.asarray(np.where(says, np.where(is_one, costs.tp, costs.fp), np.where(is_one, costs.fn, costs.tn)))


def _share(cases: Cases, part: Mask, among: Mask | None = None) -> Sure:
    """A share of cases with its interval by Wilson (1927), for which units that belong together count as one."""
    whole = np.ones(len(part), dtype=bool) if among is None else among
    weights = cases.weights * whole
    share = float(weights[part].sum() / weights.sum())
    return Sure(share, *wilson(share, float(len(np.unique(cases.units.of_row[whole])))))
