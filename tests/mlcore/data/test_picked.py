from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mlcore.data import frames, load
from mlcore.data.load import read_table
from mlcore.data.picked import picked

TABLE = pd.DataFrame({"a": np.arange(25.0), "b": [f"row {place}" for place in range(25)], "c": np.arange(25)})


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    TABLE.to_parquet(tmp_path / "t.parquet", row_group_size=10)
    return tmp_path / "t.parquet"


@pytest.mark.parametrize("places", [[0, 9, 10, 24], [3, 3, 20], [], list(range(25))])
def test_rows_are_picked_across_pieces(stored: Path, places: list[int]) -> None:
    chosen = np.array(places, dtype=np.int64)
    expected = TABLE.iloc[chosen].reset_index(drop=True)
    pd.testing.assert_frame_equal(picked(stored, chosen), expected.astype({"b": "str"}))
    assert list(picked(stored, chosen, ["c", "a"]).columns) == ["c", "a"]
    coded = picked(stored, chosen, coded=["b"])["b"]
    assert coded.dtype == "category"
    assert coded.tolist() == expected["b"].tolist()


def test_a_large_table_is_read_some_columns_at_a_time_and_is_the_same(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read_table(stored)
    monkeypatch.setattr(load, "_CELLS_AT_ONCE", 50)
    pd.testing.assert_frame_equal(read_table(stored), whole)
    pd.testing.assert_frame_equal(read_table(stored, ["c", "b", "a"]), whole[["c", "b", "a"]])


def test_very_many_columns_are_read_in_one_piece_and_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = np.random.default_rng(0)
    cells = {f"x{place}": np.where(chance.random(25) < 0.2, np.nan, chance.normal(size=25)) for place in range(520)}
    gaps = pd.array([None, *range(24)], dtype="Int64")
    when = pd.date_range("2024-01-01", periods=25).astype("datetime64[us]")
    others = {"whole": np.arange(25), "gaps": gaps, "word": ["a", None, "b", "b", "c"] * 5, "when": when}
    path, chosen = tmp_path / "wide.parquet", np.array([0, 3, 11, 24], dtype=np.int64)
    table = pl.from_pandas(pd.DataFrame({**cells, **others, "last": 1.5}), nan_to_null=True)
    table.write_parquet(path, row_group_size=10)
    whole = pd.read_parquet(path)
    turned: list[str] = []
    monkeypatch.setattr(
        frames, "_as_series", lambda column, one=frames._as_series: turned.append(column.name) or one(column)
    )
    pd.testing.assert_frame_equal(read_table(path), whole)
    pd.testing.assert_frame_equal(picked(path, chosen), whole.iloc[chosen].reset_index(drop=True))
    assert picked(path, chosen[:0]).columns.tolist() == whole.columns.tolist()
    assert set(turned) == {"word", "when"}, "numbers are never taken one by one"
    mine = read_table(path)
    mine.loc[0, "x0"] = 7.0  # can be written to, as any other frame
    assert mine["x0"][0] == 7.0
