"""Columns that repeat their values: each is kept once, and stored as the plain text it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlcore.data.choices import Choices
from mlcore.data.delimited import blocks
from mlcore.data.delimited.blocks import Layout
from mlcore.data.delimited.dialect import find_dialect
from mlcore.data.load import load

ROWS = 500_000
DRAW = np.random.default_rng(3)

COLUMNS = {
    "few": ["red", "green", "", "blue"],
    "many of one length": [f"P-{place:06}" for place in range(5000)],
    "many that differ in their last letters": [f"City {place}" for place in range(3000)],
    "many of all lengths": [chr(97 + place % 26) * (place % 40) for place in range(2000)],
    "long, alike at the start": ["x" * 30 + str(place) for place in range(800)],
    "zero bytes": ["a", "a\0", "a\0\0", "\0a", "a\0\0\0\0\0\0\0b"],
    "tidied": [" red", "red ", "red", "\u3000red", "NA", "N/A", " NA ", "Na", "  "],
    "quoted": ['"a, b"', '"say ""a"""', '"say ""b"""', "plain", '" say ""a"" "', '"NA"', '""'],
    "beyond ASCII": ["élan", "e\u0301lan", "日本", "日本語", "ß"],
}


def read(cells: list[str], coded: bool) -> tuple[pa.ChunkedArray, blocks.Facts]:
    """The first of two columns as a block of text has it."""
    text = ("a,b\n" + "".join(f"{cell},1\n" for cell in cells)).encode()
    dialect = find_dialect("a,b\nx,1\ny,2\n", Choices())
    layout = Layout(dialect=dialect, ways=("text", "text"), stored=(("a", 0),), coded=frozenset([0] if coded else []))
    block = blocks.read_block(text, layout, 0)
    return block.table.column("a"), block.facts[0]


@pytest.mark.parametrize("cells", COLUMNS.values(), ids=COLUMNS.keys())
def test_values_kept_once_are_those_read_one_by_one(cells: list[str]) -> None:
    repeated = cells + [cells[place] for place in DRAW.integers(0, len(cells), 3 * len(cells))]
    once, facts = read(repeated, coded=True)
    each, expected = read(repeated, coded=False)
    assert pa.types.is_dictionary(once.type)
    assert once.to_pylist() == each.to_pylist()
    assert facts == expected
    known = once.chunk(0).dictionary.to_pylist()
    assert len(known) == len(set(known))
    assert set(known) == set(each.to_pylist()) - {None}


def test_a_large_table_is_stored_as_plain_text_and_numbers(tmp_path: Path) -> None:
    rows = [f"{place},{place % 7}.5,2024-01-{place % 28 + 1:02},level {place % 5},{place}-x" for place in range(ROWS)]
    (tmp_path / "t.csv").write_text("\n".join(["n,f,d,few,many", *rows]))
    card = load(tmp_path / "t.csv", out=tmp_path / "t.parquet")
    stored = pq.read_table(tmp_path / "t.parquet")
    assert [str(kind) for kind in stored.schema.types] == ["int64", "double", "timestamp[us]", "string", "string"]
    frame = pd.read_parquet(tmp_path / "t.parquet")
    assert [str(kind) for kind in frame.dtypes] == ["int64", "float64", "datetime64[us]", "str", "str"]
    assert frame["few"].tolist() == [f"level {place % 5}" for place in range(ROWS)]
    assert frame["many"].iloc[[0, -1]].tolist() == ["0-x", f"{ROWS - 1}-x"]
    assert card.schema["few"].distinct == 5
    assert card.schema["many"].distinct == ROWS
