"""A bundle has its model as a graph, or says why not, and gets one later."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import BundleError
from mlcore.handoff import manifest
from mlcore.handoff.bundle import bundle
from mlcore.handoff.exporters import EXPORTERS
from mlcore.handoff.exporting import export_as
from mlcore.handoff.graph.make import made
from mlcore.learning.goal import Goal
from mlcore.learning.scoring import Scorer

MakeRun = Callable[[pd.DataFrame, Goal, str], Path]


@pytest.fixture(scope="module")
def without(cancer_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle for whose graph there was no time."""
    out = tmp_path_factory.mktemp("late") / "bundle"
    bundle(cancer_run, "linear", out, until=0.0)
    return out


def test_a_bundle_tells_what_its_graph_takes_and_what_was_checked(cancer_bundle: Path) -> None:
    told = json.loads((cancer_bundle / "onnx.json").read_text())
    assert told["gate"]["ok"]
    assert told["gate"]["rows"] > 300
    assert told["labels"] == ["benign", "malignant"]
    assert set(told["numbers"]) <= {field["id"] for field in Scorer.load(cancer_bundle).fields}
    assert "onnxruntime==" in (cancer_bundle / "requirements.txt").read_text()
    assert manifest.read(cancer_bundle).no_graph == ""


def test_without_time_the_bundle_is_whole_but_has_no_graph(without: Path) -> None:
    assert not (without / "model.onnx").exists()
    card = manifest.read(without)
    assert "no time left" in card.no_graph
    assert card.proof is not None
    assert "onnx" not in {path.key for path in card.proof.paths}
    assert "onnxruntime" not in (without / "requirements.txt").read_text()


def test_a_graph_for_which_there_was_no_time_is_made_when_it_is_asked_for(without: Path, tmp_path: Path) -> None:
    assert EXPORTERS["onnx"].barred(without) == ""
    done = export_as(without, "onnx", tmp_path / "churn.onnx")
    assert done.proof[0].ok
    assert done.proof[0].rows >= 100
    assert (tmp_path / "churn.onnx").stat().st_size > 1_000
    assert not (without / "model.onnx").exists()


def test_a_model_that_reads_texts_is_refused_with_the_column_named(make_run: MakeRun, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    said = [" ".join(f"word{number}" for number in random.integers(0, 60, 12)) for _ in range(120)]
    answer = ["yes" if "word1" in text else "no" for text in said]
    frame = pd.DataFrame({"what they said": said, "size": random.normal(size=120), "again": answer})
    folder = make_run(frame, Goal(target="again", task="binary", metric=""), "linear") / "trials" / "linear" / "model"
    found = made(tmp_path, Scorer.load(folder), frame)
    assert found.why == "“Linear model” cannot be written as ONNX: it reads the words inside 'what they said'."
    assert not found.late
    told = json.loads((tmp_path / "onnx.json").read_text())
    assert told == {"format": 1, "file": None, "why": found.why, "late": False}
    assert EXPORTERS["onnx"].barred(tmp_path) == found.why


def test_a_graph_that_cannot_be_made_later_is_refused_in_a_sentence(
    without: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlcore.handoff.graph.make.MOST_BYTES", 10)
    with pytest.raises(BundleError, match="too large for ONNX"):
        export_as(without, "onnx", tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())
