"""The language of formulas: what it computes, what it refuses, and where it says the fault is."""

from __future__ import annotations

import contextlib
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.data import formula
from mlcore.data.expressions import checked
from mlcore.data.formula import FormulaError, columns, computed, holds, parsed
from mlcore.data.schema import Column, Schema
from mlcore.errors import ColumnError, UserError

TABLE = pd.DataFrame(
    {
        "price": [1.0, 2.0, None],
        "area": [0, 4, 5],
        "town": pd.Series(["DE ", "fr", None], dtype="str"),
        "day": pd.to_datetime(["2024-01-31 00:00", "2025-06-01 10:30", None]),
        "a [b] `c`": [1, 2, 3],
    }
)


def value(text: str) -> list[Any]:
    found = computed(parsed(text), TABLE)
    return [None if pd.isna(cell) else cell for cell in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[price] / [area]", [None, 0.5, None]),
        ("price % 2", [1, 0, None]),
        ("price % 0", [None, None, None]),
        ("-2 ^ 2", [-4, -4, -4]),
        ("2 ** 3 ** 2", [512, 512, 512]),
        ("1 + 2 * 3 - 4 / 2", [5, 5, 5]),
        ("(1 + 2) * 3", [9, 9, 9]),
        ("[a [b]] `c`] + 1", [2, 3, 4]),
        ("`a [b] ``c``` + 1", [2, 3, 4]),
        ("log(area)", [None, pytest.approx(1.386294), pytest.approx(1.609438)]),
        ("sqrt(-1)", [None, None, None]),
        ("exp(1000)", [None, None, None]),
        ("if(missing(price), 0, price)", [1, 2, 0]),
        ("if(price > 1, 'high', 'low')", ["low", "high", "low"]),
        ("if(price > 1, price, empty)", [None, 2, None]),
        ("coalesce(price, area)", [1, 2, 5]),
        ("min(price, area)", [0, 2, 5]),
        ("max(price, 1.5)", [1.5, 2, 1.5]),
        ("round(price / 3, 2)", [0.33, 0.67, None]),
        ("lower(trim(town)) & '!'", ["de!", "fr!", None]),
        ("town = 'fr'", ["no", "yes", None]),
        ("town <> 'fr' and price = 1", ["yes", "no", None]),
        ("price = 1 or town = 'fr'", ["yes", "yes", None]),
        ("not (price > 1)", ["yes", "no", None]),
        ("one_of(town, 'fr', 'it')", ["no", "yes", None]),
        ("contains(town, 'r')", ["no", "yes", None]),
        ("left(town, 1) & right(town, 1)", ["D ", "fr", None]),
        ("length(town)", [3, 2, None]),
        ("replace(town, 'D', 'd''s')", ["d'sE ", "fr", None]),
        ("number('1e3')", [1000, 1000, 1000]),
        ("number(town)", [None, None, None]),
        ("text(area)", ["0", "4", "5"]),
        ("text(day)", ["2024-01-31", "2025-06-01T10:30:00", None]),
        ("year(day) * 100 + month(day)", [202401, 202506, None]),
        ("weekday(day)", [3, 7, None]),
        ("days_between('2024-01-01', day)", [30, pytest.approx(517.4375), None]),
        ("day + 1 > '2025-01-01'", ["no", "yes", None]),
        ("day - '2024-01-30'", [1, pytest.approx(488.4375), None]),
        ("day >= '2024-01-31' AND day < '2024-02-01'", ["yes", "no", None]),
        ("true", ["yes"] * 3),
        ('"say ""x"""', ['say "x"'] * 3),
    ],
)
def test_formulas_compute(text: str, expected: list[Any]) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 1), ("1 +", 4), ("(1", 1), ("1 2", 3), ("price price", 7), ("foo(1)", 1), ("round(1,2,3)", 1),
        ("@", 1), ("1 + $", 5), ("'open", 1), ("price + town", 9), ("price > 'x'", 1), ("day > 'x'", 7),
        ("and", 1), ("not", 4), ("[nope]", 1), ("if(price, 1, 2)", 4), ("round(1, price)", 10), ("a.b", 2),
        ("[x", 1), ("lower(price)", 7), ("town and true", 1), ("1 < 2 < 3", 7),
    ],
)  # fmt: skip
def test_faults_are_said_with_their_place(text: str, at: int) -> None:
    with pytest.raises(FormulaError) as caught:
        computed(parsed(text), TABLE)
    assert caught.value.at == at


@pytest.mark.parametrize(
    "text",
    [
        "(" * 60 + "1" + ")" * 60, "-" * 3000 + "1", "1" + "+1" * 1200, "not " * 70 + "true", "if(" * 60, "[" * 1999,
        '"' * 1999, "2^" * 70 + "2",
    ],
)  # fmt: skip
def test_formulas_have_bounds(text: str) -> None:
    with pytest.raises(FormulaError):
        parsed(text)


def test_a_text_cannot_grow_beyond_all_bounds() -> None:
    table = pd.DataFrame({"t": pd.Series(["a" * 50_000], dtype="str")})
    tree = parsed(f"replace(t, 'a', '{'b' * 1000}')")
    with pytest.raises(FormulaError, match="more than"):
        computed(tree, table)
    assert computed(parsed("upper(t)"), table).str.len().iloc[0] == 50_000


@pytest.mark.parametrize("text", ["__import__('os')", "price.__class__", "[x for x in price]", "lambda: 1", "a := 1"])
def test_nothing_of_python_is_understood(text: str) -> None:
    with pytest.raises((FormulaError, UserError)):
        checked(text, Schema(columns=(Column(name="price", kind="numeric", storage="float"),)))


@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    with contextlib.suppress(FormulaError):
        computed(parsed(text), TABLE)


@given(st.sampled_from(["price", "area", "town", "day", "1", "'x'", "empty", "true"]),
       st.sampled_from(["+", "-", "*", "/", "%", "^", "&", "=", "<", ">=", "and", "or"]),
       st.sampled_from(["price", "area", "town", "day", "0", "'2024-01-01'", "empty", "false"]))  # fmt: skip
def test_every_pair_computes_as_many_rows_or_is_refused(left: str, sign: str, right: str) -> None:
    with contextlib.suppress(FormulaError):
        assert len(computed(parsed(f"{left} {sign} {right}"), TABLE)) == 3


@pytest.mark.parametrize("name", sorted(formula.FUNCTIONS))
def test_every_function_takes_a_table_without_rows(name: str) -> None:
    least = formula.FUNCTIONS[name][0]
    for given_ in ("price", "town", "day", "empty", "price > 1"):
        inside = ", ".join([given_] * least)
        with contextlib.suppress(FormulaError):
            assert len(computed(parsed(f"{name}({inside})"), TABLE.head(0))) == 0


def test_the_type_does_not_depend_on_the_rows() -> None:
    for text in ("area + 1", "area * 2", "round(price)", "price", "town", "day", "missing(price)", "year(day)"):
        assert computed(parsed(text), TABLE.head(0)).dtype == computed(parsed(text), TABLE).dtype


def test_a_condition_that_is_not_known_does_not_hold() -> None:
    assert holds(parsed("price > 1"), TABLE).tolist() == [False, True, False]
    with pytest.raises(FormulaError, match="condition"):
        holds(parsed("price"), TABLE)


def test_columns_are_listed_once() -> None:
    assert columns(parsed("price + [a b] * price - `c`")) == ("price", "a b", "c")


def test_a_column_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(ColumnError, match="price"):
        checked("prise + 1", Schema(columns=(Column(name="price", kind="numeric", storage="float"),)))


def test_times_stay_within_the_calendar() -> None:
    assert value("day + 3000000") == [None, None, None]
    assert value("day - 800000") == [None, None, None]
    assert value("day + 10 ^ 12") == [None, None, None]
