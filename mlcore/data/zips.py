"""ZIP containers, looked at before they are trusted: how many files they list, and whether they are documents."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlcore.errors import FileError

MOST_FILES = 10_000
_LARGEST_LIST = 8 * 2**20
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"


@contextmanager
def checked_zip(path: Path, *, name: str = "") -> Iterator[zipfile.ZipFile]:
    """The ZIP file, opened; a `FileError` when it is damaged or lists too many files (the list is read to memory)."""
    where = name or path.name
    _check_list(path, where)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, struct.error):
        raise _damaged(where) from None
    with archive:
        if len(archive.filelist) > MOST_FILES:
            raise _too_many(where)
        yield archive


def is_office(archive: zipfile.ZipFile) -> bool:
    """Whether the container is a document of an office program, so no archive of files."""
    names = set(archive.namelist())
    return "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names


def _check_list(path: Path, where: str) -> None:
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 70_000))
        tail = stream.read()
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + 22:
        raise _damaged(where)
    (length,) = struct.unpack_from("<L", tail, end + 12)
    long_end = tail.rfind(_END_64, 0, end)
    if long_end >= 0 and len(tail) >= long_end + 48:
        (length,) = struct.unpack_from("<Q", tail, long_end + 40)
    if length > _LARGEST_LIST:
        raise _too_many(where)


def _damaged(where: str) -> FileError:
    return FileError(
        "The ZIP archive or workbook is damaged or cut off", where=where, remedy="Copy, download or save it again."
    )


def _too_many(where: str) -> FileError:
    return FileError(
        f"The archive lists more than {MOST_FILES:,} files", where=where, remedy="Unpack it and bring the table itself."
    )
