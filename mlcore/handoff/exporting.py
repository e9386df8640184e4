"""A bundle in another form: checked before, replayed after, put in its place only when all went well."""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from mlcore import files
from mlcore.errors import BundleError, UserError
from mlcore.handoff import archive, bundle, proof
from mlcore.handoff.exporters import EXPORTERS, Exporter
from mlcore.handoff.manifest import PathProof

LATER = {
    "report": "The report cannot be exported yet; the model card (`--format card`) is the text that there is.",
    "pmml": "PMML cannot be exported: no library writes it from the releases that models are made with here "
    "(docs/export.md says what was tried); ONNX (`--format onnx`) runs in any language too.",
}
"""Formats that cannot be had, or not yet, and what to take instead."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A bundle written in the form `format` at `path`; `proof` and `notes` as in `exporters.Written`."""

    path: str
    format: str
    megabytes: float
    proof: tuple[PathProof, ...] = ()
    notes: tuple[str, ...] = ()


def export_as(path: Path, key: str, out: Path, *, packed: bool | None = None) -> Exported:
    """Write the bundle at `path` (folder or zip) in the form `key` to `out`, or raise before anything is there.

    A form that is a folder is one zip when `packed`, by default when `out` ends in .zip. A file that is there already
    is replaced; a folder only when it is empty. Raises `ChoiceError` for an unknown form and `BundleError` when the
    bundle cannot be had in it, or what was written does not score as the bundle does.
    """
    exporter = _exporter(key)
    packed = exporter.form == "folder" and (out.suffix == ".zip" if packed is None else packed)
    _free(out, exporter, packed=packed)
    out.parent.mkdir(parents=True, exist_ok=True)
    with archive.opened(path) as folder, tempfile.TemporaryDirectory(prefix=".export-", dir=out.parent) as name:
        proof.checked(folder)
        if reason := exporter.barred(folder):
            raise BundleError(reason)
        made = Path(name) / exporter.name
        written = exporter.write(folder, made)
        size = _size(made)
        if packed:
            archive.pack(made, out)
        else:
            made.replace(out)
    return Exported(path=str(out), format=key, megabytes=size, proof=written.proof, notes=written.notes)


def file_name(key: str) -> str:
    """What a download in this form is called: a folder is packed."""
    exporter = _exporter(key)
    return exporter.name if exporter.form == "file" else f"{exporter.name}.zip"


def refused(path: Path) -> dict[str, str]:
    """The forms that the bundle at `path` cannot be had in, each with the reason."""
    with archive.opened(path) as folder:
        told = {exporter.key: exporter.barred(folder) for exporter in EXPORTERS}
    return {key: reason for key, reason in told.items() if reason}


def _exporter(key: str) -> Exporter:
    if key in LATER:
        raise UserError(LATER[key])
    return EXPORTERS[key]


def _free(out: Path, exporter: Exporter, *, packed: bool) -> None:
    """Raise `BundleError` when it cannot, or must not, be written there."""
    if exporter.key == "zip":
        bundle.free(out)
    if not files.can_write(out):
        raise BundleError(
            "The export cannot be written there", where=str(out), remedy="Choose a folder in which you may write."
        )
    if packed or exporter.form == "file":
        if out.is_dir():
            raise BundleError("There is a folder where the file should go", where=str(out), remedy="Give another name.")
        if packed and out.exists() and not zipfile.is_zipfile(out):
            raise BundleError("There is something else where the zip should go", where=str(out), remedy=_OTHER)
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BundleError("There is something else where the folder should go", where=str(out), remedy=_OTHER)


_OTHER = "Choose another name for it."


def _size(made: Path) -> float:
    found = [made] if made.is_file() else [file for file in made.rglob("*") if file.is_file()]
    return round(sum(file.stat().st_size for file in found) / 1e6, 3)
