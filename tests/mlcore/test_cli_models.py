"""`tablesmith models` and `tablesmith check-model`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlcore import cli
from mlcore.learning.models import MODELS
from mlcore.learning.plugins import source
from tests import plugged


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "plugins"
    place.mkdir(mode=0o755)
    plugged.written(place, "odd.py", plugged.MISBEHAVING)
    plugged.written(place, "Wrong.py", "")
    monkeypatch.setenv(source.VARIABLE, str(place))
    return place


def test_models_are_listed_with_limits_and_where_they_come_from(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["models", "--json"]) == 0
    said = json.loads(capfd.readouterr().out)
    listed = {one["key"]: one for one in said["models"]}
    assert set(MODELS.built_in) < set(listed)
    assert listed["linear"]["from"] == "built in"
    assert listed["odd_fine"]["from"] == "the file odd.py"
    assert f"up to {MODELS['neighbours'].max_columns:,} columns" in listed["neighbours"]["limits"]
    assert said["left_out"] == ["Wrong.py has a name that is not made of a–z, 0–9 and _; rename the file."]


@pytest.mark.slow
def test_a_model_that_keeps_the_contract_passes_and_another_is_refused(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check-model", "odd_dies"]) == 1
    assert "its process ended unexpectedly" in capfd.readouterr().out
    assert cli.main(["check-model", "odd_narrow", "--json"]) == 1
    said = json.loads(capfd.readouterr().out)
    assert (said["ok"], said["passed"]) == (False, [])
    assert "gave an array of shape" in said["error"]
    assert cli.main(["check-model", "nothing_like_it"]) == 2
    assert capfd.readouterr().err.startswith("There is no model 'nothing_like_it'.")
