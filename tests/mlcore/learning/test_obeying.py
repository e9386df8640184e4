from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcore.learning import obeying, scoring
from mlcore.learning.obeying import Cells, answered, bounded, holds, mass

PLAIN = {"threshold": 0.5}


def cells(**columns: list[Any]) -> Cells:
    """Columns of numbers (floats, nan empty) and of words (None empty)."""

    def of(name: str) -> tuple[str, Any]:
        values = columns[name]
        number = all(isinstance(value, float) for value in values)
        return ("number", np.array(values)) if number else ("category", np.array(values, dtype=object))

    return of


def probabilities(*yes: float) -> np.ndarray:
    return np.column_stack([1 - np.array(yes), np.array(yes)])


def said(policy: dict[str, Any], *yes: float, **columns: list[Any]) -> tuple[list[str], list[str]]:
    made = answered(policy, probabilities(*yes), ["no", "yes"], 1, cells(**columns))
    return made["prediction"].tolist(), [";".join(row) for row in made["flags"]]


def test_the_answer_is_yes_from_the_threshold_on() -> None:
    assert said({"threshold": 0.3}, 0.29, 0.3, 0.9) == (["no", "yes", "yes"], ["", "", ""])


def test_the_first_format_of_a_policy_is_obeyed() -> None:
    old = {"labels": ["no", "yes"], "positive": "yes", "threshold": 0.8}
    assert said(old, 0.7, 0.8)[0] == ["no", "yes"]
    assert said({"labels": ["no", "yes"], "positive": "yes", "threshold": None}, 0.49, 0.5)[0] == ["no", "yes"]


def test_cases_in_the_band_go_to_a_person_with_the_answer_as_advice() -> None:
    policy = PLAIN | {"refer": {"low": 0.4, "high": 0.6}}
    assert said(policy, 0.39, 0.4, 0.59, 0.6) == (["no", "no", "yes", "yes"], ["", "refer", "refer", ""])


def test_the_first_rule_that_holds_gives_the_answer_and_says_so() -> None:
    rules = [
        {"column": "age", "op": "<", "value": 18.0, "then": "no"},
        {"column": "age", "op": "<", "value": 30.0, "then": None},
        {"column": "shop", "op": "is", "value": "Bonn", "then": "yes"},
    ]
    policy = PLAIN | {"rules": rules, "refer": {"low": 0.0, "high": 1.0}}
    rows = {"age": [10.0, 20.0, 40.0, float("nan")], "shop": ["Bonn", "Bonn", "Bonn", None]}
    answers, flags = said(policy, 0.9, 0.9, 0.1, 0.1, **rows)
    assert answers == ["no", "yes", "yes", "no"]
    assert flags == ["rule:1", "rule:2;refer", "rule:3", "refer"]


def test_a_group_has_its_own_threshold_and_all_others_the_common_one() -> None:
    policy = PLAIN | {"group_thresholds": {"column": "shop", "thresholds": {"Bonn": 0.2, "3": 0.9}}}
    assert said(policy, 0.3, 0.3, 0.3, shop=["Bonn", "Ulm", None])[0] == ["yes", "no", "no"]
    assert said(policy, 0.6, 0.6, shop=[3.0, 4.0])[0] == ["no", "yes"]


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        ("is", 2.0, [False, True, False, False]),
        ("is not", 2.0, [True, False, True, False]),
        ("<", 2.0, [True, False, False, False]),
        ("<=", 2, [True, True, False, False]),
        (">", "2", [False, False, True, False]),
        (">=", 2.0, [False, True, True, False]),
        ("is empty", None, [False, False, False, True]),
    ],
)
def test_a_rule_compares_numbers_and_an_empty_cell_is_only_empty(op: str, value: Any, found: list[bool]) -> None:
    rule = {"column": "n", "op": op, "value": value}
    assert holds(rule, "number", np.array([1.0, 2.0, 3.0, np.nan])).tolist() == found


def test_a_rule_compares_words_and_days() -> None:
    words = np.array(["a", "b", None], dtype=object)
    assert holds({"op": "is not", "value": "a"}, "category", words).tolist() == [False, True, False]
    assert holds({"op": "is", "value": 7}, "category", np.array(["7", "8"], dtype=object)).tolist() == [True, False]
    days = np.array([86_400.0, 86_399.0, np.nan])
    assert holds({"op": ">=", "value": "1970-01-02"}, "time", days).tolist() == [True, False, False]
    assert holds({"op": "<", "value": "1970-01-01 23:59:59"}, "time", days).tolist() == [False, False, False]


def test_of_several_labels_the_one_that_gains_most_is_said() -> None:
    # Missing c costs 10, all other mistakes 1: from a chance of c of about one tenth on it is worth saying c.
    matrix = [[0.0, -1.0, -1.0], [-1.0, 0.0, -1.0], [-10.0, -10.0, 0.0]]
    values = np.array([[0.8, 0.15, 0.05], [0.6, 0.2, 0.2], [0.2, 0.5, 0.3]])
    made = answered({"matrix": matrix}, values, ["a", "b", "c"], None, cells())
    assert made["prediction"].tolist() == ["a", "c", "c"]
    assert answered({}, values, ["a", "b", "c"], None, cells())["prediction"].tolist() == ["a", "a", "b"]


def test_sets_hold_the_labels_that_cannot_be_ruled_out_and_always_the_likeliest() -> None:
    values = np.array([[0.5, 0.3, 0.2], [0.1, 0.85, 0.05], [0.34, 0.33, 0.33]])
    np.testing.assert_allclose(mass(values)[0], [0.5, 0.8, 1.0])
    lac = answered({"sets": {"method": "lac", "cut": 0.33}}, values, ["a", "b;x", "c"], None, cells())
    assert lac["prediction_set"] == ["a", "b,x", "a;b,x;c"]
    aps = answered({"sets": {"method": "aps", "cut": 0.8}}, values, ["a", "b", "c"], None, cells())
    assert aps["prediction_set"] == ["a;b", "b", "a;b"]


def test_it_abstains_when_too_many_labels_are_left_or_none_is_likely_enough() -> None:
    values = np.array([[0.5, 0.3, 0.2], [0.1, 0.85, 0.05], [0.34, 0.33, 0.33]])
    policy = {"sets": {"method": "lac", "cut": 0.3}, "abstain": {"largest": 2}}
    assert answered(policy, values, ["a", "b", "c"], None, cells())["flags"] == [[], [], ["abstain"]]
    policy = {"abstain": {"least": 0.6, "largest": None}}
    assert answered(policy, values, ["a", "b", "c"], None, cells())["flags"] == [["abstain"], [], ["abstain"]]


def test_an_interval_may_widen_with_the_prediction_and_a_number_to_act_on_lies_beside_it() -> None:
    model = {"low": -1.0, "high": 1.0}
    values = np.array([0.0, 10.0, 20.0])
    plain = bounded({}, values, model, cells())
    assert (plain["low"].tolist(), plain["high"].tolist()) == ([-1, 9, 19], [1, 11, 21])
    assert "decision" not in plain
    wide = {"low": -2.0, "high": 3.0, "knots": [0.0, 20.0], "spread": [1.0, 2.0]}
    lean = {"shift": 1.0, "knots": [0.0, 20.0], "spread": [1.0, 2.0]}
    made = bounded({"interval": wide, "lean": lean}, values, model, cells())
    assert made["low"].tolist() == [-2.0, 7.0, 16.0]
    assert made["high"].tolist() == [3.0, 14.5, 26.0]
    assert made["decision"].tolist() == [1.0, 11.5, 22.0]


def test_a_rule_on_a_number_changes_what_to_act_on_and_not_the_prediction() -> None:
    rules = [{"column": "shop", "op": "is", "value": "closed", "then": 0}]
    made = bounded({"rules": rules}, np.array([5.0, 6.0]), {"low": 0.0, "high": 0.0}, cells(shop=["closed", "open"]))
    assert made["prediction"].tolist() == [5.0, 6.0]
    assert made["decision"].tolist() == [0.0, 6.0]
    assert made["flags"] == [["rule:1"], []]


def test_no_rows_are_no_trouble() -> None:
    policy = PLAIN | {"rules": [{"column": "n", "op": "is empty", "then": "no"}], "refer": {"low": 0.1, "high": 0.2}}
    made = answered(policy, np.zeros((0, 2)), ["no", "yes"], 1, cells(n=[]))
    assert len(made["prediction"]) == 0


def test_cells_come_as_the_policy_takes_them() -> None:
    words = scoring.cells_of(pd.Series(["a", "", None, 7.0], dtype=object), {"kind": "category"})
    assert words.tolist() == ["a", None, None, "7"]
    assert scoring.cells_of(pd.Series(["1970-01-02"]), {"kind": "time"}).tolist() == [86_400.0]
    numbers = scoring.cells_of(pd.Series(["1.5", "x"]), {"kind": "number"})
    assert numbers[0] == 1.5
    assert np.isnan(numbers[1])


def test_the_formats_of_record_and_runtime_are_one() -> None:
    from mlcore.evaluation import policy

    assert obeying.FORMAT == policy.FORMAT
