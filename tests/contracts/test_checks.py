"""What every check promises: a key for ever, a question, and findings a person can act on."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import polars as pl
import pytest

from mlcore import records
from mlcore.data.checks import CHECKS, Area, Check
from mlcore.data.kinds import guess_schema
from mlcore.data.look import Look
from mlcore.data.repairs import REPAIRS
from mlcore.data.samples import samples
from mlcore.data.schema import KINDS, Schema
from mlcore.findings import LEVELS, Fix

TABLES = {sample.key: sample for sample in samples(Path(__file__).parents[2] / "sample_data")}
ODD = {
    "one row": pl.DataFrame({"a": [1], "y": ["x"]}),
    "all missing": pl.DataFrame({"a": [None, None], "y": [None, None]}, schema={"a": pl.Float64, "y": pl.String}),
    "one column": pl.DataFrame({"y": [1, 2, 3] * 20}),
    "everything wrong": pl.DataFrame(
        {"id": range(60), "y": ["a", "b"] * 30, "copy": ["u", "v"] * 30, "same": [1] * 60, "gap": [None] * 59 + [1.5]}
    ),
}


@pytest.mark.parametrize("entry", CHECKS, ids=lambda entry: entry.key)
def test_a_check_introduces_itself(entry: Check) -> None:
    assert entry.key.isidentifier()
    assert entry.title[0].isupper()
    assert entry.question.endswith("?")
    assert entry.area in get_args(Area)


@pytest.mark.parametrize("entry", CHECKS, ids=lambda entry: entry.key)
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("target", ["y", None])
def test_findings_are_whole_sentences_about_existing_columns(entry: Check, name: str, target: str | None) -> None:
    table = ODD[name]
    look = Look(source=table, schema=guess_schema(table), target=target)
    for finding in entry.findings(look):
        assert finding.code == entry.key
        assert finding.level in LEVELS
        assert all(words.endswith(".") for words in (finding.what, finding.why, finding.remedy))
        assert finding.title
        assert set(finding.columns) <= set(table.columns)
        for fix in finding.fixes:
            fits(fix, look.schema)


def fits(fix: Fix, schema: Schema) -> None:
    """A fix is a step that the repairs catalogue accepts, a change of the goal, or a kind."""
    assert fix.title
    if fix.acts_on == "recipe":
        only = fix.step == "drop" and set(schema.names) <= set(fix.params["columns"])
        if not only:  # the last column cannot be dropped; the page says so
            REPAIRS[fix.step].check(fix.params, schema)
    elif fix.acts_on == "goal":
        assert fix.step in ("exclude", "time", "group")
        assert set(fix.params["columns"]) <= set(schema.names)
    else:
        assert fix.params["column"] in schema
        assert fix.params["kind"] in KINDS
    assert records.from_json(Fix, records.to_json(fix)) == fix
