"""What every form of export promises."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from mlcore.handoff.manifest import PathProof

Form = Literal["file", "folder"]
"""A folder is packed where its name is to end in .zip, and always when it is downloaded."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What came of writing: `proof`, how it was replayed, way by way, and `notes`, sentences to read before using it.

    Nothing in `proof` means that there is nothing in this form that could be replayed (a text).
    """

    proof: tuple[PathProof, ...] = ()
    notes: tuple[str, ...] = ()


class Exporter(Protocol):
    """One form in which a bundle can be handed over. Nothing of a bundle's own code is ever run by it."""

    @property
    def key(self) -> str:
        """Short and for ever: `tablesmith export BUNDLE --format KEY`."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def whom(self) -> str:
        """For whom it is, in a few words."""

    @property
    def about(self) -> str:
        """What is in it, and what it needs where it is used: one or two sentences."""

    @property
    def form(self) -> Form:
        """Whether one file or a folder is written."""

    @property
    def name(self) -> str:
        """What the file, or the folder, is called unless somebody says otherwise."""

    def barred(self, bundle: Path) -> str:
        """Why the bundle in this folder cannot be had in this form, or not here: one sentence; empty when it can."""

    def write(self, bundle: Path, out: Path) -> Written:
        """Write the bundle in this folder, whose files were compared with their hashes, to `out`, which is not there.

        A `BundleError` says why it could not be done, or that what was written does not score as the bundle does.
        """
