"""What was said about columns is said about the next version of the table too."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mlcore.data.dictionary import Entry
from mlcore.data.load import store_frame
from mlcore.workspace.carrying import carried
from mlcore.workspace.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "home")


def test_entries_go_on_as_far_as_they_fit(store: Store, tmp_path: Path) -> None:
    first = pd.DataFrame({"age": [1, 2], "code": [1, 2], "gone": [1.5, 2]})
    second = pd.DataFrame({"age": [3, 4], "code": ["a", "b"], "new": [1.5, 2]})
    old, new = (
        store.add_dataset(store_frame(frame, tmp_path / f"{at}.parquet")) for at, frame in enumerate((first, second))
    )
    said = {"age": Entry(label="Age", low=0), "code": Entry(label="Code", high=9), "gone": Entry(label="Gone")}
    store.set_entries(old, said)
    findings = carried(store, old, new)
    assert store.dictionary(new) == {"age": Entry(label="Age", low=0), "code": Entry(label="Code")}
    assert [finding.code for finding in findings] == ["range_not_carried"]
    assert findings[0].columns == ("code",)
