"""The internal columns of a run on disk: as they were, and very many in few pieces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from mlcore.learning import laid

CHANCE = np.random.default_rng(0)
ROWS, MANY = 150, laid.MANY + 20


def table(numbers: int) -> pd.DataFrame:
    cells = CHANCE.normal(size=(ROWS, numbers)).astype(np.float32).astype(np.float64)
    cells[::7, 1] = np.nan
    frame = pd.DataFrame(cells, columns=[f"c{place}" for place in range(numbers)])
    words = pd.Series(["red", "", 'green, "light"'] * (ROWS // 3), dtype=object)
    frame.insert(2, "word", words)
    return frame


def blocks(frame: pd.DataFrame, size: int = 70) -> list[pd.DataFrame]:
    return [frame.iloc[start : start + size] for start in range(0, len(frame), size)]


@pytest.mark.parametrize("numbers", [3, MANY])
@pytest.mark.parametrize("places", [[0, 69, 70, 149], [], list(range(ROWS))])
def test_rows_come_back_as_they_were(tmp_path: Path, numbers: int, places: list[int]) -> None:
    frame, chosen = table(numbers), np.array(places, dtype=np.int64)
    laid.write(iter(blocks(frame)), tmp_path / "f.parquet")
    kept = frame.iloc[chosen].reset_index(drop=True).astype({"word": "str"})
    read = laid.read(tmp_path / "f.parquet", chosen)
    pd.testing.assert_frame_equal(read.astype(kept.dtypes), kept)
    assert (read.dtypes == np.float32).sum() == numbers
    coded = laid.read(tmp_path / "f.parquet", chosen, coded=["word"])
    assert coded["word"].dtype == "category"
    assert coded["word"].tolist() == kept["word"].tolist()


def test_very_many_numbers_alone_come_back_as_they_were(tmp_path: Path) -> None:
    frame = table(MANY).drop(columns="word")
    laid.write(iter(blocks(frame)), tmp_path / "f.parquet")
    pd.testing.assert_frame_equal(laid.read(tmp_path / "f.parquet", np.arange(ROWS)).astype(np.float64), frame)


def test_very_many_columns_are_few_pieces_on_disk_and_the_first_is_read_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid.write(iter(blocks(table(MANY))), tmp_path / "f.parquet")
    assert len(pq.read_schema(tmp_path / "f.parquet").names) == 3
    monkeypatch.setattr(laid, "_cells", None)  # which reads them all
    assert list(laid.read(tmp_path / "f.parquet", np.arange(ROWS), most=1).columns) == ["c0"]
