"""What a workbook would need, found before any of it is built: its size unpacked and the area its cells span.

The parser lays a sheet out as one rectangle, so two cells in far corners would cost as much as a full sheet.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from mlcore.data.workbooks.container import Container
from mlcore.data.zips import checked_zip
from mlcore.errors import FileError, TableError

MOST_CELLS = 40_000_000
"""Cells a sheet may span, empty ones counted: some 3 GB while it is read."""

LARGEST = 4 * 2**30
RATIO = 200
_HARMLESS = 64 * 2**20
_BLOCK = 4 * 2**20
_SMALL = 16 * 2**20
"""Bytes that a part which only lists things may have."""

_ROWS = re.compile(rb' r="(\d+)"')
_WIDE = re.compile(rb' r="([A-Z]{2,3})\d+"')
_ANY = re.compile(rb"""\sr\s*=\s*["']([A-Z]*)(\d+)["']""")
_FILLED = re.compile(rb"""<(?:\w+:)?c\s(?=[^>]*[^/>]>)[^>]*?\br\s*=\s*["']([A-Z]+)(\d+)["']""")
_NO_RESULT = re.compile(rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]*/>)\s*(?:<(?:\w+:)?v\s*/>|<v>\s*</v>)?\s*</(?:\w+:)?c>")


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How far the cells of a sheet reach, and what of them cannot be read as values."""

    rows: int = 0
    columns: int = 0
    errors: int = 0
    without_result: int = 0
    merged: int = 0


def check_size(path: Path) -> None:
    """Refuse a container that unpacks to too much."""
    with checked_zip(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    packed = max(path.stat().st_size, 1)
    if unpacked > LARGEST or (unpacked > _HARMLESS and unpacked > RATIO * packed):
        raise FileError(
            f"The workbook unpacks to {unpacked / 2**20:,.0f} MB, {unpacked // packed:,} times its size",
            where=path.name,
            remedy="If it is meant to, save the table as CSV and bring that.",
        )


def extent(path: Path, kind: Container, sheet: str) -> Extent:
    """How far the sheet reaches; a `TableError` when that is too far. Reads a stream, in little memory."""
    if kind == "xls":
        return Extent()  # 65,536 rows of 256 cells at most
    with checked_zip(path) as archive:
        if kind == "ods":
            found = _ods(archive, sheet)
        else:
            parts = _parts(archive, sheet)
            found = _widest(_xlsx(archive, part) if kind == "xlsx" else _xlsb(archive, part) for part in parts)
    if found.rows * found.columns > MOST_CELLS:
        raise too_wide(path, f"The sheet {sheet!r} spans {found.rows:,} rows and {found.columns:,} columns, more")
    return found


def too_wide(path: Path, what: str = "A sheet spans more cells") -> TableError:
    """The cells of a sheet reach too far."""
    remedy = "Delete stray cells far from the table, or save the table as CSV."
    return TableError(f"{what} than can be read", where=path.name, remedy=remedy)


def _widest(found: Iterator[Extent]) -> Extent:
    return max(found, key=lambda extent: extent.rows * extent.columns, default=Extent())


def _parts(archive: zipfile.ZipFile, sheet: str) -> list[str]:
    """The part that holds the sheet; every sheet's when the list of them cannot be followed."""
    names = archive.namelist()
    book = next((name for name in names if name in ("xl/workbook.xml",)), "")
    links = "xl/_rels/workbook.xml.rels"
    if book and links in names:
        ids = [item.get("id", "") for item in _items(archive, book, "sheet") if item.get("name") == sheet]
        targets = {item.get("Id", ""): item.get("Target", "") for item in _items(archive, links, "Relationship")}
        part = targets.get(ids[0], "") if ids else ""
        part = part[1:] if part.startswith("/") else f"xl/{part}"
        if part in names:
            return [part]
    return [name for name in names if name.startswith("xl/worksheets/") and name.endswith((".xml", ".bin"))]


def _items(archive: zipfile.ZipFile, part: str, element: str) -> list[dict[str, str]]:
    """The attributes of every element of this name, their names without namespace."""
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(" ")[2] == element:
            found.append({key.rpartition(" ")[2]: value for key, value in attributes.items()})

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    with archive.open(part) as stream:
        parser.Parse(stream.read(_SMALL), True)
    return found


def _xlsx(archive: zipfile.ZipFile, part: str) -> Extent:
    rows, columns, errors, without = 0, 1, 0, 0
    for piece in _pieces(archive, part):
        rows = max(rows, max(map(int, _ROWS.findall(piece)), default=0))
        columns = max(columns, max(map(_column, set(_WIDE.findall(piece))), default=26 if b"<c" in piece else 1))
        errors += piece.count(b' t="e"') + piece.count(b" t='e'")
        without += len(_NO_RESULT.findall(piece)) if b"f>" in piece or b"<f" in piece else 0
    if rows == 0 or rows * columns > MOST_CELLS:
        rows, columns = _precisely(archive, part, _ANY if rows == 0 else _FILLED)
    return Extent(rows=rows, columns=columns, errors=errors, without_result=without)


def _precisely(archive: zipfile.ZipFile, part: str, cell: re.Pattern[bytes]) -> tuple[int, int]:
    """The last row and column of the cells that match."""
    rows, columns = 0, 0
    for piece in _pieces(archive, part):
        found = cell.findall(piece)
        rows = max(rows, max((int(row) for _, row in found), default=0))
        columns = max(columns, max(map(_column, {letters for letters, _ in found}), default=0))
    return rows, columns


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The part in pieces that end before a cell begins."""
    rest = b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            piece = rest + block
            cut = max(piece.rfind(b"<c "), piece.rfind(b":c "), len(piece) - 2 * _BLOCK)
            yield piece[:cut]
            rest = piece[cut:]
    yield rest


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _xlsb(archive: zipfile.ZipFile, part: str) -> Extent:
    """The extent a binary sheet declares in one of its first records; the child's limits stand behind it."""
    with archive.open(part) as stream:
        start = stream.read(4096)
    place = 0
    while place + 4 < len(start):
        kind, place = _varying(start, place, 2)
        length, place = _varying(start, place, 4)
        if kind == 148 and place + 16 <= len(start):
            _, last_row, _, last_column = struct.unpack_from("<4L", start, place)
            return Extent(rows=last_row + 1, columns=last_column + 1)
        place += length
    return Extent()


def _varying(content: bytes, place: int, most: int) -> tuple[int, int]:
    """A number of up to `most` bytes with seven bits each, and where the next begins."""
    number = 0
    for step in range(most):
        if place >= len(content):
            break
        byte = content[place]
        place += 1
        number |= (byte & 127) << (7 * step)
        if byte < 128:
            break
    return number, place


def _ods(archive: zipfile.ZipFile, sheet: str) -> Extent:
    scan = _OdsScan(sheet)
    parser = expat.ParserCreate()
    parser.StartElementHandler = scan.start
    with archive.open("content.xml") as stream:
        while block := stream.read(_BLOCK):
            parser.Parse(block, False)
    parser.Parse(b"", True)
    return Extent(rows=scan.last_row, columns=scan.columns, merged=scan.merged)


class _OdsScan:
    """Follows the rows and cells of one table, of which one element may stand for thousands of equal ones."""

    def __init__(self, sheet: str) -> None:
        self._sheet = sheet
        self._inside = False
        self._row = 0
        self._repeated = 0
        self._column = 0
        self.last_row = 0
        self.columns = 0
        self.merged = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._inside = attributes.get("table:name") == self._sheet
        elif not self._inside:
            return
        elif name == "table:table-row":
            self._row += self._repeated
            self._repeated, self._column = _times(attributes, "table:number-rows-repeated"), 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell(attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        self._column += _times(attributes, "table:number-columns-repeated")
        if "office:value-type" in attributes:
            self.last_row = max(self.last_row, self._row + self._repeated)
            self.columns = max(self.columns, self._column)
        spans = ("table:number-rows-spanned", "table:number-columns-spanned")
        self.merged += any(attributes.get(span, "1") != "1" for span in spans)


def _times(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return int(text) if text.isdigit() and len(text) < 10 else 1
