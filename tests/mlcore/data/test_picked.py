from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data import load
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
