"""Workbooks of every format, tidy and otherwise."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time

import xlwt
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from mlcore.data.choices import Choices
from tests.corpus.archives import zipped
from tests.corpus.case import Case, Reads, Refuses

_PLAIN = {"a": [1, 3], "b": ["x", "y"]}
_ROWS: Sequence[Sequence[object]] = (("a", "b"), (1, "x"), (3, "y"))


def _book(*rows: Sequence[object], then: Callable[[Workbook, Worksheet], object] | None = None) -> Callable[[], bytes]:
    """The bytes of a workbook with these rows on its sheet, after `then` has done something to it."""

    def made() -> bytes:
        book, buffer = Workbook(), io.BytesIO()
        sheet = book.active
        assert isinstance(sheet, Worksheet)
        for row in rows:
            sheet.append(list(row))
        if then is not None:
            then(book, sheet)
        book.save(buffer)
        return buffer.getvalue()

    return made


def _old(rows: Sequence[Sequence[object]]) -> Callable[[], bytes]:
    def made() -> bytes:
        book, buffer = xlwt.Workbook(), io.BytesIO()
        sheet = book.add_sheet("Sheet1")
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(place, column, cell)
        book.save(buffer)
        return buffer.getvalue()

    return made


def _two_sheets(book: Workbook, sheet: Worksheet) -> None:
    other = book.create_sheet("Other")
    for row in (("c", "d"), (5, "u"), (7, "v")):
        other.append(list(row))


def _hidden(book: Workbook, sheet: Worksheet) -> None:
    _two_sheets(book, sheet)
    book["Other"].sheet_state = "hidden"


def _open_document() -> bytes:
    rows = "".join(
        "<table:table-row>" + "".join(_ods_cell(cell) for cell in row) + "</table:table-row>" for row in _ROWS
    )
    spaces = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{spaces}office:1.0" '
        f'xmlns:table="{spaces}table:1.0" xmlns:text="{spaces}text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    entry = f'<m:file-entry m:full-path="/" m:media-type="{kind}"/>'
    manifest = f'<?xml version="1.0"?><m:manifest xmlns:m="{spaces}manifest:1.0">{entry}</m:manifest>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return buffer.getvalue()


def _ods_cell(cell: object) -> str:
    kind = f'"float" office:value="{cell}"' if isinstance(cell, int) else '"string"'
    return f"<table:table-cell office:value-type={kind}><text:p>{cell}</text:p></table:table-cell>"


def _corner() -> bytes:
    """Two cells: one in the first corner of the sheet, one in the last."""
    return _book(then=lambda book, sheet: (sheet.cell(1, 1, "a"), sheet.cell(1_048_576, 16_384, 1)))()


def _bomb() -> bytes:
    """A workbook of less than a hundred kilobytes whose sheet unpacks to 80 MB."""
    members = {}
    with zipfile.ZipFile(io.BytesIO(_book(*_ROWS)())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/worksheets/sheet1.xml"] += b" " * 80_000_000
    return zipped(members)


def _case(
    name: str, content: bytes | Callable[[], bytes], then: Reads | Refuses, file: str = "t.xlsx", **choices: object
) -> Case:
    return Case(name=name, content=content, then=then, file=file, choices=Choices(**choices))  # type: ignore[arg-type]


CASES = (
    _case("xlsx", _book(*_ROWS), Reads(table=_PLAIN)),
    _case("xlsx under the name of a CSV", _book(*_ROWS), Reads(table=_PLAIN), "t.csv"),
    _case("xls", _old(_ROWS), Reads(table=_PLAIN), "t.xls"),
    _case("ods", _open_document, Reads(table=_PLAIN), "t.ods"),
    _case("xlsx in a zip", lambda: zipped({"t.xlsx": _book(*_ROWS)()}), Reads(table=_PLAIN), "t.zip"),
    _case("xlsx: two sheets", _book(*_ROWS, then=_two_sheets), Reads(table=_PLAIN, notes=("sheet",))),
    _case(
        "xlsx: two sheets, one chosen",
        _book(*_ROWS, then=_two_sheets),
        Reads(table={"c": [5, 7], "d": ["u", "v"]}, notes=("sheet",)),
        sheet="Other",
    ),
    _case("xlsx: a hidden sheet", _book(*_ROWS, then=_hidden), Reads(table=_PLAIN, notes=("Hidden", "was read"))),
    _case("xlsx: a sheet that does not exist", _book(*_ROWS), Refuses(sentence="'Nowhere'"), sheet="Nowhere"),
    _case(
        "xlsx: lines above the table",
        _book(("Report",), (), ("a", "b"), (1, "x"), (3, "y")),
        Reads(table=_PLAIN, notes=("above",)),
    ),
    _case(
        "xlsx: the header row chosen",
        _book(("x", "y"), ("a", "b"), (1, "x"), (3, "y")),
        Reads(table=_PLAIN, notes=("above",)),
        header_row=2,
    ),
    _case(
        "xlsx: leading zeros as text",
        _book(("a",), ("007",), ("012",)),
        Reads(table={"a": ["007", "012"]}, notes=("zero",)),
    ),
    _case(
        "xlsx: dates and times",
        _book(("d", "n"), (datetime(2025, 1, 31, 10, 30), 1), (date(2025, 2, 1), 2)),
        Reads(table={"d": [datetime(2025, 1, 31, 10, 30), datetime(2025, 2, 1)], "n": [1, 2]}),
    ),
    _case(
        "xlsx: numbers and words in one column",
        _book(("a",), (1,), ("two",), (3.5,)),
        Reads(table={"a": ["1", "two", "3.5"]}, notes=("Column 'a'",)),
    ),
    _case("xlsx: truth", _book(("a", "n"), (True, 1), (False, 2)), Reads(table={"a": ["True", "False"], "n": [1, 2]})),
    _case(
        "xlsx: merged cells",
        _book(("a", "b"), ("x", 1), (None, 2), then=lambda _, sheet: sheet.merge_cells("A2:A3")),
        Reads(table={"a": ["x", "x"], "b": [1, 2]}, notes=("erged",)),
    ),
    _case(
        "xlsx: formulas nobody has computed",
        _book(("a", "b"), (1, "=A2*2"), (3, "=A3*2")),
        Reads(table={"a": [1, 3], "b": [None, None]}, notes=("ormula",)),
    ),
    _case(
        "xlsx: errors in cells",
        _book(("a", "b"), (1, "#REF!"), (3, "y")),
        Reads(table={"a": [1, 3], "b": [None, "y"]}, notes=("issing",)),
    ),
    _case(
        "xlsx: equal and empty names",
        _book(("a", "a", None), (1, 2, 3), (4, 5, 6)),
        Reads(table={"a": [1, 4], "a_2": [2, 5], "column_3": [3, 6]}, notes=("twice", "without a name")),
    ),
    _case(
        "xlsx: an empty row between rows",
        _book(("a", "b"), (1, "x"), (), (3, "y")),
        Reads(table=_PLAIN, notes=("blank row",)),
    ),
    _case("xlsx: no rows", _book(("a", "b")), Refuses(sentence="no rows")),
    _case("xlsx: nothing", _book(), Refuses(sentence="no sheet with cells")),
    _case("xlsx: two cells that span the sheet", _corner, Refuses(sentence="cells")),
    _case("xlsx: a bomb", _bomb, Refuses(sentence="times its size")),
    _case("xlsx: cut off", lambda: _book(*_ROWS)()[:-200], Refuses(sentence="cut off")),
    _case(
        "xlsx: protected by a password",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000) + "EncryptedPackage".encode("utf-16-le"),
        Refuses(sentence="protected by a password"),
        "t.xlsx",
    ),
    _case(
        "a web page called xls",
        b"<html><table><tr><td>a</td></tr></table></html>",
        Refuses(sentence="web page"),
        "t.xls",
    ),
    _case(
        "xlsx: an index without a name, as pandas writes it",
        _book((None, "a", "b"), (0, 1, "x"), (1, 3, "y")),
        Reads(table={"column_1": [0, 1], **_PLAIN}, notes=("without a name",)),
    ),
    _case(
        "times of day in a workbook",
        _book(("t", "n"), (time(10, 30), 1), (time(23, 15), 2)),
        Reads(table={"t": ["10:30:00", "23:15:00"], "n": [1, 2]}),
    ),
)
