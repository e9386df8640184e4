"""The script and the notebook train the model again from the raw file, without this project, to the same score."""

from __future__ import annotations

import ast
import json
import runpy
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlcore import records
from mlcore.errors import BundleError
from mlcore.handoff.bundle import bundle
from mlcore.handoff.exporters.notebook import NOTEBOOK
from mlcore.handoff.exporters.script import SCRIPT
from mlcore.handoff.rebuilding import NOTE, Rebuild
from mlcore.learning import train
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS

MakeRun = Callable[[pd.DataFrame, Goal, str], Path]


@pytest.fixture(autouse=True)
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a script imports from its folder is gone after the test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    ours = ("predict", "scoring", "obeying", "replay", "formula", "comparison", "steps")
    for name in [name for name in sys.modules if name.partition(".")[0] in ours]:
        del sys.modules[name]


def rebuilt(folder: Path, table: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the script in this folder says of the table."""
    monkeypatch.setattr(sys, "argv", ["train.py", str(table)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(folder / "train.py"), run_name="__main__")
    assert ended.value.code == 0
    said: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return said


def test_the_script_reaches_the_same_score_from_the_raw_file(
    cancer_bundle: Path, cancer_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SCRIPT.write(cancer_bundle, tmp_path / "script")
    said = rebuilt(tmp_path / "script", cancer_run.parent / "table.csv", monkeypatch)
    assert said["largest_difference"] <= 1e-9
    assert said["rebuilt"]["roc_auc"] == pytest.approx(said["handed_over"]["roc_auc"])


def test_the_code_imports_nothing_of_this_project(cancer_bundle: Path, tmp_path: Path) -> None:
    SCRIPT.write(cancer_bundle, tmp_path / "script")
    for file in (tmp_path / "script").rglob("*.py"):
        assert "mlcore" not in file.read_text(), file
    names = {node.func.id for node in ast.walk(ast.parse((tmp_path / "script" / "train.py").read_text()))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
    assert {"ColumnTransformer", "LogisticRegression", "Pipeline"} <= names


def test_every_cell_of_the_notebook_runs(
    cancer_bundle: Path, cancer_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    NOTEBOOK.write(cancer_bundle, tmp_path / "notebook")
    book = json.loads((tmp_path / "notebook" / "train.ipynb").read_text())
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    shutil.copyfile(cancer_run.parent / "table.csv", tmp_path / "notebook" / "table.csv")
    monkeypatch.chdir(tmp_path / "notebook")
    known: dict[str, Any] = {}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), known)
    assert known["same"]


def test_another_table_is_refused_in_a_sentence(
    cancer_bundle: Path, cancer_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SCRIPT.write(cancer_bundle, tmp_path / "script")
    pd.read_csv(cancer_run.parent / "table.csv").iloc[1:].to_csv(tmp_path / "other.csv", index=False)
    monkeypatch.setattr(sys, "argv", ["train.py", str(tmp_path / "other.csv")])
    with pytest.raises(SystemExit, match="the model learned from a table of 190"):
        runpy.run_path(str(tmp_path / "script" / "train.py"), run_name="__main__")


def test_a_bundle_without_the_note_is_refused_in_a_sentence(cancer_bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(cancer_bundle, tmp_path / "old")
    (tmp_path / "old" / NOTE).unlink()
    assert "earlier version" in SCRIPT.barred(tmp_path / "old")
    with pytest.raises(BundleError, match="build it anew"):
        SCRIPT.write(tmp_path / "old", tmp_path / "out")
    records.write(tmp_path / "old" / NOTE, Rebuild(table_rows=3, refused="some of its rows were appended"))
    assert "some of its rows were appended" in SCRIPT.barred(tmp_path / "old")


FAMILIES = {
    "baseline": "regression", "rule": "multiclass", "tree": "binary", "linear": "multiclass", "bayes": "multiclass",
    "scorecard": "binary", "additive": "regression", "neighbours": "binary", "forest": "multiclass",
    "extra": "regression", "histogram": "binary", "lightgbm": "multiclass", "xgboost": "regression",
    "catboost": "binary", "net": "regression", "kernel": "regression",
}  # fmt: skip


@pytest.fixture(scope="module")
def twice(untidy: pd.DataFrame) -> pd.DataFrame:
    """300 rows with gaps, dates, codes and awkward names."""
    return pd.concat([untidy, untidy.sample(frac=1, random_state=1)], ignore_index=True)


def target_of(task: str) -> str:
    return {"binary": "open", "multiclass": "species", "regression": "länge; cm"}[task]


@pytest.mark.slow
@pytest.mark.parametrize(("model", "task"), FAMILIES.items())
def test_every_family_is_trained_again_to_the_same_score(
    model: str, task: str, twice: pd.DataFrame, make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not MODELS[model].installed:
        pytest.skip("not installed")
    run = make_run(twice, Goal(target=target_of(task), task=task, metric=""), model)  # type: ignore[arg-type]
    bundle(run, model, tmp_path / "bundle")
    SCRIPT.write(tmp_path / "bundle", tmp_path / "script")
    said = rebuilt(tmp_path / "script", run.parent / "table.csv", monkeypatch)
    assert said["largest_difference"] <= 1e-6


def test_every_family_has_its_turn() -> None:
    assert set(FAMILIES) == {kind.key for kind in MODELS if kind.build.__module__.startswith("mlcore.")}


def test_an_ensemble_with_weights_is_trained_again_member_by_member(
    cancer: pd.DataFrame, make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = cancer[["mean texture", "mean smoothness", "mean symmetry", "diagnosis"]]
    goal = Goal(target="diagnosis", task="binary", metric="", class_weight={"benign": 1.0, "malignant": 2.0})
    run = make_run(table, goal, "linear")
    train.fit(run, "linear-curves")
    blend = train.blend(run)
    assert blend is not None
    bundle(run, blend.key, tmp_path / "bundle")
    SCRIPT.write(tmp_path / "bundle", tmp_path / "script")
    said = rebuilt(tmp_path / "script", run.parent / "table.csv", monkeypatch)
    assert said["measured_on"] == "rows that were locked away"
    assert said["largest_difference"] <= 1e-9
    text = (tmp_path / "script" / "train.py").read_text()
    assert text.count("members.append(") == 2
    assert "sample_weight=weights[rows]" in text
