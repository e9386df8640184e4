"""The sample tables are there, small, and what their cards say."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlcore.data.load import load, read_table
from mlcore.data.samples import Sample, samples
from mlcore.errors import FileError

FOLDER = Path(__file__).parents[3] / "sample_data"
SAMPLES = samples(FOLDER)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.key)
def test_a_sample_is_what_its_card_says(sample: Sample, tmp_path: Path) -> None:
    assert Path(sample.path).stat().st_size < 2_000_000
    dataset = load(sample.path, out=tmp_path / "t.parquet", name=sample.title)
    assert dataset.rows == sample.rows
    assert dataset.reading.set_aside == 0
    target = read_table(dataset, [sample.target])[sample.target]
    assert target.notna().all()
    classes = {"binary": 2, "multiclass": 3}.get(sample.task, 50)
    assert target.nunique() == classes or (sample.task != "binary" and target.nunique() >= classes)
    assert sample.source
    assert sample.licence
    if sample.time is not None:
        assert dataset.schema[sample.time].kind == "datetime"


def test_the_samples_cover_the_tasks() -> None:
    assert {sample.task for sample in SAMPLES} == {"binary", "multiclass", "regression"}
    assert any(sample.task == "regression" and sample.time for sample in SAMPLES)
    assert any(sample.rows < 500 for sample in SAMPLES)


def test_the_business_sample_is_mixed_incomplete_and_large(tmp_path: Path) -> None:
    sample = next(sample for sample in SAMPLES if sample.task == "binary")
    dataset = load(sample.path, out=tmp_path / "t.parquet")
    assert dataset.rows >= 5000
    assert {column.kind for column in dataset.schema} >= {"numeric", "integer", "categorical", "datetime", "boolean"}
    assert any(column.missing > 0.1 for column in dataset.schema)


def test_a_folder_without_samples_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="not there"):
        samples(tmp_path)
