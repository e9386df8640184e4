"""schema.json says of a row what scoring says: a validator refuses what cannot be read, its notes are the flags."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest

from mlcore.handoff.bundle import bundle
from mlcore.learning.goal import Goal
from mlcore.learning.scoring import Scorer
from tests.mlcore.handoff.conftest import MakeRun


@pytest.fixture(scope="module")
def made(untidy: pd.DataFrame, make_run: MakeRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = make_run(untidy, Goal(target="species", task="multiclass", metric=""), "linear")
    out = tmp_path_factory.mktemp("bundles") / "untidy"
    bundle(run, "linear", out)
    return out


@pytest.fixture(scope="module")
def schema(made: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((made / "schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(found)
    return found


def as_json(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as a program would send them."""
    plain = rows.astype(object).where(rows.notna(), None)
    return [
        {name: str(cell) if isinstance(cell, pd.Timestamp) else cell for name, cell in row.items()}
        for row in plain.to_dict("records")
    ]


def noted(row: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """The flags of a row, by the notes of the schema alone."""
    found = set()
    for name, told in schema["properties"].items():
        cell, shown = row[name], name.replace(";", ",")
        if cell is None:
            found |= {f"missing:{shown}"} if told["x-missing"] == 0 else set()
        elif "x-categories" in told and str(cell) not in told["x-categories"]:
            found.add(f"unseen:{shown}")
        elif told.get("format") == "date-time":
            low, high, at = (datetime.fromisoformat(str(moment)) for moment in (told["x-low"], told["x-high"], cell))
            found |= {f"range:{shown}"} if at < low or at > high + (high - low) else set()
        elif told.get("x-low") is not None and isinstance(cell, (int, float)) and "x-categories" not in told:
            found |= {f"range:{shown}"} if not told["x-low"] <= cell <= told["x-high"] else set()
    return found


@pytest.mark.slow
def test_golden_rows_are_valid_and_their_flags_are_the_notes_of_the_schema(made: Path, schema: dict[str, Any]) -> None:
    rows = pd.read_parquet(made / "golden" / "input.parquet")
    flags = Scorer.load(made).frame(rows)["flags"]
    check = jsonschema.Draft202012Validator(schema)
    for row, said in zip(as_json(rows), flags, strict=True):
        assert not [error.message for error in check.iter_errors(row)]
        assert noted(row, schema) == set(filter(None, said.split(";")))
    assert {code for said in flags for code in (part.partition(":")[0] for part in said.split(";"))} >= {
        "missing", "range", "unseen",
    }  # fmt: skip


def test_a_row_that_cannot_be_read_is_not_valid(made: Path, schema: dict[str, Any]) -> None:
    row = as_json(pd.read_parquet(made / "golden" / "input.parquet").head(1))[0]
    check = jsonschema.Draft202012Validator(schema)
    assert check.is_valid(row)
    assert check.is_valid({**row, "more": 1})
    assert not check.is_valid({**row, "länge; cm": "long"})
    assert not check.is_valid({name: cell for name, cell in row.items() if name != schema["required"][0]})


def test_the_ranges_are_those_of_the_rows_that_were_learned_from(made: Path, schema: dict[str, Any]) -> None:
    for field in Scorer.load(made).fields:
        if field["kind"] == "number":
            told = schema["properties"][field["name"]]
            assert (told["x-low"], told["x-high"], told["x-missing"]) == (field["low"], field["high"], field["missing"])
