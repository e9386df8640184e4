"""A folder to a zip and back. Archives are bounded and checked before a single byte of them is written."""

from __future__ import annotations

import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from mlcore import files
from mlcore.errors import BundleError, FileError

FILES = 500
"""A bundle has some twenty files; an archive with more entries than this is something else."""

MEGABYTES = 2_000
"""The most that is unpacked, all files together."""

RATIO = 200
"""Text of a bundle shrinks about tenfold; a file that shrinks more than this, and is large, is a bomb."""

LEFTOVERS = {"__pycache__", ".pytest_cache"}
"""What using a bundle leaves in its folder; no part of it."""

_LARGE = 10_000_000
_MOMENT = (2020, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20


def pack(folder: Path, path: Path) -> None:
    """Write every file under `folder` to a zip at `path`; equal content makes equal bytes."""
    with files.whole(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not LEFTOVERS & set(file.relative_to(folder).parts):
                entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), date_time=_MOMENT)
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())


def unpack(path: Path, into: Path) -> None:
    """Unpack the zip at `path` into the folder `into`, or raise `BundleError` before anything unsafe is written."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check(entries, path.name)
            for entry in entries:
                if not entry.is_dir():
                    _extract(archive, entry, into)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise BundleError(
            "The archive is damaged", where=path.name, remedy=f"Copy or download it again ({_brief(error)})."
        ) from error


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """The folder of a bundle: the folder itself, or a temporary one that the zip is unpacked into."""
    if path.is_dir():
        yield path
        return
    if not path.exists():
        raise FileError("There is no such file or folder", where=str(path), remedy="Check the path of the bundle.")
    if not zipfile.is_zipfile(path):
        raise BundleError(
            "This is not a bundle", where=path.name, remedy="Give the folder or the zip that was exported."
        )
    with tempfile.TemporaryDirectory(prefix="tablesmith-") as name:
        folder = Path(name) / "bundle"
        folder.mkdir()
        unpack(path, folder)
        yield folder


def bounded(path: Path) -> None:
    """Raise `BundleError` when the zip inside a bundle (the model's store) would unpack to more than is allowed."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive.infolist(), path.name)
    except zipfile.BadZipFile as error:
        raise BundleError("The model's file is damaged", where=path.name, remedy="Export the bundle again.") from error


def _check(entries: list[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > FILES:
        raise BundleError(
            f"The archive holds {len(entries):,} files", where=name, remedy=f"A bundle has under {FILES}."
        )
    seen: set[str] = set()
    for entry in entries:
        _check_name(entry, name)
        if entry.filename in seen:
            raise BundleError(f"The archive holds {entry.filename!r} twice", where=name, remedy="Export it again.")
        seen.add(entry.filename)
    _check_sizes(entries, name)


def _check_name(entry: zipfile.ZipInfo, name: str) -> None:
    text = entry.filename
    path = PurePosixPath(text)
    climbs = path.is_absolute() or ".." in path.parts or "\\" in text or ":" in text or "\0" in entry.orig_filename
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if climbs or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BundleError(
            f"The archive holds {text!r}, which points outside of it", where=name, remedy="Do not use this file."
        )
    if entry.flag_bits & 0x1:
        raise BundleError("The archive is encrypted", where=name, remedy="Unpack it first and give the folder.")


def _check_sizes(entries: list[zipfile.ZipInfo], name: str) -> None:
    total = sum(entry.file_size for entry in entries)
    swollen = [e for e in entries if e.file_size > _LARGE and e.file_size > RATIO * max(e.compress_size, 1)]
    if total > MEGABYTES * 1_000_000 or swollen:
        raise BundleError(
            f"The archive would unpack to {total / 1e6:,.0f} MB",
            where=name,
            remedy=f"At most {MEGABYTES:,} MB are read.",
        )


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, into: Path) -> None:
    target = into / entry.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("wb") as sink:
        while chunk := source.read(_CHUNK):
            sink.write(chunk)


def _brief(error: Exception) -> str:
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
