"""An explanation that was stored is read as it was."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.explanation import Explanation, read, store
from tests.mlcore.explanation.test_sentences import explanation


def assert_equal(one: Explanation, other: Explanation) -> None:
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, pd.DataFrame):
            pd.testing.assert_frame_equal(a, b)
        elif isinstance(a, np.ndarray):
            assert np.array_equal(a, b)
        else:
            assert a == b


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_field_comes_back(task: str, tmp_path: Path) -> None:
    record = explanation(task)
    store(record, tmp_path / "new")
    assert_equal(read(tmp_path / "new"), record)


def test_column_names_may_be_anything(tmp_path: Path) -> None:
    names = ("row", "cell 0", "größe\n=1")
    table = explanation().table.set_axis(list(names), axis=1)
    record = replace(explanation(), columns=names, table=table)
    store(record, tmp_path)
    assert_equal(read(tmp_path), record)


def test_cells_of_mixed_types_become_text(tmp_path: Path) -> None:
    table = explanation().table.assign(job=pd.Series([1, "a", None, 2.5], dtype=object))
    store(replace(explanation(), table=table), tmp_path)
    assert read(tmp_path).table["job"].tolist()[:2] == ["1", "a"]
    assert read(tmp_path).table["job"].isna().tolist() == [False, False, True, False]


def test_a_folder_without_a_card_holds_no_explanation(tmp_path: Path) -> None:
    store(explanation(), tmp_path)
    (tmp_path / "explanation.json").unlink()
    with pytest.raises(FileNotFoundError):
        read(tmp_path)
