"""Which kind of workbook a file is, told by its content, and what is no workbook though it looks like one."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal

from mlcore.data.zips import checked_zip
from mlcore.errors import FileError

Container = Literal["xlsx", "xlsb", "xls", "ods"]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_SCAN = 8 * 2**20


def is_container(path: Path) -> bool:
    """Whether the file is a container of the kinds workbooks come in."""
    with path.open("rb") as stream:
        start = stream.read(8)
    return start == OLE or (start.startswith(_ZIP) and zipfile.is_zipfile(path))


def container_of(path: Path) -> Container:
    """The kind of workbook; a `FileError` for other documents and for those under a password."""
    with path.open("rb") as stream:
        if stream.read(8) == OLE:
            return _ole(path)
    with checked_zip(path) as archive:
        names = set(archive.namelist())
        if any(name.startswith("xl/") and name.endswith("workbook.bin") for name in names):
            return "xlsb"
        if any(name.startswith("xl/") for name in names):
            return "xlsx"
        if {"mimetype", "content.xml"} <= names:
            return _ods(path, archive)
    raise FileError(
        "This is a document, but not a workbook", where=path.name, remedy="Bring a workbook with a table, or CSV."
    )


def _ods(path: Path, archive: zipfile.ZipFile) -> Container:
    if archive.getinfo("mimetype").file_size > 200 or not archive.read("mimetype").startswith(_ODS):
        raise FileError(
            "This is a document, but not a workbook", where=path.name, remedy="Bring a workbook with a table, or CSV."
        )
    if "META-INF/manifest.xml" in archive.namelist():
        with archive.open("META-INF/manifest.xml") as stream:
            if b"encryption-data" in stream.read(_SCAN):
                raise locked(path)
    return "ods"


def _ole(path: Path) -> Container:
    """Old containers hold named streams; the names are text of two bytes a letter."""
    with path.open("rb") as stream:
        content = stream.read(_SCAN)
        stream.seek(max(0, stream.seek(0, 2) - _SCAN))
        content += stream.read()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise locked(path)
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
        return "xls"
    raise FileError(
        "This is an old Office document, but not a workbook", where=path.name, remedy="Bring a workbook or CSV."
    )


def locked(path: Path) -> FileError:
    """The workbook is under a password."""
    return FileError(
        "The workbook is protected by a password",
        where=path.name,
        remedy="Open it, remove the password, save it and bring it again.",
    )
