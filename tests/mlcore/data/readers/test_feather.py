"""Arrow files and streams become the four storages; damaged ones a sentence, whatever they point at."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlcore.data.choices import Choices
from mlcore.data.load import load, preview, read_table
from mlcore.errors import FileError, TableError

pytestmark = pytest.mark.usefixtures("kept_child")

FRAME = pl.DataFrame(
    {
        "n": [1, 2, None],
        "x": [0.5, float("inf"), 1.5],
        "t": ["a", None, "c"],
        "kind": pl.Series(["u", "v", "u"], dtype=pl.Categorical),
        "day": [date(2025, 1, 1), None, date(2025, 1, 3)],
        "zoned": pl.Series([datetime(2025, 7, 1)] * 3).dt.replace_time_zone("Europe/Berlin"),
        "span": [timedelta(seconds=90)] * 3,
        "place": [{"city": "A"}, {"city": "B"}, None],
    }
)


@pytest.mark.parametrize("write", [pl.DataFrame.write_ipc, pl.DataFrame.write_ipc_stream])
def test_a_file_and_a_stream_become_the_same_table(write: object, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write(FRAME, path)
    dataset = load(path)
    assert dataset.reading.format == "feather"
    assert [c.storage for c in dataset.schema] == ["integer", "float", "text", "text", "datetime", "datetime", "float"]
    found = read_table(dataset)
    assert found["kind"].tolist() == ["u", "v", "u"]
    assert found["zoned"][0] == pd.Timestamp("2025-06-30 22:00")
    assert found["span"][0] == 90.0
    assert read_table(load(path, choices=Choices(flatten=True)))["place.city"].tolist()[:2] == ["A", "B"]
    shown, reading = preview(path, rows=2)
    assert (len(shown), reading.kept) == (2, 2)


def test_names_that_occur_twice_are_kept_apart(tmp_path: Path) -> None:
    table = pa.table([pa.array([1, 2]), pa.array([3, 4])], names=["a", "a"])
    with pa.ipc.new_file(tmp_path / "t.arrow", table.schema) as writer:
        writer.write_table(table)
    assert load(tmp_path / "t.arrow").schema.names == ("a", "a_2")


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    FRAME.head(0).write_ipc(tmp_path / "t.arrow")
    with pytest.raises(TableError, match="no rows"):
        load(tmp_path / "t.arrow")


def test_a_file_of_the_first_version_and_a_cut_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.feather"
    path.write_bytes(b"FEA1" + b"\x00" * 60 + b"FEA1")
    with pytest.raises(FileError, match="first version"):
        load(path)
    FRAME.write_ipc(path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FileError, match="cut off"):
        load(path, out=tmp_path / "out" / "t.parquet")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_flipped_bytes_end_in_a_table_or_a_sentence(seed: int, tmp_path: Path) -> None:
    path, chance = tmp_path / "t.arrow", np.random.default_rng(seed)
    FRAME.write_ipc(path)
    content = bytearray(path.read_bytes())
    for place in chance.integers(8, len(content), 12):
        content[place] = int(chance.integers(0, 256))
    path.write_bytes(content)
    with contextlib.suppress(FileError, TableError):
        load(path)
