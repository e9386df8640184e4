from __future__ import annotations

import ast
import json
import shutil
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

from mlcore.data.delimited.cells import ALWAYS_MISSING
from mlcore.errors import BundleError, ChoiceError
from mlcore.evaluation.costs import Costs
from mlcore.handoff import filling
from mlcore.handoff.bundle import bundle, described, export, free
from mlcore.handoff.facts import facts_of
from mlcore.handoff.filling import SHIPPED
from mlcore.handoff.shipped.comparison import difference
from mlcore.learning import scoring, train
from mlcore.learning.ensemble import Mix, store_mix
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.results import OutOfFold
from mlcore.learning.run import STACK
from mlcore.learning.scoring import Scorer

MakeRun = Callable[[pd.DataFrame, Goal, str], Path]

FILES = {
    "manifest.json", "schema.json", "model.skops", "scoring.json", "scoring.py", "golden/input.parquet",
    "golden/output.parquet", "baseline.json", "policy.json", "plan.json", "predict.py", "verify.py", "requirements.txt",
    "tests/test_bundle.py", "model_card.md", "README.md", "MLmodel", "background.parquet",
    "model.onnx", "onnx.json", "quick.py",
}  # fmt: skip


def test_a_bundle_has_the_agreed_files_and_no_pickle(cancer_bundle: Path) -> None:
    found = {path.relative_to(cancer_bundle).as_posix() for path in cancer_bundle.rglob("*") if path.is_file()}
    assert found >= FILES
    assert not {path for path in found if path.endswith((".pkl", ".pickle", ".joblib"))}


def test_the_card_is_measured_at_the_threshold_that_the_costs_ask_for(
    cancer: pd.DataFrame, make_run: MakeRun, tmp_path: Path
) -> None:
    costs = Costs(tp=9, fp=-1)  # yes from a probability of 0.1: always, for who says the average
    goal = Goal(target="diagnosis", task="binary", metric="", positive="malignant", costs=costs)
    bundle(make_run(cancer.iloc[::3, -3:], goal, "baseline"), "baseline", tmp_path / "out")
    card = (tmp_path / "out" / "model_card.md").read_text()
    assert "(recall) | 1 |" in card


def test_the_card_names_members_that_the_search_found(cancer: pd.DataFrame, make_run: MakeRun) -> None:
    folder = make_run(cancer.iloc[::3, -3:], Goal(target="diagnosis", task="binary", metric=""), "baseline")
    run = RunFolder(folder)
    run.add(replace(run.candidate("baseline"), key="baseline~1", title="Found by the search"))
    trial = replace(run.trials()[0], weights=(("baseline", 0.25), ("baseline~1", 0.75)))
    scorer = Scorer.load(run.trial_folder("baseline") / "model")
    said = facts_of(RunFolder(folder), trial, scorer, rows=10, plugins=()).ingredients
    assert said[1] == "Found by the search (75\u00a0%)"


def test_it_is_proven_on_five_paths_before_it_is_there(cancer_bundle: Path) -> None:
    proof = described(cancer_bundle).proof
    assert proof is not None
    assert proof.ok
    assert [path.key for path in proof.paths] == ["scoring", "parquet", "csv", "onnx", "service"]
    assert all(path.difference <= 1e-6 < path.tolerance for path in proof.paths[-2:])
    assert proof.rows >= 100
    assert proof.difference <= 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "task", "bias"), [("species", "multiclass", (0.2, 0.0, -0.5)), ("base", "regression", (0.7,))]
)
def test_a_stack_is_proven_with_its_second_layer(
    untidy: pd.DataFrame, make_run: MakeRun, tmp_path: Path, target: str, task: str, bias: tuple[float, ...]
) -> None:
    run = RunFolder(make_run(untidy, Goal(target=target, task=task, metric=""), "linear"))  # type: ignore[arg-type]
    train.fit(run.path, "baseline")
    first, second = run.trials()
    said = OutOfFold.read(run, "linear")
    layer: dict[str, object] = {"bias": list(bias), "floor": 1e-6}
    mix = Mix(key=STACK, title="Two", members=((first, 0.4), (second, 1.3)), said=said, note="", stack=layer)
    store_mix(run, mix, start=0.0)
    shown = bundle(run.path, STACK, tmp_path / "stack").proof
    assert shown is not None
    assert shown.ok
    assert shown.difference <= 1e-9
    given, expected = (
        pd.read_parquet(tmp_path / "stack" / "golden" / f"{part}.parquet") for part in ("input", "output")
    )
    plain = Scorer.load(tmp_path / "stack")
    del plain.spec["stack"]  # as an average of its members it would say something else
    assert difference(expected, plain.frame(given)) > 0.01


@pytest.mark.parametrize(("target", "task"), [("species", "multiclass"), ("länge; cm", "regression")])
def test_untidy_tables_score_the_same_from_csv_and_parquet(
    untidy: pd.DataFrame, make_run: MakeRun, tmp_path: Path, target: str, task: str
) -> None:
    run = make_run(untidy, Goal(target=target, task=task, metric=""), "linear")  # type: ignore[arg-type]
    proof = bundle(run, "linear", tmp_path / "untidy.zip").proof
    assert proof is not None
    assert proof.ok
    with zipfile.ZipFile(tmp_path / "untidy.zip") as packed:
        packed.extractall(tmp_path / "out")
    output = pd.read_parquet(tmp_path / "out" / "golden" / "output.parquet")
    if task == "multiclass":
        assert set(output["prediction"]) == {"setosa", "versicolor", "virginica"}
    else:
        assert (output["low"] <= output["high"]).all()
    for code in ("unseen:", "range:", "missing:"):
        assert output["flags"].str.contains(code).any()


def test_the_scoring_code_is_copied_word_for_word(cancer_bundle: Path) -> None:
    assert (cancer_bundle / "scoring.py").read_text() == Path(scoring.__file__).read_text()


def test_the_shipped_files_know_nothing_of_this_project(cancer_bundle: Path) -> None:
    for source in cancer_bundle.rglob("*.py"):
        assert "mlcore" not in source.read_text()
        assert "noqa" not in source.read_text()
        assert "type: ignore" not in source.read_text()


def test_what_predict_takes_for_missing_is_what_our_reader_does() -> None:
    code = ast.parse((SHIPPED / "predict.py").read_text())
    told = next(node.value for node in code.body if isinstance(node, ast.Assign) and node.targets[0].id == "MISSING")
    assert set(ast.literal_eval(told)) == {"", *ALWAYS_MISSING}


def test_a_bundle_is_a_model_folder(cancer_bundle: Path, cancer_run: Path) -> None:
    given = pd.read_parquet(cancer_bundle / "golden" / "input.parquet")
    mine = Model.load(cancer_bundle).predict(given).values
    assert np.array_equal(mine, Model.load(cancer_run / "trials" / "linear" / "model").predict(given).values)


def test_requirements_are_exact_and_name_no_library_of_other_models(cancer_bundle: Path) -> None:
    lines = [line for line in (cancer_bundle / "requirements.txt").read_text().splitlines() if line[:1].isalpha()]
    assert all("==" in line for line in lines)
    names = {line.split("==")[0] for line in lines}
    assert names >= {"numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "skops"}
    assert not names & {"lightgbm", "xgboost", "catboost", "streamlit", "polars"}


def test_lightgbm_is_required_only_by_a_model_of_its_own(
    untidy: pd.DataFrame, make_run: MakeRun, tmp_path: Path
) -> None:
    run = make_run(untidy, Goal(target="open", task="binary", metric=""), "lightgbm")
    bundle(run, "lightgbm", tmp_path / "boosted")
    assert "\nlightgbm==" in (tmp_path / "boosted" / "requirements.txt").read_text()


def test_the_schema_takes_the_golden_rows_and_refuses_a_word_for_a_number(cancer_bundle: Path) -> None:
    schema = json.loads((cancer_bundle / "schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    held = jsonschema.Draft202012Validator(schema)
    given = pd.read_parquet(cancer_bundle / "golden" / "input.parquet")
    rows = json.loads(given.to_json(orient="records"))
    for row in rows:
        held.validate(row)
    with pytest.raises(jsonschema.ValidationError):
        held.validate({**rows[0], "mean radius": "wide"})
    with pytest.raises(jsonschema.ValidationError):
        held.validate({key: rows[0][key] for key in list(rows[0])[1:]})


def test_the_card_says_what_it_predicts_and_how_well(cancer_bundle: Path) -> None:
    card = (cancer_bundle / "model_card.md").read_text()
    assert "Predicts whether **diagnosis** is **malignant**" in card
    assert "| cross-validation, " in card
    assert "because of" not in card


def test_a_zip_and_a_folder_hold_the_same(cancer_bundle: Path, tmp_path: Path) -> None:
    packed = export(cancer_bundle, tmp_path / "out" / "cancer.zip")
    unpacked = export(tmp_path / "out" / "cancer.zip", tmp_path / "again")
    assert packed.manifest == unpacked.manifest == described(cancer_bundle).manifest


def test_something_else_is_never_overwritten(cancer_run: Path, cancer_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(BundleError, match="something else"):
        bundle(cancer_run, "linear", tmp_path / "mine")
    (tmp_path / "photo.zip").write_bytes(b"not a bundle")
    with pytest.raises(BundleError, match="something else"):
        bundle(cancer_run, "linear", tmp_path / "photo.zip")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "mine"
    shutil.copytree(cancer_bundle, tmp_path / "old")
    free(tmp_path / "old")
    free(tmp_path / "nothing yet")


def test_an_older_bundle_is_replaced(cancer_bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(cancer_bundle, tmp_path / "old")
    (tmp_path / "old" / "left over.txt").write_text("x")
    export(cancer_bundle, tmp_path / "old")
    assert not (tmp_path / "old" / "left over.txt").exists()
    assert not list(tmp_path.glob(".bundle-*"))


def test_a_copy_that_scores_otherwise_is_not_handed_over(
    cancer_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = scoring.Scorer.frame

    def wrong(self: scoring.Scorer, table: pd.DataFrame) -> pd.DataFrame:
        frame = right(self, table)
        frame["probability_malignant"] += 1e-8
        return frame

    monkeypatch.setattr(scoring.Scorer, "frame", wrong)
    with pytest.raises(BundleError, match="does not score as the model does"):
        bundle(cancer_run, "linear", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_ensemble_is_handed_over_with_all_its_members(
    cancer: pd.DataFrame, make_run: MakeRun, tmp_path: Path
) -> None:
    run = make_run(
        cancer[["mean texture", "mean smoothness", "mean symmetry", "diagnosis"]],
        Goal(target="diagnosis", task="binary", metric=""),
        "linear",
    )
    train.fit(run, "linear-curves")
    blend = train.blend(run)
    assert blend is not None
    made = bundle(run, blend.key, tmp_path / "blend")
    assert made.proof is not None
    assert made.proof.ok
    assert "A weighted average of" in (tmp_path / "blend" / "model_card.md").read_text()


def test_a_model_that_was_not_trained_cannot_be_handed_over(cancer_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ChoiceError, match="linear"):
        bundle(cancer_run, "linaer", tmp_path / "out")


def test_this_python_is_named(cancer_bundle: Path) -> None:
    assert described(cancer_bundle).manifest.python == f"{sys.version_info.major}.{sys.version_info.minor}"


def test_of_very_many_rows_a_sample_says_how_columns_are_distributed(
    cancer_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder(cancer_run)
    scorer = Scorer.load(run.trial_folder("linear") / "model")
    monkeypatch.setattr(filling, "_DESCRIBED", 20)
    table, truth, learned = filling._training_rows(run, scorer)
    assert len(table) == len(truth) == 20
    assert learned == (~run.split.holdout).sum() > 20
    assert truth.isin(run.labels).all()
    assert not table.duplicated().all()
