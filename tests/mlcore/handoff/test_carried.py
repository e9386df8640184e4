"""A model made with a plug-in leaves the house with its code, or is not let out with a sentence that says why."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import BundleError
from mlcore.explanation.explain import explain_rows
from mlcore.handoff import carried, proof
from mlcore.handoff.bundle import bundle
from mlcore.learning import scoring
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.plugins import source
from tests import plugged
from tests.mlcore.handoff.conftest import MakeRun


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("plugins")
    place.chmod(0o755)
    plugged.written(place, "centres.py", plugged.example())
    return place


@pytest.fixture(scope="module")
def run(folder: Path, iris: pd.DataFrame, make_run: MakeRun) -> Iterator[Path]:
    """A run in which the plug-in of the documentation was fitted, while it is allowed."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(source.VARIABLE, str(folder))
        yield make_run(iris, Goal(target="species", task="multiclass", metric=""), "centres")
    sys.modules.pop(source.PREFIX + "centres", None)


def test_the_file_of_a_plugin_travels_and_the_bundle_is_proven(
    run: Path, iris: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "bundle"
    made = bundle(run, "centres", out)
    assert made.proof is not None
    assert made.proof.ok
    assert "plugins/centres.py" in made.manifest.files
    needed = json.loads((out / "scoring.json").read_text(encoding="utf-8"))["trusted"]
    assert [need["types"] for need in needed] == [[source.PREFIX + "centres.Centres"]]
    assert proof.verify(out).ok

    found = explain_rows(Model.load(out), iris.head(2))
    assert any("from its outputs" in words for words in found.methods)
    assert found.additivity_error < 1e-9

    monkeypatch.delenv(source.VARIABLE)
    elsewhere = proof.verify(out)
    assert not elsewhere.ok
    assert "needs the plug-in centres.py, which is not here" in elsewhere.paths[0].note
    with pytest.raises(BundleError, match=r"This model needs the plug-in centres\.py"):
        Model.load(out)


def test_what_cannot_leave_the_house_is_said_before_it_is_built(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = run / "trials" / "centres" / "model"
    assert carried.barred(model) == ""
    changed = tmp_path / "changed"
    changed.mkdir(mode=0o755)
    text = plugged.example().replace("import numpy as np", "import numpy as np\nimport mlcore.learning.models", 1)
    plugged.written(changed, "centres.py", text)
    monkeypatch.setenv(source.VARIABLE, str(changed))
    assert "its plug-in centres.py imports mlcore at its top" in carried.barred(model)
    plugged.written(changed, "centres.py", plugged.example() + "\n# mended\n")
    assert "was changed since; train the model again" in carried.barred(model)
    monkeypatch.delenv(source.VARIABLE)
    assert "is not here any more" in carried.barred(model)
    with pytest.raises(BundleError, match="cannot be handed over"):
        carried.carry(model)


def test_a_model_without_plugins_takes_nothing_along(cancer_run: Path) -> None:
    model = cancer_run / "trials" / "linear" / "model"
    assert "trusted" not in json.loads((model / "scoring.json").read_text(encoding="utf-8"))
    assert (carried.barred(model), carried.packages(model), carried.files(model)) == ("", (), ())
    assert np.isfinite(Model.load(model).predict(pd.read_parquet(model / "background.parquet")).values).all()


def test_a_file_that_cannot_be_imported_says_the_same_each_time(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "lame.py").write_text("raise ImportError('no module named legs')", encoding="utf-8")
    needed = [{"file": "lame.py", "types": ["tablesmith_plugin_lame.Lame"]}]
    (tmp_path / "scoring.json").write_text(json.dumps({"format": scoring.FORMAT, "trusted": needed}), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("carried_scoring", shutil.copy(scoring.__file__, tmp_path))
    assert spec is not None
    assert spec.loader is not None
    carried_scoring = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(carried_scoring)
    for _ in range(2):
        with pytest.raises(ImportError, match="legs"):
            carried_scoring.Scorer.load(tmp_path)
