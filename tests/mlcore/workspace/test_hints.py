"""What was decided about a table waits for its goal."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mlcore.workspace.hints import Hints
from mlcore.workspace.store import Store
from tests.mlcore.workspace.conftest import dataset_of


def test_hints_are_empty_at_first_and_come_back_as_they_were_kept(store: Store) -> None:
    assert store.hints("0123456789ab") == Hints()
    made = Hints(exclude=("Größe", "b"), time="day", kinds={"zip": "integer"})
    store.set_hint("0123456789ab", made)
    assert store.hints("0123456789ab") == made
    assert store.hints("ba9876543210") == Hints()


def test_a_removed_dataset_takes_its_hints_along(store: Store, tmp_path: Path) -> None:
    dataset = dataset_of(store, pd.DataFrame({"a": [1, 2], "y": [0, 1]}), tmp_path, "y", "binary")
    store.set_hint(dataset, Hints(exclude=("a",)))
    store.remove_dataset(dataset)
    assert store.hints(dataset) == Hints()
