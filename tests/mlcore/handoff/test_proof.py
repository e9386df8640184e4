from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mlcore import files
from mlcore.errors import BundleError
from mlcore.handoff import archive, manifest, proof
from mlcore.handoff.shipped.comparison import difference
from tests.kept import in_a_process_of_its_own


@pytest.fixture
def copy(cancer_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(cancer_bundle, tmp_path / "copy"))


def edit_manifest(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    data = json.loads((folder / manifest.NAME).read_text())
    change(data)
    (folder / manifest.NAME).write_text(json.dumps(data))


def test_a_whole_bundle_is_verified_here(copy: Path) -> None:
    found = proof.verify(copy)
    assert found.ok
    assert found.rows >= 100
    assert found.difference == 0.0
    assert found.sentences == ()


def test_a_flipped_byte_is_found(copy: Path) -> None:
    content = bytearray((copy / "scoring.json").read_bytes())
    content[50] ^= 1
    (copy / "scoring.json").write_bytes(content)
    with pytest.raises(BundleError, match=r"was changed \(scoring.json\)"):
        proof.verify(copy)


def test_a_missing_and_an_added_file_are_named(copy: Path) -> None:
    (copy / "numpy.py").write_text("raise SystemExit")
    with pytest.raises(BundleError, match=r"was added to the bundle \(numpy.py\)"):
        proof.verify(copy)
    (copy / "numpy.py").unlink()
    (copy / "golden" / "output.parquet").unlink()
    with pytest.raises(BundleError, match=r"is missing \(golden/output.parquet\)"):
        proof.verify(copy)


def test_what_tests_leave_behind_does_not_matter(copy: Path) -> None:
    (copy / "__pycache__").mkdir()
    (copy / "__pycache__" / "scoring.cpython-311.pyc").write_bytes(b"x")
    assert proof.verify(copy).ok


def test_a_newer_format_is_refused_with_what_to_install(copy: Path) -> None:
    edit_manifest(copy, lambda data: data.update(format=manifest.FORMAT + 1))
    with pytest.raises(BundleError, match="Install a newer version"):
        proof.verify(copy)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}', '{"format": "x"}'])
def test_a_broken_manifest_is_a_sentence(copy: Path, content: str) -> None:
    (copy / manifest.NAME).write_text(content)
    with pytest.raises(BundleError):
        proof.verify(copy)


def test_a_folder_that_is_no_bundle_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"no manifest.json"):
        proof.verify(tmp_path)


def test_other_versions_are_said_and_the_golden_rows_decide(copy: Path) -> None:
    edit_manifest(copy, lambda data: data["versions"].update({"scikit-learn": "1.7.2"}))  # type: ignore[attr-defined]
    found = proof.verify(copy)
    assert found.ok
    assert "the model was made with 1.7.2" in found.sentences[0]


def test_a_model_that_scores_otherwise_fails_with_a_remedy(copy: Path) -> None:
    output = pd.read_parquet(copy / "golden" / "output.parquet")
    output.loc[3, "probability_malignant"] += 1e-6
    output.to_parquet(copy / "golden" / "output.parquet", index=False)
    digest = files.sha256(copy / "golden" / "output.parquet")
    edit_manifest(copy, lambda data: data["files"].update({"golden/output.parquet": digest}))  # type: ignore[attr-defined]
    found = proof.verify(copy)
    assert not found.ok
    assert found.difference == pytest.approx(1e-6, rel=1e-3)
    assert "export the bundle again" in found.sentences[-1]


def test_a_foreign_type_in_the_model_is_never_built(copy: Path) -> None:
    archive.unpack(copy / "model.skops", copy / "opened")
    schema = (copy / "opened" / "schema.json").read_text()
    evil = schema.replace('"Pipeline"', '"system"').replace('"sklearn.pipeline"', '"os"')
    assert evil != schema
    (copy / "opened" / "schema.json").write_text(evil)
    archive.pack(copy / "opened", copy / "model.skops")
    shutil.rmtree(copy / "opened")
    digest = files.sha256(copy / "model.skops")
    edit_manifest(copy, lambda data: data["files"].update({"model.skops": digest}))  # type: ignore[attr-defined]
    found = proof.verify(copy)
    assert not found.ok
    assert "Untrusted" in found.paths[0].note


def test_verify_runs_none_of_the_code_in_the_bundle(copy: Path) -> None:
    for name in ("scoring.py", "predict.py", "verify.py"):
        (copy / name).write_text("raise SystemExit('ran')")
        digest = files.sha256(copy / name)
        edit_manifest(copy, lambda data, name=name, digest=digest: data["files"].update({name: digest}))  # type: ignore[attr-defined,misc]
    assert proof.verify(copy).ok


@pytest.fixture(params=["its own", "kept"])
def process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "its own":
        monkeypatch.setattr(proof, "CleanProcess", in_a_process_of_its_own)


@pytest.mark.slow
@pytest.mark.usefixtures("process")
def test_a_clean_process_cannot_import_this_project(copy: Path, tmp_path: Path) -> None:
    (copy / "predict.py").write_text("import mlcore")
    digest = files.sha256(copy / "predict.py")
    edit_manifest(copy, lambda data: data["files"].update({"predict.py": digest}))  # type: ignore[attr-defined]
    archive.pack(copy, tmp_path / "leaning.zip")
    with pytest.raises(BundleError, match="mlcore is not there in a clean process"):
        proof.prove(tmp_path / "leaning.zip", proof.CleanProcess())


def test_a_clean_process_that_is_not_used_ends() -> None:
    with in_a_process_of_its_own() as process:
        assert process._process.poll() is None
    assert process._process.returncode is not None


def test_a_difference_is_infinite_when_a_label_a_gap_or_the_shape_differs() -> None:
    one = pd.DataFrame({"prediction": ["yes"], "probability_yes": [0.5]})
    assert difference(one, one) == 0.0
    assert difference(one, one.assign(prediction="no")) == float("inf")
    assert difference(one, one.assign(probability_yes=float("nan"))) == float("inf")
    assert difference(one, one.drop(columns="prediction")) == float("inf")
    assert difference(one, one.assign(probability_yes=0.5 + 1e-7)) == pytest.approx(1e-7)
