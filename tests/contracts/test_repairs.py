"""What every entry of the repairs catalogue keeps: list an entry, and these tests test it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from mlcore.data import outline, replay
from mlcore.data.expressions import no_rows
from mlcore.data.outline import after, lookup_of, plain
from mlcore.data.recipe import Step
from mlcore.data.repairs import REPAIRS
from mlcore.data.schema import Column, Schema
from mlcore.errors import UserError

SCHEMA = Schema(
    columns=(
        Column(name="price", kind="numeric", storage="float"),
        Column(name="count", kind="integer", storage="integer"),
        Column(name="a [b] `c` 'd'", kind="categorical", storage="text"),
        Column(name="day", kind="datetime", storage="datetime"),
    )
)
OTHER = Schema(
    columns=(
        Column(name="key", kind="categorical", storage="text"),
        Column(name="value", kind="numeric", storage="float"),
        Column(name="price", kind="numeric", storage="float"),
    )
)
TEXT = "a [b] `c` 'd'"
GOOD: dict[str, list[dict[str, Any]]] = {
    "drop": [{"columns": [TEXT]}],
    "rename": [{"pairs": [[TEXT, "b"]]}, {"pairs": [["price", "count"], ["count", "price"]]}],
    "change_kind": [
        {"columns": [TEXT], "kind": kind} for kind in ("numeric", "integer", "datetime", "text", "boolean")
    ] + [{"columns": ["price", "count", "day"], "kind": "categorical"}, {"columns": [TEXT], "decimal": ","}],
    "fill": [
        {"columns": ["price", "count"]},
        {"columns": [TEXT], "how": "most_frequent"},
        {"columns": ["price", "count"], "how": "value", "value": "3"},
        {"columns": ["day"], "how": "value", "value": "2025-01-31"},
        {"columns": [TEXT], "how": "value", "value": "none"},
    ],
    "cap": [
        {"columns": ["price"], "low": 0, "high": 5}, {"columns": ["count"], "low": 1, "outside": "missing"},
        {"columns": ["price"], "by": "share"},
    ],
    "replace": [
        {"columns": ["price", "count"], "pairs": [["-1", None], ["2", "3"]]},
        {"columns": [TEXT], "pairs": [["x", ""], ["y", "z"]], "case": False},
        {"columns": [TEXT], "pairs": [["x", "y"]], "whole": False, "case": False},
        {"columns": ["day"], "pairs": [["1900-01-01", None]]},
    ],
    "merge_rare": [{"columns": [TEXT]}, {"columns": [TEXT], "by": "levels", "levels": "x\ny"}],
    "split": [{"column": TEXT}, {"column": TEXT, "separator": " ", "parts": 3, "keep": True}],
    "combine": [{"columns": ["price", TEXT, "day"], "name": "all"}, {"columns": ["price", "count"], "name": "n",
                                                                     "keep": False, "separator": ""}],
    "parse_date": [{"columns": [TEXT], "form": form} for form in ("year_first", "day_first", "month_first", "digits")]
    + [{"columns": ["price", "count"], "form": form} for form in ("seconds", "milliseconds", "excel")],
    "extract": [{"column": "day", "what": what} for what in ("year", "quarter", "month", "day", "weekday", "hour",
                                                             "date")]
    + [{"column": TEXT, "what": what, "name": "n"} for what in ("number", "first_word", "last_word", "before", "after",
                                                                "length")],
    "filter_rows": [{"expression": "price > 1"}, {"expression": "missing(price)", "keep": "remove"}],
    "deduplicate": [{}, {"columns": ["price"], "keep": "last"}],
    "derive": [{"name": "half", "expression": "price / 2"}, {"name": "price", "expression": "'text'"}],
    "join": [
        {"dataset": "o", "keys": [[TEXT, "key"]], "take": ["value"]},
        {"dataset": "o", "keys": [["count", "key"]], "take": ["price"], "prefix": "their ", "unmatched": "drop"},
    ],
    "append": [{"dataset": "o"}],
}  # fmt: skip
BAD: dict[str, list[dict[str, Any]]] = {
    "drop": [{}, {"columns": ["nope"]}, {"columns": list(SCHEMA.names)}, {"columns": "price"}, {"columns": [3]}],
    "rename": [{"pairs": [["nope", "x"]]}, {"pairs": [["price", "count"]]}, {"pairs": [["price", " "]]}, {"pairs": 3}],
    "change_kind": [{"columns": ["day"]}, {"columns": ["price"], "kind": "datetime"}, {"columns": [TEXT], "kind": "x"}],
    "fill": [{"columns": [TEXT]}, {"columns": ["day"], "how": "most_frequent"}, {"columns": ["price"], "how": "value"},
             {"columns": ["price"], "how": "value", "value": "x"}],
    "cap": [{"columns": [TEXT], "low": 1}, {"columns": ["price"]}, {"columns": ["price"], "low": 2, "high": 1},
            {"columns": ["price"], "by": "share", "share": 80}, {"columns": ["price"], "low": float("nan")}],
    "replace": [{"columns": ["price"], "pairs": [["x", "1"]]}, {"columns": ["price"], "pairs": []},
                {"columns": ["price"], "pairs": [["1", "2"]], "whole": False},
                {"columns": [TEXT], "pairs": [["", "x"]]}],
    "merge_rare": [{"columns": ["price"]}, {"columns": [TEXT], "by": "levels"}],
    "split": [{"column": "price"}, {"column": TEXT, "parts": 10**9}],
    "combine": [{"columns": ["price"], "name": "x"}, {"columns": ["price", "count"], "name": "day"}],
    "parse_date": [{"columns": ["price"]}],
    "extract": [{"column": TEXT, "what": "year"}, {"column": "day", "what": "number"}, {"column": "price"}],
    "filter_rows": [{"expression": "price"}, {"expression": "nope > 1"}, {"expression": "price >"}, {}],
    "deduplicate": [{"columns": ["nope"]}],
    "derive": [{"name": "", "expression": "1"}, {"name": "x", "expression": "__import__('os')"}, {"name": "x\n",
                                                                                               "expression": "1"}],
    "join": [{"dataset": "o", "keys": [["nope", "key"]], "take": ["value"]}, {"dataset": "o", "keys": [],
                                                                              "take": ["value"]},
             {"dataset": "o", "keys": [["count", "key"]], "take": ["price"]},
             {"dataset": "o", "keys": [["count", "key"]], "take": ["key"]},
             {"dataset": "gone", "keys": [["count", "key"]], "take": ["value"]}],
    "append": [{}, {"dataset": "gone"}],
}  # fmt: skip


def cases(table: dict[str, list[dict[str, Any]]]) -> list[Any]:
    return [pytest.param(key, params, id=f"{key}-{n}") for key in table for n, params in enumerate(table[key])]


def rows() -> pd.DataFrame:
    return replay.typed(
        pd.DataFrame(
            {
                "price": [1.5, None, -1.0, 7.0],
                "count": [1, 2, None, -1],
                TEXT: ["x", " Y, z 3.5 kg", None, "31/12/2024"],
                "day": pd.to_datetime(["2024-01-31 10:30", None, "1900-01-01 00:00", "2025-06-01 00:00"]),
            }
        ),
        {column.name: column.storage for column in SCHEMA},
    )


def lookup(step: Step) -> dict[str, replay.Lookup]:
    if step.repair != "join":
        return {}
    taken = {"value": [1.0, 2.0], "price": [3.0, 4.0]}
    return {step.id: replay.Lookup(pd.DataFrame({"key_0": ["x", "1"], **{n: taken[n] for n in step.params["take"]}}))}


def test_every_entry_has_cases_and_every_case_an_entry() -> None:
    assert set(GOOD) == set(BAD) == set(REPAIRS.keys)


@pytest.mark.parametrize("entry", REPAIRS, ids=lambda entry: entry.key)
def test_a_form_can_be_drawn_from_the_settings(entry: Any) -> None:
    assert entry.title
    assert entry.help
    for ask in entry.asks:
        assert ask.title
        if ask.kind == "choice":
            assert ask.default in [key for key, _ in ask.choices]
        if ask.kind in ("column", "columns"):
            assert ask.key in ("column", "columns") or ask.of == "dataset"
        if ask.when is not None:
            other = next(other for other in entry.asks if other.key == ask.when[0])
            assert set(ask.when[1]) <= {key for key, _ in other.choices}


@pytest.mark.parametrize(("key", "params"), cases(GOOD))
def test_good_settings_are_taken_and_said(key: str, params: dict[str, Any]) -> None:
    REPAIRS[key].check(params, SCHEMA)
    said = REPAIRS[key].sentence(params)
    assert said.endswith(".")
    assert len(said) > 10


@pytest.mark.parametrize(("key", "params"), cases(BAD))
def test_bad_settings_are_refused_in_words(key: str, params: dict[str, Any]) -> None:
    with pytest.raises(UserError) as caught:
        after(Step(id="1", repair=key, params=params), SCHEMA, {"o": OTHER})
    assert caught.value.what


@pytest.mark.parametrize(("key", "params"), cases(GOOD))
def test_columns_are_those_that_the_outline_says(key: str, params: dict[str, Any]) -> None:
    step = Step(id="1", repair=key, params=params)
    told = after(step, SCHEMA, {"o": OTHER})
    made = replay.done(rows(), plain(step), lookup(step))
    assert tuple(made.columns) == told.names
    assert [replay.storage_of(made[name]) for name in made] == [column.storage for column in told]
    change = REPAIRS[key].changes(params, SCHEMA.names)
    assert set(told.names) == (set(SCHEMA.names) - set(change.gone)) | set(change.made)


@pytest.mark.parametrize(("key", "params"), cases(GOOD))
def test_only_columns_that_a_step_names_change(key: str, params: dict[str, Any]) -> None:
    step = Step(id="1", repair=key, params=params)
    before, made = rows(), replay.done(rows(), plain(step), lookup(step))
    change = REPAIRS[key].changes(params, SCHEMA.names)
    for name in set(SCHEMA.names) - set(change.made) - set(change.gone):
        pd.testing.assert_series_equal(made[name], before[name])


@pytest.mark.slow
@pytest.mark.parametrize(("key", "params"), cases(GOOD))
def test_a_row_alone_becomes_what_it_becomes_among_others(key: str, params: dict[str, Any]) -> None:
    step = plain(Step(id="1", repair=key, params=params))
    steps, lookups = [step], lookup(Step(id="1", repair=key, params=params))
    together = replay.replay(rows(), steps, lookups, scoring=True)
    for place in range(len(together)):
        alone = replay.replay(rows().iloc[[place]], steps, lookups, scoring=True)
        pd.testing.assert_frame_equal(alone, together.iloc[[place]])


@pytest.mark.parametrize(("key", "params"), cases(GOOD))
def test_no_row_is_lost_when_rows_are_scored(key: str, params: dict[str, Any]) -> None:
    step = Step(id="1", repair=key, params=params)
    assert len(replay.replay(rows(), [plain(step)], lookup(step), scoring=True)) == len(rows())


@pytest.mark.parametrize(("key", "params"), cases(GOOD))
def test_a_step_that_learns_leaves_the_table_alone(key: str, params: dict[str, Any]) -> None:
    step = Step(id="1", repair=key, params=params)
    assert replay.learns(plain(step)) == REPAIRS[key].learns(params)
    if REPAIRS[key].learns(params):
        pd.testing.assert_frame_equal(replay.done(rows(), plain(step), {}), rows())
        assert outline.lessons(outline.Recipe(steps=(step,)), SCHEMA.names)


def test_a_lookup_without_rows_gives_empty_cells() -> None:
    step = Step(id="1", repair="join", params=GOOD["join"][0])
    made = replay.done(rows(), plain(step), {"1": lookup_of(step, OTHER)})
    assert made["value"].isna().all()
    assert no_rows(OTHER).empty
