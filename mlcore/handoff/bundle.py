"""A model leaves the house: everything an engineer needs to score with it, proven before it is handed over."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mlcore import files, records
from mlcore.errors import BundleError
from mlcore.handoff import archive, hostile, manifest, proof
from mlcore.handoff.filling import fill, libraries
from mlcore.handoff.manifest import Manifest, Proof
from mlcore.learning.folder import RunFolder

_FOLDER, _PACKED = "bundle", "bundle.zip"
"""What lies in an unfinished folder: the bundle, and the same packed."""


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle on disk: a folder, or a zip when its name ends in .zip."""

    path: str
    manifest: Manifest
    megabytes: float

    @property
    def proof(self) -> Proof | None:
        """What was replayed before it was handed over."""
        return self.manifest.proof


def bundle(run_folder: Path, key: str, out: Path, *, until: float | None = None) -> Bundle:
    """Build the bundle of trial `key` of a run, prove it in a clean process, and put it at `out`.

    `out` is a folder, or a zip when it ends in .zip; one that is there already is replaced only when it is a bundle.
    It has the model as an ONNX graph, too, where that can be drawn and says the same, and would be ready at the moment
    `until` (`time.monotonic`; None: whenever); onnx.json says why not.
    Raises `BundleError` when the copy does not score as the model does: then nothing is written.
    """
    with unfinished(out) as place, prover(run_folder, key) as process:
        draft(run_folder, key, place, until=until)
        return proven(place, out, process)


def prover(run_folder: Path, key: str) -> proof.CleanProcess:
    """A clean process for the bundle of a trial, or of what learned again from it: begun early, it is ready in time."""
    return proof.CleanProcess(libraries(RunFolder(run_folder).trial_folder(key) / "model"))


@contextmanager
def unfinished(out: Path) -> Iterator[Path]:
    """A temporary folder beside `out`, in which a bundle is made; `BundleError` when none may be put there."""
    free(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=out.parent) as name:
        yield Path(name)


def draft(run_folder: Path, key: str, place: Path, *, until: float | None = None) -> None:
    """Build the bundle in an unfinished folder, all but its proof; `until` as for `bundle`."""
    fill(place / _FOLDER, RunFolder(run_folder), key, until=until)
    archive.pack(place / _FOLDER, place / _PACKED)


def proven(place: Path, out: Path, process: proof.CleanProcess) -> Bundle:
    """Prove what was drafted in an unfinished folder, and put it at `out`; `BundleError` as for `bundle`."""
    shown = proof.prove(place / _PACKED, process)
    if not shown.ok:
        raise BundleError(f"The copy does not score as the model does: {_reason(shown)}", remedy="Nothing was written.")
    records.write(place / _FOLDER / manifest.NAME, replace(manifest.read(place / _FOLDER), proof=shown))
    _place(place / _FOLDER, out, packed=out.suffix == ".zip")
    return described(out)


def described(path: Path) -> Bundle:
    """The bundle at `path` (folder or zip), after every file was compared with its hash."""
    with archive.opened(path) as folder:
        found = proof.checked(folder)
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return Bundle(path=str(path), manifest=found, megabytes=round(size / 1e6, 3))


def export(path: Path, out: Path, *, packed: bool | None = None) -> Bundle:
    """Write the bundle at `path` to `out` after checking it: a zip when `packed`, by default when it ends in .zip."""
    free(out)
    packed = out.suffix == ".zip" if packed is None else packed
    if packed and out.is_dir():
        raise BundleError("There is a folder where the zip should go", where=str(out), remedy="Give another name.")
    with archive.opened(path) as folder, tempfile.TemporaryDirectory(prefix=".bundle-", dir=_made(out.parent)) as name:
        found = proof.checked(folder)
        hostile.check_types(folder)
        copy = Path(name) / "bundle"
        for file in (*found.files, manifest.NAME):
            (copy / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / file, copy / file)
        _place(copy, out, packed=packed)
    return described(out)


def free(out: Path) -> None:
    """Raise `BundleError` when something lies at `out` that is not a bundle, or nothing can be written there."""
    if not files.can_write(out):
        raise BundleError(
            "The bundle cannot be written there", where=str(out), remedy="Choose a folder in which you may write."
        )
    if not out.exists() or _is_bundle(out) or (out.is_dir() and not any(out.iterdir())):
        return
    raise BundleError(
        "There is something else where the bundle should go", where=str(out), remedy="Choose another name for it."
    )


def _is_bundle(path: Path) -> bool:
    if path.is_dir():
        return (path / manifest.NAME).is_file() and (path / "scoring.json").is_file()
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as packed:
        return {manifest.NAME, "scoring.json"} <= set(packed.namelist())


def _place(folder: Path, out: Path, *, packed: bool) -> None:
    """Put the finished folder at `out` in one step, in place of the bundle that was there."""
    if packed:
        archive.pack(folder, out)
        return
    old = folder.with_name("replaced")
    if out.exists():
        out.rename(old)
    folder.rename(out)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _reason(shown: Proof) -> str:
    failed = next(path for path in shown.paths if not path.ok)
    return f"{failed.title} {failed.note or f'differs by {failed.difference:.2g}'}"
