"""Archives on the way in: what is in a gz, zip, zstd, bz2 or xz file becomes one plain file, within bounds."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import pyarrow as pa

from mlcore.data.choices import Choices
from mlcore.data.zips import checked_zip, is_office
from mlcore.errors import ChoiceError, FileError

LARGEST = 32 * 2**30
"""Bytes a file may have after unpacking."""

RATIO = 200
"""How many times its packed size a file may become, once it is larger than `_HARMLESS`."""

_HARMLESS = 64 * 2**20
_KEPT_FREE = 512 * 2**20
_BLOCK = 2**20
_BEGINNING = 16 * 2**20
_XZ_MEMORY = 256 * 2**20

_MAGIC = {
    "gzip": b"\x1f\x8b",
    "zip": b"PK\x03\x04",
    "zstd": b"\x28\xb5\x2f\xfd",
    "bzip2": b"BZh",
    "xz": b"\xfd7zXZ\x00",
}
_EMPTY_ZIP = b"PK\x05\x06"
_WHOLE_ONLY = (b"PAR1", b"ARROW1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xff\xff\xff\xff", b"{", b"[")
"""Files of which a beginning cannot be read start like this."""

_TABLES = (
    ".csv", ".tsv", ".txt", ".tab", ".dat", ".data", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".feather",
    ".arrow", ".ipc", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods",
)  # fmt: skip
_ABOUT = ("readme", "license", "licence", "changelog", "copying")


@dataclass(frozen=True, kw_only=True)
class Opened:
    """`path` is the file to read: the given one, or what was in it, under a name of ours.

    `packed` names the compression, "" for none. `member` is the file of the archive that was taken, `members` are all
    that could be tables. `notes` are sentences.
    """

    path: Path
    packed: str = ""
    member: str = ""
    members: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def opened(path: Path, choices: Choices, folder: Path, *, beginning: bool = False) -> Opened:
    """The file, unpacked into `folder` when it is an archive, told by its content.

    Of several tables in an archive `choices.member` names one; without it a `FileError` lists them. With `beginning`
    the first is taken instead, and only the first megabytes of a text are unpacked.
    """
    packed = _packing(path)
    if packed == "zip":
        return _from_zip(path, choices.member, folder, beginning)
    if not packed:
        return Opened(path=path)
    with _sound(path, packed):
        _unpack(path, _blocks(path, packed), folder / "unpacked", path.stat().st_size, beginning)
    return Opened(path=_not_nested(path, folder / "unpacked"), packed=packed)


def members(path: Path) -> tuple[str, ...]:
    """The files of a ZIP archive that could be tables; none for anything else, or when it cannot be opened."""
    try:
        with checked_zip(path) as archive:
            entries = () if is_office(archive) else tuple(one.filename for one in archive.infolist() if _is_file(one))
            return _candidates(entries)
    except (FileError, OSError):
        return ()


def _packing(path: Path) -> str:
    with path.open("rb") as stream:
        start = stream.read(8)
    if start.startswith(_EMPTY_ZIP):
        raise FileError("The ZIP archive is empty", where=path.name, remedy="Choose an archive with a table in it.")
    return next((name for name, magic in _MAGIC.items() if start.startswith(magic)), "")


def _from_zip(path: Path, wanted: str | None, folder: Path, beginning: bool) -> Opened:
    with checked_zip(path) as archive:
        if is_office(archive):
            return Opened(path=path)
        entries = {entry.filename: entry for entry in archive.infolist() if _is_file(entry)}
        members = _candidates(tuple(entries))
        name = _chosen(path, members, tuple(entries), wanted, first=beginning)
        entry = entries[name]
        with _sound(path, packed="zip"):
            content = _entry_blocks(path, archive, entry)
            _unpack(path, content, folder / "unpacked", max(entry.compress_size, 1), beginning)
    notes = _zip_notes(name, members, tuple(entries))
    unpacked = _not_nested(path, folder / "unpacked")
    return Opened(path=unpacked, packed="zip", member=name, members=members, notes=notes)


def _is_file(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
    hidden = not parts or parts[0] == "__MACOSX" or parts[-1].startswith(".")
    return not entry.is_dir() and not hidden and entry.file_size > 0


def _candidates(names: tuple[str, ...]) -> tuple[str, ...]:
    """The files whose names look like tables; all of them when none does."""
    paths = {name: PurePosixPath(name.lower().replace("\\", "/")) for name in names}
    tables = tuple(name for name, path in paths.items() if path.suffix in _TABLES and not path.stem.startswith(_ABOUT))
    return tables or names


def _chosen(path: Path, members: tuple[str, ...], every: tuple[str, ...], wanted: str | None, *, first: bool) -> str:
    if wanted is not None:
        if wanted not in every:
            raise ChoiceError(wanted, members, of="file in the archive")
        return wanted
    if not members:
        raise FileError("The ZIP archive holds no files", where=path.name, remedy="Choose one with a table in it.")
    if len(members) > 1 and not first:
        shown = ", ".join(repr(name) for name in members[:8])
        more = f" and {len(members) - 8:,} more" if len(members) > 8 else ""
        raise FileError(
            f"The ZIP archive holds {len(members):,} tables: {shown}{more}",
            where=path.name,
            remedy="Choose one of them.",
        )
    return members[0]


def _zip_notes(name: str, members: tuple[str, ...], every: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    if len(every) > 1:
        notes.append(f"{name!r} was read; the archive holds {len(every):,} files, {len(members):,} of them tables.")
    if ".." in PurePosixPath(name.replace("\\", "/")).parts or name.startswith(("/", "\\")) or name[1:2] == ":":
        notes.append("The name of the file inside the archive points outside of it; the name was not used.")
    return tuple(notes)


def _unpack(path: Path, content: Iterator[bytes], out: Path, packed: int, beginning: bool) -> None:
    """Write the blocks to `out` as long as they keep to the bounds; what breaks them is refused."""
    size, enough = 0, LARGEST
    with out.open("wb") as sink:
        for block in content:
            if beginning and not size and not block.lstrip().startswith(_WHOLE_ONLY):
                enough = _BEGINNING
            size += len(block)
            _check_size(path, size, packed, out)
            sink.write(block)
            if size >= enough:
                return
    if size == 0:
        raise FileError("The archive holds an empty file", where=path.name, remedy="Choose one with a table in it.")


@contextmanager
def _sound(path: Path, packed: str) -> Iterator[None]:
    """What a decoder throws at damaged bytes becomes a sentence."""
    title = "ZIP" if packed == "zip" else packed
    try:
        yield
    except EOFError:
        raise FileError(
            f"The {title} archive is cut off: its end is missing", where=path.name, remedy="Copy or download it again."
        ) from None
    except (zlib.error, lzma.LZMAError, zipfile.BadZipFile, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the operating system's, not the decoder's
        raise FileError(
            f"The {title} archive is damaged: {str(error) or 'it cannot be unpacked'}",
            where=path.name,
            remedy="Copy or download it again.",
        ) from None


def _check_size(path: Path, size: int, packed: int, out: Path) -> None:
    if size > LARGEST or (size > _HARMLESS and size > RATIO * packed):
        raise FileError(
            f"The archive unpacks to more than {size // packed:,} times its size"
            if size <= LARGEST
            else f"The archive unpacks to more than {LARGEST // 2**30} GB",
            where=path.name,
            remedy="If it is meant to, unpack it yourself and bring the file.",
        )
    if shutil.disk_usage(out.parent).free < _KEPT_FREE:
        raise FileError(
            "There is not enough room on the disk to unpack the archive", where=path.name, remedy="Free some space."
        )


def _not_nested(path: Path, unpacked: Path) -> Path:
    inner = _packing(unpacked)
    if inner == "zip":
        with checked_zip(unpacked, name=path.name) as archive:
            inner = "" if is_office(archive) else inner
    with unpacked.open("rb") as stream:
        stream.seek(257)
        tar = stream.read(5) == b"ustar"
    if inner or tar:
        raise FileError(
            f"The archive holds another archive ({'tar' if tar else inner})",
            where=path.name,
            remedy="Unpack it and bring the table itself.",
        )
    return unpacked


def _entry_blocks(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    if entry.flag_bits & 1:
        raise FileError(
            "The ZIP archive is protected by a password", where=path.name, remedy="Unpack it and bring the table."
        )
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        raise FileError(
            "The ZIP archive is packed in a way that is not supported", where=path.name, remedy="Unpack it first."
        )
    with archive.open(entry) as stream:
        yield from _read(stream)


def _blocks(path: Path, packed: str) -> Iterator[bytes]:
    if packed == "xz":
        yield from _xz(path)
    elif packed == "gzip":
        with gzip.open(path) as unzipped:
            yield from _read(unzipped)
    elif packed == "bzip2":
        with bz2.open(path) as stream:
            yield from _read(stream)
    else:
        with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream:
            yield from _read(stream)


def _read(stream: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def _xz(path: Path) -> Iterator[bytes]:
    """As `lzma.open`, which cannot be told how much memory it may use."""
    with path.open("rb") as stream:
        rest = stream.read(_BLOCK)
        while rest.strip(b"\x00"):
            machine = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
            while not machine.eof:
                if block := machine.decompress(rest, _BLOCK):
                    yield block
                rest = stream.read(_BLOCK) if machine.needs_input else b""
                if machine.needs_input and not rest and not machine.eof:
                    raise EOFError
            rest = machine.unused_data or stream.read(_BLOCK)
