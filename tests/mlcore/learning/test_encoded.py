"""Encoded rows are kept for the next candidate, and only for the very same rows, fields and wish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore import files
from mlcore.learning import encoded
from mlcore.learning.blocks import Picked
from mlcore.learning.encode import Wish
from mlcore.learning.folder import ENCODED, RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.train import fit, out_of_fold

Laid = Callable[..., Path]
FIELDS = [{"id": "c0", "name": "size", "kind": "number", "missing": 0.0}]
ROWS = pd.DataFrame({"c0": np.arange(50.0)})
WISH = Wish(intake="scaled", rows=50, classes=2)
Y = np.arange(50) % 2


def every(table: pd.DataFrame) -> Picked:
    return Picked(table, np.arange(len(table)))


@pytest.fixture(autouse=True)
def keep_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoded, "WORTH_SECONDS", 0.0)


def test_the_same_is_encoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, first = encoded.encoded(tmp_path, FIELDS, WISH, every(ROWS), Y)
    monkeypatch.setattr(encoded, "encoder", None)
    again, second = encoded.encoded(tmp_path, FIELDS, WISH, every(ROWS), Y)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(again.transform(ROWS), first)


def test_other_rows_targets_or_wishes_are_encoded_anew(tmp_path: Path) -> None:
    encoded.encoded(tmp_path, FIELDS, WISH, every(ROWS), Y)
    others = [
        (FIELDS, WISH, ROWS.iloc[1:], Y[1:]),
        (FIELDS, WISH, ROWS * 2, Y),
        (FIELDS, WISH, ROWS, 1 - Y),
        (FIELDS, replace(WISH, intake="sparse"), ROWS, Y),
        ([{**FIELDS[0], "missing": 0.5}], WISH, ROWS.assign(c0_missing=0.0), Y),
    ]
    for number, other in enumerate(others):
        fields, wish, rows, y = other
        encoded.encoded(tmp_path, fields, wish, every(rows), y)
        assert len(list(tmp_path.glob("*.joblib"))) == number + 2


def test_a_broken_file_or_a_full_folder_costs_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, first = encoded.encoded(tmp_path, FIELDS, WISH, every(ROWS), Y)
    next(tmp_path.glob("*.joblib")).write_bytes(b"broken")
    np.testing.assert_array_equal(encoded.encoded(tmp_path, FIELDS, WISH, every(ROWS), Y)[1], first)
    monkeypatch.setattr(encoded, "MOST_BYTES", 10)
    encoded.encoded(tmp_path / "full", FIELDS, WISH, every(ROWS), Y)
    assert not list((tmp_path / "full").glob("*.joblib"))
    encoded.encoded(None, FIELDS, WISH, every(ROWS), Y)


def test_what_can_be_made_again_is_not_flushed_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(files, "_flush", flushed.append)
    encoded.encoded(tmp_path, FIELDS, WISH, every(ROWS), Y)
    assert len(list(tmp_path.glob("*.joblib"))) == 1
    assert flushed == []
    files.write_text(tmp_path / "said.txt", "this lasts")
    assert flushed[-1] == tmp_path
    assert len(flushed) == 2


def test_a_full_disk_costs_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, **_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(encoded.files, "whole", full)
    _, made = encoded.encoded(tmp_path, FIELDS, WISH, every(ROWS), Y)
    assert len(made) == len(ROWS)
    assert not list(tmp_path.glob("*.joblib"))


@pytest.mark.slow
def test_candidates_of_a_run_encode_a_fold_once_and_say_the_same(laid_out: Laid, cancer: pd.DataFrame) -> None:
    goal = Goal(target="diagnosis", task="binary", metric="")
    kept, alone = (laid_out(cancer, goal, only=("linear",)) for _ in range(2))
    other = replace(RunFolder(kept).candidate("linear"), key="linear~1", params={"strength": 10.0})
    for folder in (kept, alone):
        RunFolder(folder).add(other)
    fit(kept, "linear")
    files = set((kept / ENCODED).glob("*.joblib"))
    assert files
    fit(kept, other.key)
    assert set((kept / ENCODED).glob("*.joblib")) == files
    fit(alone, other.key)
    np.testing.assert_array_equal(out_of_fold(kept, other.key).values, out_of_fold(alone, other.key).values)
    assert not np.array_equal(out_of_fold(kept, other.key).values, out_of_fold(kept, "linear").values)
