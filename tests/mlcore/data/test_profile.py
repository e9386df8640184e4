"""A profile counts every row, travels as JSON and is the same for a file and a frame."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mlcore import records
from mlcore.data import relations
from mlcore.data.load import read_table, store_frame
from mlcore.data.profile import LEVELS, Profile, profile
from mlcore.errors import ColumnError


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "x": np.where(rng.random(400) < 0.1, np.nan, rng.normal(10, 2, 400)),
            "count": rng.integers(0, 50, 400),
            "city": rng.choice(["Rome", "Oslo", None], 400, p=[0.6, 0.3, 0.1]),
            "when": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 90, 400), unit="D"),
            "y": rng.choice(["yes", "no"], 400),
        }
    )


def test_numbers_are_those_of_pandas(tmp_path: Path, table: pd.DataFrame) -> None:
    dataset = store_frame(table, tmp_path / "t.parquet")
    x = profile(Path(dataset.path), dataset.schema)["x"]
    assert (x.missing, x.distinct) == (int(table["x"].isna().sum()), table["x"].nunique())
    assert x.mean == pytest.approx(table["x"].mean())
    assert x.std == pytest.approx(table["x"].std())
    assert x.quantiles == pytest.approx(table["x"].quantile(list(LEVELS)).tolist())
    assert x.histogram is not None
    assert sum(x.histogram.counts) == table["x"].count()


def test_a_file_and_a_frame_have_the_same_profile(tmp_path: Path, table: pd.DataFrame) -> None:
    dataset = store_frame(table, tmp_path / "t.parquet")
    of_file = profile(Path(dataset.path), dataset.schema, "y")
    assert profile(read_table(dataset), dataset.schema, "y") == of_file
    assert profile(pl.read_parquet(dataset.path), dataset.schema, "y") == of_file


def test_a_profile_survives_json(tmp_path: Path, table: pd.DataFrame) -> None:
    dataset = store_frame(table, tmp_path / "t.parquet")
    made = profile(Path(dataset.path), dataset.schema, "y")
    assert records.from_json(Profile, json.loads(json.dumps(records.to_json(made)))) == made


def test_categories_and_dates_are_described(tmp_path: Path, table: pd.DataFrame) -> None:
    dataset = store_frame(table, tmp_path / "t.parquet")
    made = profile(Path(dataset.path), dataset.schema, "y")
    assert [value.value for value in made["city"].top] == ["Rome", "Oslo"]
    assert made["city"].mean is None
    assert made["when"].quantiles[0] == table["when"].min().timestamp()
    assert made["y"].relation is None
    assert made["x"].relation is not None


def test_equal_rows_are_counted(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 1, 2, 1, None], "b": ["x", "x", "x", "y", None]})
    dataset = store_frame(pd.concat([frame, frame.tail(1)]), tmp_path / "t.parquet")
    assert profile(Path(dataset.path), dataset.schema).duplicates == 2


def test_a_large_table_is_sampled_for_relations_and_says_so(
    tmp_path: Path, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("look", "profile"):
        monkeypatch.setattr(f"mlcore.data.{module}.MOST_ROWS", 100)
    dataset = store_frame(table, tmp_path / "t.parquet")
    made = profile(Path(dataset.path), dataset.schema, "y")
    assert (made.rows, made.sampled, made.exact) == (400, 100, False)
    assert made["count"].relation is not None
    assert made["count"].relation.n == 100
    assert relations.MOST_ROWS == 50_000


def test_tables_of_one_row_and_empty_columns_have_a_profile(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1], "b": ["x"], "c": [np.nan]})
    dataset = store_frame(frame, tmp_path / "t.parquet")
    made = profile(Path(dataset.path), dataset.schema, "b")
    assert made["c"].quantiles == ()
    assert made["a"].std is None


def test_a_target_that_does_not_exist_is_named(tmp_path: Path, table: pd.DataFrame) -> None:
    dataset = store_frame(table, tmp_path / "t.parquet")
    with pytest.raises(ColumnError, match="'cty'"):
        profile(Path(dataset.path), dataset.schema, "cty")
