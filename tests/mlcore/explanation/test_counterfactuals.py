"""Counterfactuals: each scores as promised, alone and anew; limits are kept; nothing is found where nothing is."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.errors import ColumnError, RowError, UserError
from mlcore.evaluation.policy import Policy, Rule
from mlcore.explanation.answers import Found, Wanted, judge
from mlcore.explanation.counterfactuals import counterfactuals
from mlcore.explanation.likeness import Seen
from mlcore.explanation.moves import Limit, plain
from mlcore.learning.model import Model
from tests.mlcore.explanation.models import model_of, people

Looked = Callable[[str, int, int], Found]
AGE = "Alter [Jahre]"
FAMILIES = {"linear": 1.0}, {"forest": 1.0}, {"lightgbm": 1.0}, {"histogram": 0.5, "linear": 0.5}


@cache
def table() -> pd.DataFrame:
    return people(500)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Models of a task and a family, each fitted once, with the rows they were fitted on."""
    folder = tmp_path_factory.mktemp("models")

    @cache
    def of(task: str, family: int) -> Seen:
        model = model_of(folder / f"{task}{family}", table(), task, FAMILIES[family])
        model.scorer.spec.setdefault("interval", {"low": -1.0, "high": 1.0})
        return Seen(model, table())

    return of


def row(at: int) -> dict[str, Any]:
    return table()[[AGE, "job", "town", "since"]].iloc[at].to_dict()


def said(model: Model, found: Found, at: int) -> pd.DataFrame:
    """What the model says about an answer after it went through JSON, as a page or the service would send it."""
    plain = records.to_json(found.answers[at].row)
    return model.scorer.frame(pd.DataFrame([plain]))


def wanted(task: str, model: Model, at: int) -> Wanted:
    """Another answer than the row has."""
    now = model.scorer.frame(pd.DataFrame([row(at)])).iloc[0]
    if task == "regression":
        return Wanted(low=float(now["prediction"]) + 300)
    other = next(label for label in model.labels if label != now["prediction"])
    return Wanted(label=other, probability=0.6 if at % 2 and task == "binary" else None)


@pytest.fixture(scope="module")
def looked(made: Any) -> Looked:
    """What is found for another answer of a row, looked for once: most tests ask about one answer only."""

    @cache
    def of(task: str, family: int, at: int) -> Found:
        seen = made(task, family)
        return counterfactuals(seen.model, row(at), wanted(task, seen.model, at), seen, seconds=60)

    return of


QUICK = [("binary", 0), ("multiclass", 2), ("regression", 2), ("binary", 1)]
FULL = [(task, family) for task in ("binary", "multiclass", "regression") for family in range(len(FAMILIES))]


@pytest.mark.slow
@pytest.mark.parametrize(("task", "family"), FULL)
def test_every_answer_of_every_family_scores_again_as_promised(
    made: Any, looked: Looked, task: str, family: int
) -> None:
    assert sum(promised(made(task, family), task, at, looked(task, family, at)) for at in range(3)) >= 3


@pytest.mark.slow
@pytest.mark.parametrize(("task", "family"), QUICK)
def test_every_answer_scores_again_as_promised_and_changes_only_what_it_says(
    made: Any, looked: Looked, task: str, family: int
) -> None:
    assert promised(made(task, family), task, 0, looked(task, family, 0)) >= 1


def promised(seen: Seen, task: str, at: int, found: Found) -> int:
    """How many answers were found for this row; every one is held to its promise."""
    asked, before = wanted(task, seen.model, at), seen.likeness(pd.DataFrame([row(at)]))[0]
    for place, one in enumerate(found.answers):
        frame = said(seen.model, found, place)
        assert judge(seen.model, asked, frame)[1].all()
        assert str(frame["prediction"].iloc[0]) == str(one.said["prediction"])
        start = {name: plain(value) for name, value in row(at).items()}
        assert one.row == {**start, **{change.column: change.after for change in one.changes}}
        assert all(change.before != change.after for change in one.changes)
        assert one.likeness.distance <= max(one.likeness.limit, before.distance)
    columns = [{change.column for change in one.changes} for one in found.answers]
    assert all(columns)
    assert not any(a <= b for at, b in enumerate(columns) for a in columns[:at])
    return len(found.answers)


def test_no_change_of_an_answer_can_be_taken_back(made: Any, looked: Looked) -> None:
    seen = made("binary", 1)
    for at in range(2):
        asked = wanted("binary", seen.model, at)
        for one in looked("binary", 1, at).answers:
            for change in one.changes if len(one.changes) > 1 else ():
                back = pd.DataFrame([{**one.row, change.column: change.before}])
                assert not judge(seen.model, asked, seen.model.scorer.frame(back))[1].any()


@pytest.mark.slow
def test_limits_are_kept(made: Any) -> None:
    seen = made("regression", 2)
    limits = [
        Limit(column="job", fixed=True),
        Limit(column="town", fixed=True),
        Limit(column=AGE, direction="up", step=5.0, high=60.0),
        Limit(column="since", direction="down"),
    ]
    changed: set[str] = set()
    for at in range(2):
        start = {**row(at), AGE: 30.0}
        value = float(seen.model.scorer.frame(pd.DataFrame([start]))["prediction"].iloc[0])
        for asked in (Wanted(low=value + 100), Wanted(high=value - 100)):
            for one in counterfactuals(seen.model, start, asked, seen, limits=limits, seconds=20).answers:
                for change in one.changes:
                    changed.add(change.column)
                    if change.column == AGE:
                        assert 30 < change.after <= 60
                        assert (change.after - 30) % 5 == 0
                    else:
                        assert pd.Timestamp(change.after) < pd.Timestamp(change.before)
    assert changed == {AGE, "since"}


def test_where_nothing_helps_none_is_found_and_it_says_how_hard_it_was_looked_for(made: Any) -> None:
    seen = made("regression", 2)
    found = counterfactuals(seen.model, row(0), Wanted(low=1e9), seen, seconds=20)
    assert found.answers == ()
    assert found.tried > 100
    assert found.sentence.startswith(f"None found among {found.tried:,} variants in 4 columns")
    fixed = [Limit(column=name, fixed=True) for name in row(0)]
    none = counterfactuals(seen.model, row(0), Wanted(low=1e9), seen, limits=fixed)
    assert none.sentence == "None found: no column may change within these limits."


def test_a_row_that_has_the_answer_needs_no_change(made: Any) -> None:
    seen = made("binary", 0)
    now = str(seen.model.scorer.frame(pd.DataFrame([row(3)]))["prediction"].iloc[0])
    found = counterfactuals(seen.model, row(3), Wanted(label=now), seen)
    assert found.already
    assert "nothing has to change" in found.sentence


def test_the_same_question_gets_the_same_answer(made: Any, looked: Looked) -> None:
    seen, once = made("multiclass", 2), looked("multiclass", 2, 0)
    again = counterfactuals(seen.model, row(0), wanted("multiclass", seen.model, 0), seen, seconds=60)
    assert once.answers
    assert once.answers == again.answers
    assert once.tried == again.tried


def test_no_time_is_said_and_what_was_found_is_still_right(made: Any) -> None:
    seen = made("binary", 1)
    asked = wanted("binary", seen.model, 2)
    found = counterfactuals(seen.model, row(2), asked, seen, seconds=0.0)
    assert found.late
    assert "time was up" in found.sentence
    assert all(judge(seen.model, asked, said(seen.model, found, at))[1].all() for at in range(len(found.answers)))


@pytest.mark.slow
def test_a_rule_of_the_policy_counts(made: Any) -> None:
    seen = made("binary", 0)
    model = seen.model
    rule = Rule(column="job", op="is", value="nurse", then="no", why="agreed")
    try:
        model.scorer.obey(records.to_json(Policy(task="binary", labels=model.labels, positive="yes", rules=(rule,))))
        start = {**row(0), "job": "nurse"}
        free = counterfactuals(model, start, Wanted(label="yes"), seen, seconds=20)
        assert free.answers
        assert all("job" in {change.column for change in one.changes} for one in free.answers)
        held = [Limit(column="job", fixed=True)]
        assert counterfactuals(model, start, Wanted(label="yes"), seen, limits=held, seconds=20).answers == ()
    finally:
        model.scorer.obey(None)


def test_answers_survive_json(looked: Looked) -> None:
    found = looked("binary", 1, 0)
    again = records.from_json(Found, records.to_json(found))
    assert again.sentence == found.sentence
    assert [one.changes for one in again.answers] == [one.changes for one in found.answers]
    assert [one.likeness for one in again.answers] == [one.likeness for one in found.answers]


@pytest.mark.parametrize(
    ("asked", "limits", "error", "words"),
    [
        (Wanted(label="maybe"), [], UserError, "never says 'maybe'"),
        (Wanted(label="yes", probability=1.5), [], UserError, "probability"),
        (Wanted(label="yes"), [Limit(column="shoe")], ColumnError, "shoe"),
        (Wanted(label="yes"), [Limit(column="job", direction="up")], UserError, "holds words"),
        (Wanted(label="yes"), [Limit(column=AGE, step=-1.0)], UserError, "cannot be meant"),
        (Wanted(label="yes"), [Limit(column=AGE, low=5.0, high=1.0)], UserError, "wrong way round"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence(
    made: Any, asked: Wanted, limits: list[Limit], error: type[UserError], words: str
) -> None:
    seen = made("binary", 0)
    no = next(at for at in range(30) if seen.model.scorer.frame(pd.DataFrame([row(at)]))["prediction"].iloc[0] == "no")
    with pytest.raises(error, match=words):
        counterfactuals(seen.model, row(no), asked, seen, limits=limits)


def test_a_missing_column_or_bounds_without_a_number_are_a_sentence(made: Any) -> None:
    seen = made("regression", 2)
    short = {name: value for name, value in row(0).items() if name != "town"}
    with pytest.raises(RowError, match="lacks the column 'town'"):
        counterfactuals(seen.model, short, Wanted(low=0.0), seen)
    with pytest.raises(UserError, match="No number is wanted"):
        counterfactuals(seen.model, row(0), Wanted(), seen)
    with pytest.raises(UserError, match="wrong way round"):
        counterfactuals(seen.model, row(0), Wanted(low=2.0, high=1.0), seen)
    with pytest.raises(UserError, match="No number is wanted"):
        counterfactuals(seen.model, row(0), Wanted(low=float("inf")), seen)


def test_numbers_are_written_as_the_column_writes_them(made: Any) -> None:
    seen = made("regression", 2)
    value = float(seen.model.scorer.frame(pd.DataFrame([{**row(1), AGE: 30.0}]))["prediction"].iloc[0])
    held = [Limit(column=name, fixed=True) for name in ("job", "town", "since")]
    ages = [
        change.after
        for asked in (Wanted(low=value + 50), Wanted(high=value - 50))
        for one in counterfactuals(seen.model, {**row(1), AGE: 30.0}, asked, seen, limits=held, seconds=20).answers
        for change in one.changes
    ]
    assert ages
    assert all(np.isclose(age, round(age, 1), atol=1e-9) for age in ages)
