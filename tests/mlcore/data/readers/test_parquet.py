"""Parquet of every type becomes the four storages."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from mlcore.data.choices import Choices
from mlcore.data.load import load, preview, read_table
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
        }
    )
    path = tmp_path / "all.parquet"
    frame.write_parquet(path)
    dataset = load(path)
    assert [column.storage for column in dataset.schema] == [
        "integer", "text", "float", "text", "datetime", "datetime", "float", "text", "float", "text", "text",
        "datetime", "text",
    ]  # fmt: skip
    table = read_table(dataset)
    assert table["f32"].isna().tolist() == [False, True, True]
    assert table["flag"].dropna().tolist() == ["True", "False"]
    assert table["zoned"][0] == pd.Timestamp("2025-06-30 22:00")
    assert table["span"][0] == 90.0
    assert table["text"].isna().tolist() == [False, True, True]
    assert table["digits"].tolist() == ["1", "2", "3"]
    assert any("'list'" in note for note in dataset.reading.notes)
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
