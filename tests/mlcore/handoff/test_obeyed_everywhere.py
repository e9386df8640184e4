"""A saved decision rule gives the same answers in Python, on the command line, and in a bundle that stands alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from mlcore import api, cli, records
from mlcore.errors import ColumnError, UserError
from mlcore.evaluation.policy import FILE, Band, GroupThresholds, Policy, Rule
from mlcore.handoff.bundle import bundle
from mlcore.learning import ruling
from mlcore.learning.folder import RunFolder
from mlcore.learning.model import Model


@pytest.fixture(scope="module")
def decided(cancer_run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The bundle of a model with a decision rule, and the folder of the model."""
    run = tmp_path_factory.mktemp("decided") / "0123456789ab"
    shutil.copytree(cancer_run, run)
    model = run / "trials" / "linear" / "model"
    usual = ruling.read(model)
    policy = Policy(
        task="binary",
        labels=usual.labels,
        positive="malignant",
        threshold=0.2,
        refer=Band(low=0.1, high=0.6),
        rules=(Rule(column="mean radius", op=">", value=18.0, then="malignant", why="Large ones are operated on."),),
        group_thresholds=GroupThresholds(column="worst area", thresholds={"1000": 0.9}),
    )
    records.write(model / FILE, ruling.fitted(policy, model, RunFolder(run).plan.schema))
    bundle(run, "linear", run.parent / "bundle")
    return run.parent / "bundle", model


def test_a_model_without_a_rule_of_its_own_says_what_it_was_made_with(cancer_run: Path) -> None:
    policy = ruling.read(cancer_run / "trials" / "linear" / "model")
    assert (policy.task, policy.positive, policy.threshold) == ("binary", "malignant", 0.5)
    assert policy.labels == ("benign", "malignant")
    assert Model.load(cancer_run / "trials" / "linear" / "model").policy == policy


@pytest.mark.slow
def test_every_way_to_score_obeys_the_rule(decided: tuple[Path, Path], cancer: pd.DataFrame, tmp_path: Path) -> None:
    made, model = decided
    rows = cancer.drop(columns="diagnosis")
    rows.to_parquet(tmp_path / "rows.parquet")
    home = Model.load(model).scorer.frame(rows)
    yes = home["probability_malignant"]
    ruled = rows["mean radius"] > 18
    assert (home["prediction"] == "malignant").tolist() == ((yes >= 0.2) | ruled).tolist()
    assert home["flags"].str.contains("rule:1").tolist() == ruled.tolist()
    assert home["flags"].str.contains("refer").tolist() == ((yes >= 0.1) & (yes < 0.6) & ~ruled).tolist()
    assert home["flags"].str.contains("refer").any()

    pd.testing.assert_frame_equal(api.score(made, rows), home)
    words = [str(made), str(tmp_path / "rows.parquet"), "--out", str(tmp_path / "a.parquet")]
    assert cli.main(["predict", *words, "--no-unlike"]) == 0  # which is told of whole files only
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet"), home, check_dtype=False)
    command = [sys.executable, str(made / "predict.py"), "rows.parquet", "b.parquet"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120, env={"OMP_NUM_THREADS": "1"})
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "b.parquet"), home, check_dtype=False)


def test_the_bundle_carries_the_rule_and_its_golden_rows_are_decided_by_it(decided: tuple[Path, Path]) -> None:
    made, model = decided
    told = json.loads((made / FILE).read_text())
    assert (told["format"], told["threshold"], told["rules"][0]["why"]) == (2, 0.2, "Large ones are operated on.")
    assert ruling.read(made) == ruling.read(model)
    assert pd.read_parquet(made / "golden" / "output.parquet")["flags"].str.contains("rule:1").any()
    assert api.verify(made).ok


def test_a_bundle_of_the_first_format_scores_as_it_did(
    cancer_bundle: Path, cancer: pd.DataFrame, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    shutil.copytree(cancer_bundle, old)
    (old / FILE).write_text(json.dumps({"labels": ["benign", "malignant"], "positive": "malignant", "threshold": 0.9}))
    model = Model.load(old)
    assert (model.policy.format, model.policy.threshold, model.policy.rules) == (2, 0.9, ())
    frame = model.scorer.frame(cancer)
    assert ((frame["prediction"] == "malignant") == (frame["probability_malignant"] >= 0.9)).all()


def test_a_rule_that_the_rows_cannot_follow_is_refused_when_it_is_saved(cancer_run: Path) -> None:
    model, schema = cancer_run / "trials" / "linear" / "model", RunFolder(cancer_run).plan.schema
    usual = ruling.read(model)

    def saved(rule: Rule) -> None:
        ruling.fitted(Policy(task="binary", labels=usual.labels, rules=(rule,)), model, schema)

    with pytest.raises(ColumnError, match="mean radios"):
        saved(Rule(column="mean radios", op=">", value=1.0))
    with pytest.raises(UserError, match="a number, such as 100"):
        saved(Rule(column="mean radius", op=">", value="wide"))
