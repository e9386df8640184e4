"""The file that travels and answers through ONNX Runtime."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.handoff.shipped import quick
from mlcore.learning.scoring import Scorer, conform


@pytest.fixture(scope="module")
def fast(cancer_bundle: Path) -> quick.Quick:
    found = quick.load(cancer_bundle)
    assert found is not None
    return found


def test_it_says_what_the_model_says_of_golden_rows(cancer_bundle: Path, fast: quick.Quick) -> None:
    scorer = Scorer.load(cancer_bundle)
    frame = conform(pd.read_parquet(cancer_bundle / "golden" / "input.parquet"), scorer.fields)
    got = fast.values(quick.parts_of(frame))
    assert np.abs(got - scorer.values_of(frame)).max() <= fast.tolerance == 5e-5
    assert np.array_equal(fast.values({name: cells[:1] for name, cells in quick.parts_of(frame).items()}), got[:1])


def test_no_rows_give_no_answers(fast: quick.Quick) -> None:
    assert fast.values({name: np.zeros(0) for name in fast.numbers}).shape == (0, 2)


def test_it_needs_numpy_and_onnxruntime_only(cancer_bundle: Path) -> None:
    code = "import sys, quick; quick.load('.'); print({'pandas', 'sklearn', 'mlcore', 'onnx'} & set(sys.modules))"
    command = [sys.executable, "-B", "-c", code]
    done = subprocess.run(command, cwd=cancer_bundle, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_folder_without_a_graph_has_none(tmp_path: Path) -> None:
    assert quick.load(tmp_path) is None


def test_a_newer_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    (tmp_path / "onnx.json").write_text(json.dumps({"format": quick.FORMAT + 1}))
    with pytest.raises(ValueError, match="format"):
        quick.load(tmp_path)


def test_distances_are_those_of_the_output_and_never_hide_what_is_no_number() -> None:
    wanted = np.array([1.0, 2.0, 1e12])
    assert quick.gaps(np.array([1.5, np.nan, 1e12 + 1]), wanted, 1e-3).tolist()[:2] == [0.5, np.inf]
    assert quick.gaps(np.array([1.0, 2.0, 1e12 + 1]), wanted, 1e-3).max() < 1e-3
    assert np.isinf(quick.gaps(np.zeros((3, 2)), wanted, 1e-3)).all()
