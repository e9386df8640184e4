"""What a bundle is filled with, where the table is too large to look at all of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.handoff import filling
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal


def test_a_rare_label_of_a_large_table_is_among_the_golden_rows(
    make_run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a word that only its rows have; of the others a sample is taken, in which chance leaves it out."""
    kind = np.where(np.arange(600) % 200 == 190, "rare", np.where(np.arange(600) % 2, "one", "two"))
    table = pd.DataFrame({"word": np.where(kind == "rare", "seldom", "often"), "size": np.arange(600.0), "kind": kind})
    run = make_run(table, Goal(target="kind", task="multiclass", metric=""), "baseline")
    monkeypatch.setattr(filling, "_DESCRIBED", 30)
    filling.fill(tmp_path / "bundle", RunFolder(run), "baseline")
    given = pd.read_parquet(tmp_path / "bundle" / "golden" / "input.parquet")
    assert len(given) >= 100
    assert "seldom" in set(given["word"])
