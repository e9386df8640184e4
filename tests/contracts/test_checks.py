"""What every check promises: a key for ever, a question, and findings a person can act on."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from mlcore.data.checks import CHECKS, Check
from mlcore.data.kinds import guess_schema
from mlcore.data.look import Look
from mlcore.data.samples import samples
from mlcore.findings import LEVELS

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
