"""Bundles from anywhere: whatever was done to one, the answer is a sentence, and nothing of it is run."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlcore import api, cli
from mlcore.errors import BundleError
from mlcore.handoff import archive, hostile, manifest, proof
from mlcore.handoff.bundle import export

Change = Callable[[Path], object]


@pytest.fixture
def copy(cancer_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(cancer_bundle, tmp_path / "copy"))


def rows_of(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "golden" / "input.parquet")


def sealed(folder: Path) -> None:
    """Write hashes that fit what lies there now, as whoever means harm would."""
    data = json.loads((folder / manifest.NAME).read_text())
    data["files"] = manifest.contents(folder)
    (folder / manifest.NAME).write_text(json.dumps(data))


def told(folder: Path, **changes: Any) -> None:
    data = json.loads((folder / manifest.NAME).read_text())
    (folder / manifest.NAME).write_text(json.dumps({**data, **changes}))


def repacked(store: Path, change: Callable[[Path], object]) -> None:
    """The zip with its unpacked files changed."""
    folder = store.with_name("opened")
    archive.unpack(store, folder)
    change(folder)
    archive.pack(folder, store)
    shutil.rmtree(folder)


def flipped(folder: Path) -> None:
    content = bytearray((folder / "model.skops").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.skops").write_bytes(content)


def linked(folder: Path) -> None:
    (folder / "baseline.json").unlink()
    (folder / "baseline.json").symlink_to("/etc/passwd")
    sealed(folder)


def pickled(folder: Path) -> None:
    (folder / "model.skops").write_bytes(pickle.dumps(print))
    sealed(folder)


def named_otherwise(folder: Path) -> None:
    def evil(opened: Path) -> None:
        schema = (opened / "schema.json").read_text()
        (opened / "schema.json").write_text(
            schema.replace('"Pipeline"', '"system"').replace('"sklearn.pipeline"', '"os"')
        )

    repacked(folder / "model.skops", evil)
    sealed(folder)


def swollen(folder: Path) -> None:
    with zipfile.ZipFile(folder / "model.skops", "a", zipfile.ZIP_DEFLATED) as store:
        store.writestr("zeros.npy", b"\0" * 30_000_000)
    sealed(folder)


def vast_table(folder: Path) -> None:
    """A few kilobytes that are gigabytes once they are read."""
    column = pa.array(np.zeros(1_000_000))
    with pq.ParquetWriter(folder / "background.parquet", pa.schema([("a", pa.float64())])) as writer:
        for _ in range(3):
            writer.write_table(pa.table({"a": column}))
    sealed(folder)


def many_golden_rows(folder: Path) -> None:
    rows = pd.concat([rows_of(folder).head(1)] * 101, ignore_index=True)
    rows.to_parquet(folder / "golden" / "input.parquet")
    sealed(folder)


CHANGES: dict[str, tuple[Change, str]] = {
    "a flipped byte": (flipped, "was changed"),
    "a missing file": (lambda folder: (folder / "policy.json").unlink(), "is missing"),
    "a link": (linked, "holds a link"),
    "a pickle for a model": (pickled, "damaged"),
    "a store that is a bomb": (swollen, "would unpack to"),
    "a newer format": (lambda folder: told(folder, format=99), "Install a newer version"),
    "a format without end": (lambda folder: told(folder, format=float("inf")), "manifest"),
    "a format below the first": (lambda folder: told(folder, format=0), "no format 0"),
    "a manifest too deep": (lambda folder: (folder / manifest.NAME).write_text("[" * 200_000), "manifest"),
    "a manifest of other types": (lambda folder: told(folder, versions={"numpy": 5}), "manifest"),
    "a manifest of nothing": (lambda folder: told(folder, files={}), "manifest"),
    "a name that climbs": (lambda folder: told(folder, files={"../../etc/passwd": "0" * 64}), "is missing"),
    "a table that fills the memory": (vast_table, "would take 24 MB"),
    "a scoring.json of another kind": (
        lambda folder: ((folder / "scoring.json").write_text('{"trusted": 7}'), sealed(folder)),
        "",
    ),
}


@pytest.fixture(params=[*CHANGES], ids=[*CHANGES])
def changed(request: pytest.FixtureRequest, copy: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    monkeypatch.setattr(hostile, "TABLE_MEGABYTES", 20)
    change, said = CHANGES[request.param]
    change(copy)
    return copy, said


def test_every_verb_refuses_it_in_one_sentence(changed: tuple[Path, str], tmp_path: Path) -> None:
    folder, said = changed
    rows = tmp_path / "rows.csv"
    rows.write_text("a\n1\n")
    for verb in (
        lambda: proof.verify(folder),
        lambda: api.score_file(folder, rows, tmp_path / "out.csv"),
        lambda: export(folder, tmp_path / "again.zip"),
    ):
        with pytest.raises(BundleError) as refused:
            verb()
        assert said in str(refused.value)
        assert "\n" not in str(refused.value)
    assert not (tmp_path / "out.csv").exists()
    assert not (tmp_path / "again.zip").exists()


def test_a_foreign_type_is_built_by_none_of_the_verbs(copy: Path, tmp_path: Path) -> None:
    named_otherwise(copy)
    (tmp_path / "rows.csv").write_text("a\n1\n")
    found = proof.verify(copy)
    assert not found.ok
    assert "Untrusted" in found.paths[0].note
    assert found.paths[0].outputs == ()
    with pytest.raises(BundleError, match="cannot be loaded"):
        api.score_file(copy, tmp_path / "rows.csv", tmp_path / "out.csv")
    with pytest.raises(BundleError, match=r"types that are not trusted: os\.system \(model\.skops\)"):
        export(copy, tmp_path / "again.zip")


def test_a_pickle_inside_the_store_is_never_loaded(copy: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(ran),)

    def evil(opened: Path) -> None:
        array = np.empty(1, dtype=object)
        array[0] = Evil()
        for file in opened.glob("*.npy"):
            np.save(file, array, allow_pickle=True)

    repacked(copy / "model.skops", evil)
    sealed(copy)
    (tmp_path / "rows.csv").write_text("a\n1\n")
    assert not proof.verify(copy).ok
    with pytest.raises(BundleError, match="cannot be loaded"):
        api.score_file(copy, tmp_path / "rows.csv", tmp_path / "out.csv")
    assert not ran.exists()


def test_more_golden_rows_than_any_bundle_has_are_not_replayed(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostile, "GOLDEN_ROWS", 100)
    many_golden_rows(copy)
    with pytest.raises(BundleError, match=r"101 golden rows \(golden/input"):
        proof.verify(copy)


def test_a_folder_with_very_many_files_is_no_bundle(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostile, "MOST_FILES", 10)
    with pytest.raises(BundleError, match="more than 10 files"):
        proof.verify(copy)


def test_the_proof_says_of_each_output_how_far_it_is(copy: Path) -> None:
    whole = proof.verify(copy)
    names = ["prediction", "probability_benign", "probability_malignant", "flags"]
    assert [(one.column, one.difference, one.rows) for one in whole.paths[0].outputs] == [
        (name, 0.0, 0) for name in names
    ]
    output = pd.read_parquet(copy / "golden" / "output.parquet")
    output.loc[3, "probability_malignant"] += 1e-6
    output.loc[[4, 5], "prediction"] = "else"
    output.to_parquet(copy / "golden" / "output.parquet", index=False)
    sealed(copy)
    found = {one.column: one for one in proof.verify(copy).paths[0].outputs}
    assert found["probability_malignant"].difference == pytest.approx(1e-6, rel=1e-3)
    assert (found["probability_malignant"].rows, found["probability_benign"].rows) == (1, 0)
    assert (found["prediction"].difference, found["prediction"].rows) == (None, 2)


def test_other_versions_are_told_with_what_to_type(copy: Path) -> None:
    card = json.loads((copy / manifest.NAME).read_text())
    told(copy, versions={**card["versions"], "scikit-learn": "1.7.2"})
    assert proof.verify(copy).sentences[-1].endswith("pip install scikit-learn==1.7.2")
    output = pd.read_parquet(copy / "golden" / "output.parquet")
    output["probability_benign"] += 0.1
    output.to_parquet(copy / "golden" / "output.parquet", index=False)
    sealed(copy)
    last = proof.verify(copy).sentences[-1]
    assert last.startswith("The model does not score as it did; install what it was made with: pip install")


def test_serve_refuses_it_in_one_sentence(
    changed: tuple[Path, str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, said = changed
    listened: list[Path] = []
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: listened.append(folder))
    code = cli.main(["serve", str(folder), "--port", free_port()])
    out, err = capfd.readouterr()
    assert (code, out, listened) == (2, "", [])
    assert said in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.onnx", b"no graph"),
        ("onnx.json", b"[]"),
        ("onnx.json", b'{"format": 1, "numbers": ["c0"], "words": [], "labels": ["x"]}'),
        ("policy.json", b"[1]"),
        ("policy.json", b'{"threshold": "much"}'),
        ("schema.json", b"no json"),
        ("golden/output.parquet", b"PAR1"),
    ],
)
def test_serve_refuses_files_that_are_sealed_and_make_no_sense(
    copy: Path, name: str, content: bytes, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy / name).write_bytes(content)
    sealed(copy)
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: pytest.fail("it listens"))
    assert cli.main(["serve", str(copy), "--port", free_port()]) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return str(found.getsockname()[1])
