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

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.errors import BundleError
from mlcore.handoff.bundle import bundle
from mlcore.handoff.exporters.notebook import NOTEBOOK
from mlcore.handoff.exporters.script import SCRIPT
from mlcore.handoff.rebuilding import NOTE, Rebuild
from mlcore.learning.goal import Goal

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


@pytest.mark.slow
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize(
    "model",
    ["baseline", "rule", "tree", "linear", "bayes", "scorecard", "additive", "neighbours", "forest", "extra",
     "histogram", "lightgbm", "xgboost", "catboost", "net"],
)  # fmt: skip
def test_every_family_is_trained_again_to_the_same_score(
    task: str, model: str, untidy: pd.DataFrame, make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlcore.learning.models import MODELS

    if task not in MODELS[model].tasks or not MODELS[model].installed:
        pytest.skip("not made for it")
    table = pd.concat([untidy, untidy.sample(frac=1, random_state=1)], ignore_index=True)
    table["species"] = table["species"].mask(np.arange(len(table)) % 7 == 3, "setosa")
    target = {"binary": "open", "multiclass": "species", "regression": "länge; cm"}[task]
    run = make_run(table, Goal(target=target, task=task, metric=""), model)  # type: ignore[arg-type]
    bundle(run, model, tmp_path / "bundle")
    SCRIPT.write(tmp_path / "bundle", tmp_path / "script")
    said = rebuilt(tmp_path / "script", run.parent / "table.csv", monkeypatch)
    assert said["largest_difference"] <= 1e-6
