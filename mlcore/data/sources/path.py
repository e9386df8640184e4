"""A file on the server, only below the folders that an administrator names in TABLESMITH_ALLOWED_PATHS."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mlcore.data.sources.source import FileSource, Means, Params
from mlcore.errors import SourceError

VARIABLE = "TABLESMITH_ALLOWED_PATHS"
MOST_LISTED = 500


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file or folder a person may open. `size` is in bytes, 0 for a folder."""

    name: str
    path: str
    folder: bool
    size: int = 0


def allowed_folders() -> tuple[Path, ...]:
    """The folders whose files may be read, with links followed; those that do not exist are left out."""
    named = [Path(folder) for folder in os.environ.get(VARIABLE, "").split(os.pathsep) if folder]
    found = (folder.resolve() for folder in named if folder.is_absolute() and folder.is_dir())
    return tuple(dict.fromkeys(folder for folder in found if folder != Path("/")))


def allowed_file(path: str, closed: Path | None = None) -> Path:
    """The file itself, after links were followed; the sentence does not tell whether one outside exists."""
    found = _allowed(path, closed)
    if not found.is_file():
        raise SourceError("There is no such file", where=Path(path).name, remedy="Choose one from the list.")
    return found


def entries(folder: str, closed: Path | None = None) -> tuple[Entry, ...]:
    """What lies in an allowed folder: folders first, then files, each by name; hidden and special files are left out.

    At most 500 entries. Links that lead outside are left out too.
    """
    place = _allowed(folder, closed)
    if not place.is_dir():
        raise SourceError("There is no such folder", where=Path(folder).name, remedy="Choose one from the list.")
    try:
        found = [_entry(one, closed) for one in place.iterdir() if not one.name.startswith(".")]
    except PermissionError:
        raise SourceError("The folder may not be read", where=place.name, remedy="Choose another one.") from None
    listed = (entry for entry in found if entry is not None)
    return tuple(sorted(listed, key=lambda entry: (not entry.folder, entry.name.lower()))[:MOST_LISTED])


def _entry(path: Path, closed: Path | None) -> Entry | None:
    try:
        found = _allowed(str(path), closed)
        if found.is_dir():
            return Entry(name=path.name, path=str(path), folder=True)
        return (
            Entry(name=path.name, path=str(path), folder=False, size=found.stat().st_size) if found.is_file() else None
        )
    except (SourceError, OSError):
        return None


def _allowed(path: str, closed: Path | None) -> Path:
    outside = SourceError(
        "This place is outside the folders that may be read",
        where=_shown(path),
        remedy=f"An administrator names them in {VARIABLE}.",
    )
    try:
        found = Path(path).resolve()
        found.exists()  # asked here, as a name that is too long is an error of the system
    except (OSError, ValueError, RuntimeError):
        raise outside from None
    if not any(found.is_relative_to(folder) for folder in allowed_folders()):
        raise outside
    if closed is not None and found.is_relative_to(closed.resolve()):
        raise outside
    return found


def _shown(path: str) -> str:
    return path if len(path) <= 100 else path[:100] + "…"


def _path(params: Params, means: Means) -> Path:
    return allowed_file(str(params.get("path", "")), means.closed)


def _title(params: Params) -> str:
    if not params.get("path"):
        raise SourceError("No file was chosen", remedy="Choose one from the list.")
    return Path(str(params["path"])).name


def _barred() -> str:
    if allowed_folders():
        return ""
    return f"No folder of the server may be read. An administrator names them in {VARIABLE}, separated by colons."


PATH = FileSource(
    key="path",
    title="A folder of the server",
    help="A file that lies where the app runs, in a folder an administrator allowed.",
    path_of=_path,
    titled=_title,
    bars=_barred,
)
