"""What an engineer does with a bundle: a new environment, requirements.txt, and nothing of this project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlcore.handoff.bundle import bundle
from mlcore.learning.goal import Goal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def unpacked(untidy: pd.DataFrame, make_run: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("engineer")
    run = make_run(untidy, Goal(target="species", task="multiclass", metric=""), "lightgbm")
    bundle(run, "lightgbm", folder / "model.zip")
    with zipfile.ZipFile(folder / "model.zip") as packed:
        packed.extractall(folder / "model")
    return folder / "model"


@pytest.fixture(scope="module")
def python(unpacked: Path) -> Path:
    """The interpreter of an environment that holds requirements.txt and nothing else."""
    place = unpacked.parent / "venv"
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    install = [place / "bin" / "python", "-m", "pip", "install", "-q", "-r", unpacked / "requirements.txt"]
    subprocess.run(install, check=True, env=clean())
    return place / "bin" / "python"


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "VIRTUAL"))}


def run(python: Path, *words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(python), *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=clean(), capture_output=True, text=True, check=False)


def test_nothing_of_this_project_is_there(python: Path, unpacked: Path) -> None:
    assert run(python, "-c", "import mlcore", cwd=unpacked).returncode == 1


def test_the_bundle_verifies_itself(python: Path, unpacked: Path) -> None:
    done = run(python, "verify.py", "--json", cwd=unpacked)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["files"] == []
    assert result["versions"] == []
    assert max(path["difference"] for path in result["paths"]) <= 1e-9


def test_predict_scores_a_file_from_any_folder(
    python: Path, unpacked: Path, untidy: pd.DataFrame, tmp_path: Path
) -> None:
    untidy.drop(columns="species").to_csv(tmp_path / "rows.csv", index=False, sep=";")
    done = run(python, unpacked / "predict.py", "rows.csv", "out.csv", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = pd.read_csv(tmp_path / "out.csv")
    assert (said["prediction"] == untidy["species"]).mean() > 0.8
    refused = run(python, unpacked / "predict.py", "nothing.csv", "out.csv", cwd=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_its_own_tests_pass_with_and_without_pytest(python: Path, unpacked: Path) -> None:
    done = run(python, "-m", "unittest", "discover", "tests", cwd=unpacked)
    assert done.returncode == 0, done.stderr
    subprocess.run([python, "-m", "pip", "install", "-q", "pytest"], check=True, env=clean())
    done = run(python, "-m", "pytest", "-q", cwd=unpacked)
    assert done.returncode == 0, done.stdout
