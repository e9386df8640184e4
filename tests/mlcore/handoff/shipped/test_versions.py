"""In another version of a library: a sentence with what to install, from whatever is started, and never nonsense."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from mlcore.handoff.shipped import versions
from mlcore.handoff.shipped.service import run
from mlcore.handoff.shipped.service.settings import SettingError, Settings
from mlcore.learning.scoring import Scorer
from tests.mlcore.handoff.shipped.conftest import Ask

WANTED = "the model was made with 1.7.2. Install what it was made with: pip install -r requirements.txt"
CHECKED = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import predict, verify
def said(folder):
    try:
        predict.check(Path(folder))
    except ValueError as error:
        return str(error)
print(json.dumps([[said(folder) for folder in sys.argv[1:]], verify.replay(Path(sys.argv[-1]))]))
"""


@pytest.fixture
def older(stored: Path, tmp_path: Path) -> Path:
    """A bundle made with another scikit-learn, which scores here as it did."""
    copy = Path(shutil.copytree(stored, tmp_path / "older"))
    told = json.loads((copy / "manifest.json").read_text())
    told["versions"]["scikit-learn"] = "1.7.2"
    (copy / "manifest.json").write_text(json.dumps(told))
    return copy


@pytest.fixture
def odd(older: Path, tmp_path: Path) -> Path:
    """The same, scoring otherwise here."""
    copy = Path(shutil.copytree(older, tmp_path / "odd"))
    output = pd.read_parquet(copy / "golden" / "output.parquet")
    output["probability_setosa"] += 0.1
    output.to_parquet(copy / "golden" / "output.parquet")
    return copy


@pytest.fixture
def dead(older: Path, tmp_path: Path) -> Path:
    """The same, not to be loaded here."""
    copy = Path(shutil.copytree(older, tmp_path / "dead"))
    (copy / "model.skops").write_bytes(b"of another\nversion")
    return copy


@pytest.mark.slow
def test_the_golden_rows_decide_whether_predict_scores(older: Path, odd: Path, dead: Path) -> None:
    words = [sys.executable, "-c", CHECKED, *map(str, (older, odd, dead))]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(words, cwd=older, env=alone, capture_output=True, text=True, check=True)
    (fine, otherwise, broken), paths = json.loads(done.stdout)
    assert fine is None
    assert otherwise.startswith("the model scores otherwise here than it did. scikit-learn is ")
    assert broken.startswith("the model cannot be used here (")
    assert otherwise.endswith(WANTED)
    assert broken.endswith(WANTED)
    assert "\n" not in broken
    failed = {path["key"]: path["note"] for path in paths if not path["ok"]}
    assert set(failed) == {"scoring", "service"}  # files are scored by the bundle that verify.py lies in
    assert all(note and "\n" not in note for note in failed.values())


def test_the_service_does_not_start_with_a_model_it_cannot_load(dead: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError) as refused:
        run.serve(dead, Settings(port=0))
    assert str(refused.value).startswith("The model cannot be loaded (")
    assert str(refused.value).endswith(WANTED)
    assert "\n" not in str(refused.value)


def test_the_service_answers_nothing_with_a_model_that_scores_otherwise(older: Path, odd: Path, ask: Ask) -> None:
    assert ask(older).get("/ready").status_code == 200
    said = ask(odd).post("/predict", json={"rows": []})
    assert said.status_code == 503
    assert said.json()["detail"].endswith(WANTED)


def test_where_nothing_is_different_there_is_no_advice(stored: Path, tmp_path: Path) -> None:
    assert versions.advice(stored) == ""
    assert versions.advice(tmp_path) == ""


def test_what_models_are_made_of_is_told_first(tmp_path: Path) -> None:
    told = {"versions": {"six": "0", "numpy": "0.1", "there is none": "1"}}
    (tmp_path / "manifest.json").write_text(json.dumps(told))
    said = versions.advice(tmp_path)
    assert said.startswith("numpy is ")
    assert "made with 0.1 (and 2 more). Install" in said


def test_a_model_of_another_version_is_loaded_without_a_warning_of_the_library(
    species: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sklearn import base

    copy = Path(shutil.copytree(species, tmp_path / "copy"))
    monkeypatch.setattr(base, "__version__", "0.1")  # warnings are errors here
    assert Scorer.load(copy).labels
