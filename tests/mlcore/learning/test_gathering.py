from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.evaluation import cases
from mlcore.evaluation.policy import FILE, GroupThresholds
from mlcore.learning import ruling
from mlcore.learning.folder import RunFolder
from mlcore.learning.gathering import gathered
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.scoring import ScoringError
from mlcore.learning.train import fit, out_of_fold
from tests.mlcore.learning.conftest import Laid


@pytest.fixture
def run(laid_out: Laid) -> Path:
    chance = np.random.default_rng(0)
    table = pd.DataFrame({"a": chance.normal(size=400), "b": chance.choice(["x", "y"], 400)})
    table["who"] = np.arange(400) // 4
    table["t"] = np.where(table["a"] + chance.normal(size=400) > 0, "yes", "no")
    folder = laid_out(table, Goal(target="t", task="binary", metric="roc_auc", positive="yes", group="who"))
    assert fit(folder, "linear").state == "done"
    return folder


def test_cases_are_the_unseen_rows_with_what_they_hold_and_never_locked_ones(run: Path, tmp_path: Path) -> None:
    made, said = gathered(run, "linear"), out_of_fold(run, "linear")
    np.testing.assert_array_equal(made.predictions.values, said.values)
    folder, table = RunFolder(run), pd.read_parquet(RunFolder(run).table_path)
    locked = folder.positions[folder.split.holdout]
    assert len(locked)
    assert not set(made.predictions.rows) & set(locked)
    cases.store(made, tmp_path)
    again = cases.read(tmp_path)
    for one in (made, again):
        np.testing.assert_array_equal(one.column("a"), table["a"].to_numpy()[said.rows])
        assert one.column("b").tolist() == table["b"].iloc[said.rows].tolist()
        np.testing.assert_array_equal(one.predictions.groups, said.groups)
        assert one.units.count == len(np.unique(said.groups))
    np.testing.assert_array_equal(again.predictions.truth, said.truth)
    np.testing.assert_array_equal(again.fold, made.fold)
    assert (again.n, again.predictions.positive, again.predictions.measured) == (made.n, "yes", "cross-validation")
    with pytest.raises(KeyError):
        cases.Cases(predictions=made.predictions, fold=made.fold, n=1, ids=made.ids).column("a")


def test_a_policy_may_look_at_a_column_that_the_model_must_not_see(laid_out: Laid) -> None:
    chance = np.random.default_rng(1)
    table = pd.DataFrame({"a": chance.normal(size=300), "shop": chance.choice(["Bonn", "Ulm"], 300)})
    table["t"] = np.where(table["a"] + chance.normal(size=300) > 0, "yes", "no")
    run = laid_out(table, Goal(target="t", task="binary", metric="roc_auc", positive="yes", exclude=("shop",)))
    assert fit(run, "linear").state == "done"
    folder, schema = run / "trials" / "linear" / "model", RunFolder(run).plan.schema
    own = GroupThresholds(column="shop", thresholds={"Bonn": 0.0, "Ulm": 1.5})
    records.write(folder / FILE, ruling.fitted(replace(ruling.read(folder), group_thresholds=own), folder, schema))
    model = Model.load(folder)
    assert model.policy.wanted == ({"name": "shop", "kind": "category"},)
    assert model.columns == ("a",)
    assert model.needed == ("a", "shop")
    said = model.scorer.frame(table)["prediction"]
    assert (said == np.where(table["shop"] == "Bonn", "yes", "no")).all()
    assert (
        ruling.obeyed(model.policy, gathered(run, "linear"), folder, schema)["prediction"].tolist()
        == np.where(gathered(run, "linear").column("shop") == "Bonn", "yes", "no").tolist()
    )
    with pytest.raises(ScoringError, match="lacks the column 'shop'"):
        model.scorer.frame(table[["a"]])
