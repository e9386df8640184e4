"""The real tables that come with the product, each with its source and licence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from mlcore import records
from mlcore.errors import FileError


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A table to start with. `path` is its file; `time` names the column that orders the rows, if any."""

    key: str
    title: str
    file: str
    description: str
    target: str
    task: str
    source: str
    licence: str
    rows: int
    time: str | None = None
    path: str = ""


def samples(folder: Path) -> tuple[Sample, ...]:
    """The samples listed in the folder's samples.json, in its order."""
    listing = folder / "samples.json"
    if not listing.is_file():
        raise FileError("The sample tables are not there", where=str(folder), remedy="Choose a file of your own.")
    entries = json.loads(listing.read_text(encoding="utf-8"))
    return tuple(records.from_json(Sample, {**entry, "path": str(folder / entry["file"])}) for entry in entries)
