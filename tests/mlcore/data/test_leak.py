"""One column that gives the target away is named; many that are merely strong are named together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.datasets import load_iris

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


def joined(rows: float, *, noise: float = 0.0) -> pd.DataFrame:
    """A table to some of whose rows, drawn at random, the outcome was joined from another."""
    rng = np.random.default_rng(1)
    truth = rng.random(1500) < 0.3
    result = np.where(truth, 1.0, 0.0) + noise * rng.normal(size=1500)
    table = pd.DataFrame({"y": np.where(truth, "yes", "no"), "x": rng.normal(size=1500), "z": rng.normal(size=1500)})
    return table.assign(result=np.where(rng.random(1500) < rows, result, np.nan))


def test_an_outcome_that_was_joined_to_few_of_the_rows_is_stopped() -> None:
    for rows in (0.1, 0.3, 0.45, 0.9):
        assert findings(joined(rows)) == [("stop", ("result",))], rows


def test_so_is_one_that_says_it_in_numbers_of_its_own() -> None:
    assert findings(joined(0.3, noise=0.2)) == [("stop", ("result",))]
    assert findings(joined(0.3, noise=0.55)) == [("watch", ("result",))]
    assert findings(joined(0.3, noise=3)) == []


def test_an_amount_that_was_joined_to_few_of_the_rows_is_stopped() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(50, 9, 900)
    table = pd.DataFrame({"y": truth, "x": rng.normal(size=900)})
    table["result"] = np.where(rng.random(900) < 0.25, truth * 3 + 1, np.nan)
    dataset = store_frame(table)
    found = check(read_table(dataset), dataset.schema, "y", "regression")
    assert [(one.level, one.columns) for one in found if one.code == "leak"] == [("stop", ("result",))]
    assert "in the 2" in next(one.what for one in found if one.code == "leak")


def test_a_measurement_that_tells_three_labels_apart_is_pointed_out_and_a_copy_of_them_is_stopped() -> None:
    flowers = load_iris(as_frame=True)
    table = flowers.data.assign(y=flowers.target.map(dict(enumerate(flowers.target_names))))
    noise = np.random.default_rng(0).normal(size=len(table)) * 0.01
    dataset = store_frame(table.assign(note=flowers.target * 10.0 + noise))
    found = check(read_table(dataset), dataset.schema, "y", "multiclass")
    levels = {finding.columns: finding.level for finding in found if finding.code == "leak"}
    assert levels[("note",)] == "stop"
    assert [level for columns, level in levels.items() if "petal length (cm)" in columns] == ["watch"]
