"""What is in a bundle: every file with its hash, the versions it was made with, and what was proven about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlcore import files, records
from mlcore.errors import BundleError
from mlcore.handoff.archive import LEFTOVERS

NAME = "manifest.json"

MIGRATIONS: tuple[Callable[[Mapping[str, Any]], dict[str, Any]], ...] = ()
"""The n-th makes of a manifest of format n, as plain data, one of format n + 1. None is ever taken out."""

FORMAT = 1 + len(MIGRATIONS)
"""Raised, by a migration, when a bundle of this version could not be read by an older one."""

LARGEST = 20_000_000
"""Bytes of a manifest; one of ours has a few thousand."""


@dataclass(frozen=True, kw_only=True)
class OutputProof:
    """One output column, replayed: its largest distance from the trained model's (None: a text or a gap differs), and
    in how many golden rows it is beyond the tolerance."""

    column: str
    difference: float | None
    rows: int


@dataclass(frozen=True, kw_only=True)
class PathProof:
    """One way to score, replayed: `difference` is the largest distance from the trained model's own output.

    `tolerance` is what that may be; 0 where the one of the whole proof counts, as in the first bundles. `outputs` has
    the difference of each column of the output; empty when nothing came out, or it was not told by column.
    """

    key: str
    title: str
    rows: int
    difference: float
    ok: bool
    seconds: float = 0.0
    note: str = ""
    tolerance: float = 0.0
    outputs: tuple[OutputProof, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What was replayed, where, and how far it was from the trained model. `at` is a UTC time."""

    ok: bool
    rows: int
    tolerance: float
    paths: tuple[PathProof, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    python: str = ""
    system: str = ""
    at: str = ""
    seconds: float = 0.0
    sentences: tuple[str, ...] = ()

    @property
    def difference(self) -> float:
        """The largest difference over all paths that are held to the tolerance of the whole."""
        return max((path.difference for path in self.paths if path.tolerance <= self.tolerance), default=0.0)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The first file anyone reads of a bundle. `files` maps each other file's name to its SHA-256.

    `no_graph` says why there is no model.onnx among them; empty in bundles older than graphs. `rests_on` says what its
    numbers rest on when the model has learned from all rows, the locked ones too; empty for other models.
    """

    format: int
    title: str
    task: str
    target: str
    product: str
    made: str
    run: str
    model: str
    python: str
    versions: Mapping[str, str]
    files: Mapping[str, str]
    no_graph: str = ""
    rests_on: str = ""
    proof: Proof | None = None


def contents(folder: Path) -> dict[str, str]:
    """Every file under `folder` but the manifest, with its SHA-256."""
    return {
        file.relative_to(folder).as_posix(): files.sha256(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not LEFTOVERS & set(file.relative_to(folder).parts) and file != folder / NAME
    }


def read(folder: Path) -> Manifest:
    """The manifest of the bundle in `folder`; `BundleError` when there is none, or one of a newer format."""
    path = folder / NAME
    if not path.is_file():
        raise BundleError(
            "This is not a bundle: it has no manifest.json",
            where=folder.name,
            remedy="Give the folder or the zip that was exported.",
        )
    if path.is_symlink() or path.stat().st_size > LARGEST:
        raise BundleError("The manifest is no file of ours", where=NAME, remedy="Do not use this bundle.")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        own = int(data["format"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise BundleError("The manifest cannot be read", where=NAME, remedy="Export the bundle again.") from error
    if own > FORMAT:
        raise BundleError(
            f"The bundle has format {own}, and this version reads formats up to {FORMAT}",
            remedy="Install a newer version of tablesmith.",
        )
    if own < 1:
        raise BundleError(f"There is no format {own} of bundles", where=NAME, remedy="Export the bundle again.")
    try:
        for migrate in MIGRATIONS[own - 1 :]:
            data = migrate(data)
        found = records.from_json(Manifest, {**data, "format": FORMAT})
        words = [word for part in (found.files, found.versions) for pair in part.items() for word in pair]
    except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as error:
        raise BundleError("The manifest is incomplete", where=NAME, remedy="Export the bundle again.") from error
    if not all(isinstance(word, str) for word in words) or not found.files:
        raise BundleError("The manifest is incomplete", where=NAME, remedy="Export the bundle again.")
    return found


def check(folder: Path, manifest: Manifest) -> None:
    """Raise `BundleError` when a file of the bundle is missing, was changed, or was added."""
    found = contents(folder)
    for name, digest in manifest.files.items():
        if name not in found:
            raise BundleError("A file of the bundle is missing", where=name, remedy="Export or copy it again.")
        if found[name] != digest:
            raise BundleError("A file of the bundle was changed", where=name, remedy="Export or copy it again.")
    extra = sorted(set(found) - set(manifest.files))
    if extra:
        raise BundleError("A file was added to the bundle", where=extra[0], remedy="Remove it, or export again.")
