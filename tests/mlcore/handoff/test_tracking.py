"""Runs are noted on a tracking server where one is named, and whatever becomes of that, the run stays as it is."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from mlcore.handoff import tracking


@pytest.fixture(autouse=True)
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tracking.VARIABLE, f"file://{tmp_path}/mlruns")
    monkeypatch.delenv(tracking.EXPERIMENT, raising=False)


def interpreter(folder: Path, lines: str) -> str:
    """Something that is called as Python is, and does this instead."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_without_the_variable_nothing_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tracking.wanted()
    monkeypatch.delenv(tracking.VARIABLE)
    assert not tracking.wanted()


def test_settings_scores_and_the_model_are_told(cancer_run: Path, cancer_bundle: Path, tmp_path: Path) -> None:
    python = interpreter(
        tmp_path,
        f'cat > {tmp_path}/told; ls $(sed \'s/.*"model": "\\([^"]*\\)".*/\\1/\' {tmp_path}/told) > {tmp_path}/seen',
    )
    said = tracking.log(cancer_run, "0123456789ab", cancer_bundle, python=python)
    assert said == f"Noted at file://{tmp_path}/mlruns."
    told = json.loads((tmp_path / "told").read_text())
    assert told["params"]["target"] == "diagnosis"
    assert 0.9 < told["metrics"]["roc_auc/linear"] <= 1
    assert told["experiment"] == "tablesmith"
    assert "MLmodel" in (tmp_path / "seen").read_text().split()


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("echo 'the package mlflow is not installed' >&2; exit 1", "the package mlflow is not installed"),
        ("exit 3", "ended without a word"),
        ("sleep 5", "did not answer"),
    ],
)
def test_a_failure_is_a_sentence(
    lines: str, why: str, cancer_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "SECONDS", 0.3)
    said = tracking.log(cancer_run, "0123456789ab", python=interpreter(tmp_path, f"cat > /dev/null; {lines}"))
    assert said.startswith("Nothing was noted")
    assert why in said


def test_an_interpreter_or_a_run_that_is_not_there_is_a_sentence_too(cancer_run: Path, tmp_path: Path) -> None:
    assert tracking.log(cancer_run, "x", python=str(tmp_path / "none")).startswith("Nothing was noted")
    assert tracking.log(tmp_path / "none", "x").startswith("Nothing was noted")


def test_a_password_in_the_address_is_not_repeated(
    cancer_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(tracking.VARIABLE, "https://me:p@ss@tracking.test/x@y")
    for lines in ("cat > /dev/null", 'cat > /dev/null; echo "no answer of $MLFLOW_TRACKING_URI" >&2; exit 1'):
        said = tracking.log(cancer_run, "0123456789ab", python=interpreter(tmp_path, lines))
        assert "https://tracking.test/x@y" in said
        assert "p@ss" not in said
