"""Every check finds the defect that was planted, and is silent about the same table without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from mlcore.data.checks import CHECKS
from mlcore.data.kinds import guess_schema
from mlcore.data.look import Look
from mlcore.data.repairs import REPAIRS
from mlcore.data.schema import Schema
from mlcore.findings import Finding

ROWS = 600
TODAY = date(2026, 11, 21)
Columns = dict[str, object]


def rng(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


def clean() -> Columns:
    """A table without any defect: a moment a day, a customer with six rows each, gaps at random."""
    dice = rng(5)
    return {
        "day": [datetime(2024, 1, 1) + timedelta(days=n) for n in dice.permutation(ROWS).tolist()],
        "age": dice.integers(18, 80, ROWS),
        "income": dice.lognormal(8, 0.5, ROWS),
        "region": dice.choice(["north", "south", "east"], ROWS),
        "customer_id": dice.integers(1000, 1100, ROWS),
        "visits": [
            None if gap else int(n) for gap, n in zip(dice.random(ROWS) < 0.03, dice.poisson(5, ROWS), strict=True)
        ],
        "y": dice.choice(["yes", "no"], ROWS),
    }


@dataclass(frozen=True)
class Planted:
    """A defect: the columns that have it (None takes one away), and what must be said about it."""

    code: str
    make: Callable[[Columns], Columns]
    columns: tuple[str, ...] | None = None
    level: str = ""
    target: str = "y"
    time: str | None = None


def yes(table: Columns) -> np.ndarray:
    return np.array(table["y"]) == "yes"


def luhn_completed(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def cards(_: Columns) -> Columns:
    return {"paid_with": [luhn_completed("4" + f"{n:014d}") for n in rng().integers(0, 10**14, ROWS).tolist()]}


def ibans(_: Columns) -> Columns:
    made = []
    for n in rng().integers(0, 10**18, ROWS).tolist():
        check = 98 - int(f"{n:018d}131400") % 97
        made.append(f"DE{check:02d} {n:018d}")
    return {"konto": made}


def french(_: Columns) -> Columns:
    bodies = [f"{1 + n % 2}{60 + n % 39}{1 + n % 12:02d}75{n % 1000:03d}{n % 900:03d}" for n in range(ROWS)]
    return {"nir": [body + f"{97 - int(body) % 97:02d}" for body in bodies]}


def german(_: Columns) -> Columns:
    found = []
    for n in range(10_234_567_800, 10_234_567_800 + 10**7, 137):
        if len(found) == ROWS:
            break
        from mlcore.data.checks.patterns import is_german_number

        found += [str(n + last) for last in range(10) if is_german_number(str(n + last))]
    return {"steuer": (found * ROWS)[:ROWS] if found else found}


def persons(_: Columns) -> Columns:
    dice = rng()
    first = ["James", "Mary", "Peter", "Anna", "Hans", "Sabine", "Luca", "Fatima", "Wei", "Ruth"]
    last = ["Smith", "Miller", "Özdemir", "O'Neil", "Garcia", "Li", "Novak", "Rossi", "Kim", "Berg"]
    return {"who": [f"{dice.choice(first)} {dice.choice(last)} {dice.choice(last)}" for _ in range(ROWS)]}


def late_half(table: Columns) -> np.ndarray:
    days = np.array(table["day"], dtype="datetime64[us]")
    return days > np.median(days.astype(np.int64)).astype("datetime64[us]")


PLANTED = {
    "a copy of the labels": Planted("leak", lambda t: {"paid": np.where(yes(t), "late", "on time")}, ("paid",), "stop"),
    "a copy of the labels with a few changes": Planted(
        "leak",
        lambda t: {"paid": np.where(yes(t) ^ (rng().random(ROWS) < 0.01), "late", "on time")},
        ("paid",),
    ),
    "a copy of a number in another unit": Planted(
        "leak", lambda t: {"euro": np.array(t["income"]) * 0.92 + 3}, ("euro",), "stop", target="income"
    ),
    "a copy of a number with wild exceptions": Planted(
        "leak",
        lambda t: {"euro": np.where(rng().random(ROWS) < 0.05, rng(4).normal(0, 1e6, ROWS), np.array(t["income"]) * 2)},
        ("euro",),
        target="income",
    ),
    "one column that is nearly right": Planted(
        "leak", lambda t: {"near": yes(t) + rng().normal(0, 0.5, ROWS)}, ("near",), "watch"
    ),
    "filled in for one answer only": Planted(
        "filled_after",
        lambda t: {"left_on": [f"{n}" if is_yes else None for n, is_yes in enumerate(yes(t))]},
        ("left_on",),
        "stop",
    ),
    "filled in for a part of one answer": Planted(
        "filled_after",
        lambda t: {"refund": [float(n) if is_yes and n % 3 == 0 else None for n, is_yes in enumerate(yes(t))]},
        ("refund",),
        "watch",
    ),
    "filled in where the number is high": Planted(
        "filled_after",
        lambda t: {
            "y2": np.where(yes(t), 100.0, 1.0) + rng().normal(0, 3, ROWS),
            "bonus": [1.5 * n if v else None for n, v in enumerate(yes(t))],
        },
        ("bonus",),
        target="y2",
    ),
    "empty more often for one answer": Planted(
        "missing_by_target",
        lambda t: {"phone_calls": [None if is_yes and n % 2 else n % 7 for n, is_yes in enumerate(yes(t))]},
        ("phone_calls",),
    ),
    "customers with one outcome each": Planted(
        "entities",
        lambda t: {"y": np.where(np.array(t["customer_id"]) % 3 == 0, "yes", "no")},
        ("customer_id",),
        "watch",
    ),
    "machines with their own level": Planted(
        "entities",
        lambda t: {"wear": (np.array(t["customer_id"]) % 17) * 10.0 + rng().normal(0, 2, ROWS)},
        ("customer_id",),
        target="wear",
    ),
    "e-mail addresses": Planted(
        "personal_data", lambda _: {"contact": [f"p{n}@example.org" for n in range(ROWS)]}, ("contact",), "watch"
    ),
    "e-mail addresses in notes": Planted(
        "personal_data",
        lambda _: {
            "note": [
                f"called back on day {n}" + (f", write to p{n}@example.org" if n % 20 == 0 else "") for n in range(ROWS)
            ]
        },
        ("note",),
    ),
    "telephone numbers abroad": Planted(
        "personal_data", lambda _: {"reach": [f"+49 30 {n:07d}" for n in range(ROWS)]}, ("reach",)
    ),
    "telephone numbers by name": Planted(
        "personal_data", lambda _: {"Phone": [f"030 {n:06d}" for n in range(ROWS)]}, ("Phone",)
    ),
    "cards": Planted("personal_data", cards, ("paid_with",)),
    "bank accounts": Planted("personal_data", ibans, ("konto",)),
    "US social security numbers": Planted(
        "personal_data", lambda _: {"ssn": [f"{100 + n % 600}-{10 + n % 80}-{1000 + n}" for n in range(ROWS)]}, ("ssn",)
    ),
    "UK national insurance numbers": Planted(
        "personal_data", lambda _: {"nino": [f"AB {n:06d} {'ABCD'[n % 4]}" for n in range(ROWS)]}, ("nino",)
    ),
    "French social security numbers": Planted("personal_data", french, ("nir",)),
    "German tax numbers": Planted("personal_data", german, ("steuer",)),
    "names of persons": Planted("personal_data", persons, ("who",)),
    "names of persons by name": Planted(
        "personal_data",
        lambda _: {"last_name": [f"Berg{'abcdefghij'[n % 10]}{'klmnop'[n % 6]}" for n in range(ROWS)]},
        ("last_name",),
    ),
    "street addresses": Planted(
        "personal_data", lambda _: {"address": [f"{n} Long Lane" for n in range(ROWS)]}, ("address",)
    ),
    "internet addresses": Planted(
        "personal_data", lambda _: {"from": [f"192.168.{n % 250}.{n % 199}" for n in range(ROWS)]}, ("from",)
    ),
    "dates of birth": Planted(
        "personal_data",
        lambda _: {"date_of_birth": [datetime(1950, 1, 1) + timedelta(days=13 * n) for n in range(ROWS)]},
        ("date_of_birth",),
        "note",
    ),
    "a rare label": Planted("rare_class", lambda _: {"y": ["a", "b"] * 298 + ["c"] * 4}, ("y",), "watch"),
    "a rare answer": Planted("imbalance", lambda _: {"y": ["no"] * 560 + ["yes"] * 40}, ("y",)),
    "few rows": Planted(
        "too_few_rows", lambda t: {name: list(values)[:40] for name, values in t.items()}, level="watch"
    ),  # type: ignore[call-overload]
    "equal rows with another outcome": Planted(
        "conflicting_labels",
        lambda t: {
            name: [
                *list(values)[: ROWS - 30],
                *([{"yes": "no", "no": "yes"}[v] for v in list(values)[:30]] if name == "y" else list(values)[:30]),
            ]  # type: ignore[call-overload]
            for name, values in t.items()
        },
        ("y",),
        "watch",
    ),
    "a running number": Planted("identifier", lambda _: {"nr": range(ROWS)}, ("nr",), "watch"),
    "-1 for not known": Planted(
        "disguised_missing", lambda t: {"age": np.where(rng().random(ROWS) < 0.05, -1, t["age"])}, ("age",), "watch"
    ),
    "999 for not known": Planted(
        "disguised_missing",
        lambda _: {"wait": np.where(rng().random(ROWS) < 0.05, 999, rng(4).poisson(20, ROWS))},
        ("wait",),
    ),
    "0 for a weight nobody took": Planted(
        "disguised_missing",
        lambda _: {"weight": np.where(rng().random(ROWS) < 0.05, 0, rng(4).normal(75, 10, ROWS))},
        ("weight",),
    ),
    "1900-01-01 for not known": Planted(
        "disguised_missing",
        lambda _: {
            "since": [
                datetime(1900, 1, 1) if n % 30 == 0 else datetime(2015, 1, 1) + timedelta(days=n) for n in range(ROWS)
            ]
        },
        ("since",),
    ),
    "a word for not known": Planted(
        "disguised_missing",
        lambda t: {"region": np.where(rng().random(ROWS) < 0.05, "Unknown", t["region"])},
        ("region",),
        "note",
    ),
    "a negative age": Planted(
        "impossible", lambda t: {"age": np.where(rng().random(ROWS) < 0.02, -3, t["age"])}, ("age",), "watch"
    ),
    "a share of 45": Planted(
        "impossible",
        lambda _: {"paid_share": np.where(rng().random(ROWS) < 0.01, 45, rng(4).random(ROWS))},
        ("paid_share",),
    ),
    "a day to come": Planted(
        "impossible",
        lambda _: {
            "seen": [
                datetime(2031, 1, 1) if n % 100 == 0 else datetime(2020, 1, 1) + timedelta(days=n) for n in range(ROWS)
            ]
        },
        ("seen",),
    ),
    "a slipped decimal mark": Planted(
        "outliers", lambda t: {"age2": np.where(np.arange(ROWS) == 77, 6300, np.array(t["age"]))}, ("age2",), "watch"
    ),
    "an income in cents": Planted(
        "outliers", lambda t: {"income": np.where(np.arange(ROWS) == 9, 9e6, np.array(t["income"]))}, ("income",)
    ),
    "numbers and words": Planted(
        "mixed_types",
        lambda _: {"price": [("on request", "sold")[n % 2] if n % 40 == 0 else f"{n % 90}.5" for n in range(ROWS)]},
        ("price",),
        "watch",
    ),
    "dates and words": Planted(
        "mixed_types",
        lambda _: {"due": ["later" if n % 40 == 0 else f"2024-0{1 + n % 9}-1{n % 9}" for n in range(ROWS)]},
        ("due",),
    ),
    "capitals and spaces": Planted(
        "spelling",
        lambda t: {
            "region": [f"{r} ".title() if n % 50 == 0 else r for n, r in enumerate(np.array(t["region"]).tolist())]
        },
        ("region",),
    ),
    "another third at the end": Planted(
        "drift_inside", lambda t: {"load": rng().normal(0, 1, ROWS) + 3 * late_half(t)}, ("load",), "note"
    ),
    "another outcome at the end": Planted(
        "drift_inside",
        lambda t: {"y": np.where(rng().random(ROWS) < 0.2 + 0.6 * late_half(t), "yes", "no")},
        level="watch",
    ),
    "rows in the order of time": Planted("time_order", lambda t: {"day": sorted(t["day"])}, ("day",), "note"),  # type: ignore[call-overload]
    "a hole in the time": Planted(
        "time_order",
        lambda t: {"day": [d if d < datetime(2025, 1, 1) else d + timedelta(days=90) for d in t["day"]]},
        ("day",),  # type: ignore[attr-defined]
    ),
    "a moment twice": Planted(
        "time_order",
        lambda t: {"day": [d - timedelta(days=1) if d == datetime(2024, 6, 1) else d for d in t["day"]]},
        ("day",),  # type: ignore[attr-defined]
    ),
    "a date after the row's own": Planted(
        "time_order",
        lambda t: {"closed": [d + timedelta(days=3) for d in t["day"]]},
        ("closed",),
        "watch",
        time="day",  # type: ignore[attr-defined]
    ),
    "the same everywhere": Planted("constant", lambda _: {"same": ["a"] * ROWS}, ("same",)),
    "nothing anywhere": Planted("constant", lambda _: {"empty": [None] * ROWS}, ("empty",)),
    "nearly the same everywhere": Planted(
        "near_constant", lambda _: {"flag": ["on", "off", *["on"] * (ROWS - 2)]}, ("flag",)
    ),
    "two equal columns": Planted("twin", lambda t: {"age_again": t["age"]}, ("age", "age_again")),
    "mostly empty": Planted(
        "missing", lambda _: {"rarely": [n % 7 if n % 10 == 0 else None for n in range(ROWS)]}, ("rarely",), "watch"
    ),
    "too many streets": Planted(
        "high_cardinality", lambda _: {"street": [f"street {n % 200}" for n in range(ROWS)]}, ("street",)
    ),
    "equal rows": Planted(
        "duplicates",
        lambda t: {name: [*list(values)[: ROWS - 60], *list(values)[:60]] for name, values in t.items()},
        level="watch",  # type: ignore[call-overload]
    ),
    "equal rows under new numbers": Planted(
        "duplicates",
        lambda t: (
            {name: [*list(values)[: ROWS - 60], *list(values)[:60]] for name, values in t.items()} | {"nr": range(ROWS)}
        ),  # type: ignore[call-overload]
        ("nr",),
        "watch",
    ),
}


def looked_at(columns: Columns, target: str, time: str | None) -> tuple[list[Finding], Schema]:
    table = pl.DataFrame(columns, strict=False)
    schema = guess_schema(table)
    if time is not None:
        schema = schema.with_column(replace(schema[time], role="time"))
    look = Look(source=table, schema=schema, target=target, today=TODAY)
    return [finding for entry in CHECKS for finding in entry.findings(look)], schema


def test_a_clean_table_has_no_findings() -> None:
    assert looked_at(clean(), "y", None)[0] == []


@pytest.mark.parametrize("name", PLANTED)
def test_what_was_planted_is_found_and_can_be_mended(name: str) -> None:
    planted = PLANTED[name]
    table = clean()
    columns = table | planted.make(table)
    found, schema = looked_at(columns, planted.target, planted.time)
    mine = [one for one in found if one.code == planted.code]
    assert mine, [one.code for one in found]
    assert planted.columns is None or any(set(planted.columns) <= set(one.columns) for one in mine)
    assert not planted.level or any(one.level == planted.level for one in mine)
    for fix in (fix for one in mine for fix in one.fixes):
        if fix.acts_on == "recipe":
            REPAIRS[fix.step].check(fix.params, schema)


def test_every_check_has_something_planted_for_it() -> None:
    assert {planted.code for planted in PLANTED.values()} == set(CHECKS.keys)


@pytest.mark.parametrize("entry", CHECKS, ids=lambda entry: entry.key)
def test_a_check_brings_a_fix_or_says_why_there_is_none(entry: object) -> None:
    fixes = 0
    for planted in PLANTED.values():
        if planted.code == entry.key:  # type: ignore[attr-defined]
            table = clean()
            found, _ = looked_at(table | planted.make(table), planted.target, planted.time)
            fixes += sum(len(one.fixes) for one in found if one.code == planted.code)
    assert bool(fixes) != bool(entry.unfixed)  # type: ignore[attr-defined]


def test_other_tables_seen_before_do_not_change_what_is_found() -> None:
    pl.Series([f"label {n}" for n in range(100)]).cast(pl.Categorical)  # polars numbers categories across tables
    table = clean()
    found, _ = looked_at(table | PLANTED["nearly the same everywhere"].make(table), "y", "day")
    assert [one.code for one in found] == ["near_constant"]
