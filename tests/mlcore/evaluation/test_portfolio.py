"""What a policy would have done: counted by hand, in money, and by who is affected."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.evaluation.cases import Cases
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.cuts import Cut
from mlcore.evaluation.policy import Lean, Policy
from mlcore.evaluation.portfolio import (
    ITS_NUMBER,
    PERSON,
    RULES_NUMBER,
    Answers,
    affected,
    answers_of,
    called,
    portfolio,
)
from mlcore.evaluation.predictions import Predictions
from tests.mlcore.evaluation.simulated import cases_of

COSTS = Costs(tp=10.0, fp=-2.0, fn=-5.0, tn=1.0)
POLICY = Policy(task="binary", labels=("no", "yes"), positive="yes", threshold=0.5, costs=COSTS)


@pytest.fixture
def people() -> Cases:
    """200 cases: scores 0.1, 0.4, 0.6, 0.9 in turn; of each score the first half of the rows is a yes."""
    score = np.tile([0.1, 0.4, 0.6, 0.9], 50)
    truth = (np.arange(200) < 100).astype(np.int64)
    values = np.column_stack([1 - score, score])
    return cases_of(
        Predictions(
            task="binary", values=values, rows=np.arange(200), labels=("no", "yes"), positive="yes", truth=truth
        )
    )


def told(prediction: list[str], flags: dict[int, list[str]]) -> dict[str, object]:
    return {
        "prediction": np.array(prediction, dtype=object),
        "flags": [flags.get(at, []) for at in range(len(prediction))],
    }


def test_answers_are_counted_with_rules_and_persons(people: Cases) -> None:
    said = ["yes" if score >= 0.5 else "no" for score in people.predictions.score]
    mine = answers_of(people, told(said, {0: ["rule:1"], 1: ["rule:2", "refer"], 2: ["refer"]}))
    assert (mine.person.sum(), mine.ruled.sum()) == (2, 2)
    made = portfolio(POLICY, people, mine, called(people, people.predictions.score >= 0.8))
    assert {line.title: round(line.share.value * 200) for line in made.lines} == {"no": 99, "yes": 99, PERSON: 2}
    assert {line.title: round(line.before.value * 200) for line in made.lines} == {"no": 150, "yes": 50, PERSON: 0}
    yes = next(line for line in made.lines if line.title == "yes")
    assert yes.right is not None
    assert yes.right.value == pytest.approx(49 / 99)
    assert yes.right.low < yes.right.value < yes.right.high


def test_money_and_moves_are_those_of_the_cases_that_change(people: Cases) -> None:
    score = people.predictions.score
    made = portfolio(POLICY, people, called(people, score >= 0.5), called(people, score >= 0.8))
    assert made.changed.value == pytest.approx(0.25)
    assert [(move.before, move.after) for move in made.moves] == [("no", "yes")]
    by_hand = 0.25 * ((10.0 + 5.0) + (-2.0 - 1.0)) / 2
    assert made.better is not None
    assert made.better.value == pytest.approx(by_hand)
    assert made.moves[0].worth.value == pytest.approx(by_hand)  # type: ignore[union-attr]
    assert made.worth is not None
    assert made.worth.value == pytest.approx(sum(line.worth.value for line in made.lines if line.worth))
    same = portfolio(POLICY, people, called(people, score >= 0.5), called(people, score >= 0.5))
    assert (same.changed.value, same.moves) == (0.0, ())


def test_parts_of_a_column_say_who_is_affected_and_small_ones_nothing(people: Cases) -> None:
    codes = np.where(np.arange(200) < 100, 0, np.where(np.arange(200) < 170, 1, 2))
    parts = Cut(column="town", labels=("A", "B", "tiny"), codes=codes)
    score = people.predictions.score
    one, other, tiny = affected(POLICY, people, called(people, score >= 0.5), called(people, score >= 0.8), parts)
    assert (one.n, tiny.n, tiny.answered, tiny.better) == (100, 30, None, None)
    assert (one.answered.value, one.before.value, one.wrong.value) == (0.5, 0.25, 0.5)  # type: ignore[union-attr]
    assert one.better.value == pytest.approx(0.25 * 15)  # type: ignore[union-attr]
    assert other.better.value < 0  # type: ignore[union-attr]


def test_without_amounts_there_is_no_money(people: Cases) -> None:
    plain = Policy(task="binary", labels=("no", "yes"), positive="yes", threshold=0.5)
    made = portfolio(
        plain, people, called(people, people.predictions.score >= 0.5), called(people, people.predictions.score >= 0.8)
    )
    assert made.worth is made.better is None
    assert all(line.worth is None for line in made.lines)


def test_numbers_cost_what_too_little_and_too_much_cost() -> None:
    truth, values = np.full(100, 10.0), np.full(100, 9.0)
    cases = cases_of(Predictions(task="regression", values=values, rows=np.arange(100), truth=truth))
    policy = Policy(task="regression", lean=Lean(under=3.0, over=1.0, shift=2.0))
    nobody, half = np.zeros(100, dtype=bool), np.arange(100) < 50
    mine = Answers(said=values + 2.0, person=nobody, ruled=half)
    made = portfolio(policy, cases, mine, Answers(said=values, person=nobody, ruled=nobody))
    assert {line.title: line.share.value for line in made.lines} == {ITS_NUMBER: 0.5, RULES_NUMBER: 0.5}
    assert made.better is not None
    assert made.better.value == pytest.approx(3.0 - 1.0)
    assert all(line.right is None for line in made.lines)
