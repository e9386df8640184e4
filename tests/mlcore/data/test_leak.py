"""One column that gives the target away is named; many that are merely strong are named together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.checks import check
from mlcore.data.load import read_table, store_frame


def findings(table: pd.DataFrame) -> list[tuple[str, tuple[str, ...]]]:
    dataset = store_frame(table)
    found = check(read_table(dataset), dataset.schema, "y", "binary")
    return [(finding.level, finding.columns) for finding in found if finding.code == "leak"]


def test_copies_of_the_target_are_stopped_one_by_one_and_strong_columns_are_told_together() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 600)
    table = pd.DataFrame({"y": np.where(truth, "yes", "no"), "noise": rng.normal(size=600)})
    table["copy"] = truth * 10.0 + rng.normal(size=600) * 0.01
    for name in ("strong", "also strong"):
        table[name] = truth * 2.0 + rng.normal(size=600)
    found = findings(table)
    assert found[0] == ("stop", ("copy",))
    assert [level for level, _ in found] == ["stop", "watch"]
    assert set(found[1][1]) == {"strong", "also strong"}
