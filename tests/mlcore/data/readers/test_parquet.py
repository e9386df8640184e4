"""Parquet of every type becomes the four storages."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlcore.data.choices import Choices
from mlcore.data.load import load, preview, read_table
from mlcore.data.readers import parquet
from mlcore.errors import FileError, TableError


def test_every_type_has_its_storage(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "i8": pl.Series([1, 2, None], dtype=pl.Int8),
            "u64": pl.Series([2**60, 1, 2], dtype=pl.UInt64),
            "f32": pl.Series([0.5, float("nan"), float("inf")], dtype=pl.Float32),
            "flag": [True, None, False],
            "day": [date(2025, 1, 1), None, date(2025, 1, 3)],
            "zoned": pl.Series([datetime(2025, 7, 1)] * 3).dt.replace_time_zone("Europe/Berlin"),
            "span": [timedelta(seconds=90)] * 3,
            "clock": [time(10, 30)] * 3,
            "money": [Decimal("1.25")] * 3,
            "kind": pl.Series(["a", "b", "a"], dtype=pl.Categorical),
            "text": ["x", "", None],
            "iso": ["2025-01-01", "2025-01-02", None],
            "digits": ["1", "2", "3"],
            "list": [[1], [2], [3]],
            "bytes": [b"\xff\x00", None, b"a"],
            "text in bytes": [b"caf\xc3\xa9", None, b"a"],
            "long": [Decimal(2**70), None, Decimal(1)],
            "short": [Decimal(12), Decimal(13), Decimal(14)],
        }
    )
    path = tmp_path / "all.parquet"
    frame.write_parquet(path)
    dataset = load(path)
    assert [column.storage for column in dataset.schema] == [
        "integer", "text", "float", "text", "datetime", "datetime", "float", "text", "float", "text", "text",
        "datetime", "text", "text", "text", "integer",
    ]  # fmt: skip
    table = read_table(dataset)
    assert table["f32"].isna().tolist() == [False, True, True]
    assert table["flag"].dropna().tolist() == ["True", "False"]
    assert table["zoned"][0] == pd.Timestamp("2025-06-30 22:00")
    assert table["span"][0] == 90.0
    assert table["text"].isna().tolist() == [False, True, True]
    assert table["text in bytes"].tolist()[0] == "café"
    assert table["long"].tolist()[0] == str(2**70)
    assert table["digits"].tolist() == ["1", "2", "3"]
    assert any("'list', 'bytes'" in note for note in dataset.reading.notes)
    shown, _ = preview(path)
    pd.testing.assert_frame_equal(shown, table)


def test_a_csv_name_does_not_hide_a_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    pl.DataFrame({"a": [1, 2]}).write_parquet(path)
    assert load(path).reading.format == "parquet"


def test_a_parquet_name_does_not_hide_text(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    path.write_text("a,b\n1,2\n3,4\n")
    assert load(path).reading.format == "csv"


def test_tables_without_rows_or_usable_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": []}, schema={"a": pl.Int64}).write_parquet(path)
    with pytest.raises(TableError, match="no rows"):
        load(path)
    pl.DataFrame({"a": [[1]]}).write_parquet(path)
    with pytest.raises(TableError, match="no columns"):
        load(path)


def test_damage_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": list(range(5000)), "b": [str(n) for n in range(5000)]}).write_parquet(path)
    content = bytearray(path.read_bytes())
    content[-120:-20] = b"\xff" * 100
    path.write_bytes(content)
    with pytest.raises(FileError):
        load(path, out=tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize("day_first", [True, False])
def test_dates_written_as_text_follow_the_chosen_order(tmp_path: Path, day_first: bool) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"when": ["01/02/2025", "03/04/2025"]}).write_parquet(path)
    dataset = load(path, choices=Choices(day_first=day_first))
    assert read_table(dataset)["when"][0] == (pd.Timestamp("2025-02-01") if day_first else pd.Timestamp("2025-01-02"))
    assert dataset.schema["when"].day_first is day_first


def test_fields_of_objects_become_columns_on_request(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    place = {"city": "A", "at": {"x": 1.5, "y": 2}}
    pl.DataFrame({"n": [1, 2], "place": [place, None], "tags": [["a"], []]}).write_parquet(path)
    left_out = load(path)
    assert left_out.schema.names == ("n",)
    assert any("Flatten nested columns" in note for note in left_out.reading.notes)
    table = read_table(load(path, choices=Choices(flatten=True)))
    assert table.columns.tolist() == ["n", "place.city", "place.at.x", "place.at.y"]
    assert table.iloc[0].tolist() == [1, "A", 1.5, 2.0]
    assert preview(path, Choices(flatten=True))[0].columns.tolist() == table.columns.tolist()


def test_timestamps_of_the_oldest_form_are_read(tmp_path: Path) -> None:
    moments = pa.table({"t": pa.array([datetime(2024, 1, 1, 12), datetime(1900, 1, 1)], pa.timestamp("us"))})
    pq.write_table(moments, tmp_path / "t.parquet", use_deprecated_int96_timestamps=True)
    assert read_table(load(tmp_path / "t.parquet"))["t"].tolist() == [
        pd.Timestamp(2024, 1, 1, 12),
        pd.Timestamp(1900, 1, 1),
    ]


def test_a_small_file_that_declares_a_huge_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    zeros = pa.table({"a": pa.array(np.zeros(5_000_000, dtype="int64"))})
    with pq.ParquetWriter(path, zeros.schema, compression="zstd") as writer:
        for _ in range(20):
            writer.write_table(zeros, row_group_size=5_000_000)
    with pytest.raises(FileError, match="declares 100,000,000 rows"):
        load(path, out=tmp_path / "out" / "t.parquet")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_in_one_huge_piece_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_MOST_AT_ONCE", 100)
    pl.DataFrame({"a": range(101)}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(FileError, match="101 rows of 1 columns in one piece"):
        load(tmp_path / "t.parquet")


def test_a_list_of_contents_that_does_not_fit_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1" + b"x" * 50 + (2**31).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(FileError, match="cut off"):
        load(path)


@pytest.mark.parametrize("seed", range(30))
def test_flipped_bytes_end_in_a_table_or_a_sentence(seed: int, tmp_path: Path) -> None:
    path, chance = tmp_path / "t.parquet", np.random.default_rng(seed)
    pl.DataFrame({"a": range(500), "b": [str(n) * 5 for n in range(500)]}).write_parquet(path)
    content = bytearray(path.read_bytes())
    for place in chance.integers(4, len(content) - 8, 5):
        content[place] = int(chance.integers(0, 256))
    path.write_bytes(content)
    with contextlib.suppress(FileError, TableError):
        load(path)
