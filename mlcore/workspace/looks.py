"""Where what was found out about a model of a run lies, and how it is read: JSON in `closer/<model>` of its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from mlcore import records
from mlcore.workspace import places

R = TypeVar("R")


def place(folder: Path, key: str) -> Path:
    """The folder for a model of the run in `folder`."""
    return folder / "closer" / places.checked_key(key)


def named(folder: Path, key: str, what: str, asked: Sequence[object]) -> Path:
    """The file for one question; the same question has the same file."""
    return place(folder, key) / f"{what}-{records.identity([*asked])}.json"


def read(kind: type[R], path: Path) -> R | None:
    """What lies there; None while nothing does."""
    return records.read(kind, path) if path.is_file() else None
