"""A sheet of a workbook, from the file to canonical Parquet. Called in a limited child process only."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import polars as pl
import python_calamine as calamine

from mlcore import records
from mlcore.data.amounts import amount
from mlcore.data.choices import Choices
from mlcore.data.dataset import Reading
from mlcore.data.guard import guarded
from mlcore.data.names import clean_names
from mlcore.data.workbooks import bounds, grid
from mlcore.data.workbooks.bounds import Extent, too_wide
from mlcore.data.workbooks.container import Container, container_of, locked
from mlcore.data.workbooks.header import Cell, Header, find_header
from mlcore.data.workbooks.typing import Stored, stored
from mlcore.errors import ChoiceError, FileError, TableError

_LOOKED_AT = 200
"""Rows in which the header is sought."""


def read(path: str, choices: Mapping[str, Any], out: str, rows: int | None) -> Any:
    """Write the sheet (None: all `rows`) to `out`; the `Reading` as JSON."""
    source = Path(path)
    with guarded(source, "Reading the workbook"), _sound(source):
        kind = container_of(source)
        if kind != "xls":
            bounds.check_size(source)
        with _opened(source, kind) as book:
            return records.to_json(
                _read(source, book, kind, records.from_json(Choices, dict(choices)), Path(out), rows)
            )


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    """What the parser throws at a bad workbook becomes a sentence."""
    remedy = "Open it in a spreadsheet program, save it again, or save the table as CSV."
    try:
        yield
    except calamine.PasswordError:
        raise locked(path) from None
    except (calamine.CalamineError, ExpatError, KeyError) as error:
        if "limit exceeded" in str(error):  # the parser's own, when it meets one cell that is repeated without end
            raise too_wide(path) from None
        raise FileError(f"The workbook is damaged: {error}", where=path.name, remedy=remedy) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of the parser's own; no module has it to import
            raise
        raise FileError("The workbook is damaged", where=path.name, remedy=remedy) from None


@contextmanager
def _opened(path: Path, kind: Container) -> Iterator[calamine.CalamineWorkbook]:
    """The workbook, under a name that ends as its content says: the parser goes by the ending."""
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / f"book.{kind}"
        link.symlink_to(path.resolve())
        with calamine.CalamineWorkbook.from_path(link) as book:
            yield book


def _read(
    path: Path, book: calamine.CalamineWorkbook, kind: Container, choices: Choices, out: Path, rows: int | None
) -> Reading:
    sheet, extent = _chosen(path, book, kind, choices)
    where = f"{path.name}: {sheet.name}"
    header = find_header(list(islice(sheet.iter_rows(), _LOOKED_AT)), choices, where)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        cells = Path(folder) / "cells.parquet"
        names, merged, made = _written(sheet, header, rows, cells)
        if made.kept == 0:
            raise TableError(
                "The sheet has a header but no rows", where=where, remedy="Choose another sheet or another header row."
            )
        columns, column_notes = _stored(cells, made, names, choices, out)
    notes = (*_sheet_notes(book, sheet.name), *_header_notes(header, made), *_cell_notes(extent, merged), *column_notes)
    return Reading(
        format="excel",
        header=header.row is not None,
        header_row=0 if header.row is None else header.row + 1,
        records=made.kept,
        kept=made.kept,
        day_first=tuple(column.name for column in columns if column.day_first is True),
        month_first=tuple(column.name for column in columns if column.day_first is False),
        sheet=sheet.name,
        sheets=tuple(book.sheet_names),
        notes=notes,
    )


def _chosen(
    path: Path, book: calamine.CalamineWorkbook, kind: Container, choices: Choices
) -> tuple[calamine.CalamineSheet, Extent]:
    """The sheet asked for, or else the first with a table: visible ones before hidden ones."""
    tables = [sheet for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    names = [sheet.name for sheet in sorted(tables, key=lambda sheet: _hidden(sheet))]
    if choices.sheet is not None:
        if choices.sheet not in names:
            raise ChoiceError(choices.sheet, names, of="sheet")
        names = [choices.sheet]
    one_row = None
    for name in names:
        extent = bounds.extent(path, kind, name)
        sheet = book.get_sheet_by_name(name)
        if sheet.height > 1:
            return sheet, extent
        one_row = one_row or ((sheet, extent) if sheet.height else None)
    if one_row is None:
        what = f"The sheet {choices.sheet!r} is empty" if choices.sheet else "The workbook has no sheet with cells"
        raise TableError(what, where=path.name, remedy="Choose a sheet with a table.")
    return one_row


def _hidden(sheet: calamine.SheetMetadata) -> bool:
    return sheet.visible != calamine.SheetVisibleEnum.Visible


def _written(
    sheet: calamine.CalamineSheet, header: Header, most: int | None, out: Path
) -> tuple[tuple[str, ...], int, grid.Grid]:
    """The names of the columns, how many merged ranges were filled, and what is below the header, now at `out`."""
    begin = header.first if header.row is None else header.row
    spans = [span for span in sheet.merged_cell_ranges or () if span[0][0] >= begin]
    rows = grid.filled(sheet.iter_rows(), spans, sheet.start[1] if sheet.start else 0)
    top = list(islice(rows, header.first))
    width = sheet.width
    names = tuple(_name(cell) for cell in top[header.row]) if header.row is not None else ("",) * width
    return names, len(spans), grid.write(islice(rows, most), width, out)


def _name(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _stored(
    cells: Path, made: grid.Grid, names: tuple[str, ...], choices: Choices, out: Path
) -> tuple[tuple[Stored, ...], tuple[str, ...]]:
    """Write the typed columns to `out`; columns without name and without cells are left out."""
    kept = [(place, column) for place, column in enumerate(made.columns) if column.cells or names[place].strip()]
    clean, name_notes = clean_names(names[place] for place, _ in kept)
    frame = pl.scan_parquet(cells, glob=False)
    columns, text_notes = stored(frame, kept, clean, choices)
    typed = frame.select(column.expression.alias(column.name) for column in columns)
    typed.sink_parquet(out, compression="zstd", row_group_size=100_000, engine="streaming")
    told = name_notes if any(names) else ()
    return columns, (*told, *text_notes, *(column.note for column in columns if column.note))


def _sheet_notes(book: calamine.CalamineWorkbook, read: str) -> tuple[str, ...]:
    notes = []
    if len(book.sheet_names) > 1:
        notes.append(f"The sheet {read!r} was read; the workbook has {amount(len(book.sheet_names), 'sheet')}.")
    hidden = [sheet.name for sheet in book.sheets_metadata if _hidden(sheet)]
    if hidden:
        shown = ", ".join(repr(name) for name in hidden[:5]) + (" …" if len(hidden) > 5 else "")
        notes.append(f"Hidden in the workbook: {amount(len(hidden), 'sheet')} ({shown}).")
    return tuple(notes)


def _header_notes(header: Header, made: grid.Grid) -> tuple[str, ...]:
    notes = []
    if header.above:
        notes.append(f"Skipped above the table: {amount(header.above, 'row')}, the first is {header.title[:60]!r}.")
    if header.row is None:
        notes.append("The first row looks like data, so the columns were numbered.")
    if made.blank:
        notes.append(f"Skipped: {amount(made.blank, 'blank row')}.")
    return tuple(notes)


def _cell_notes(extent: Extent, merged: int) -> tuple[str, ...]:
    notes = []
    if merged:
        notes.append(f"Merged cells have the value of the first one in all of them: {amount(merged, 'range')}.")
    if extent.merged:
        notes.append(f"Merged cells have their value in the first one only: {amount(extent.merged, 'range')}.")
    if extent.errors:
        notes.append(f"Errors such as #DIV/0! were read as missing: {amount(extent.errors, 'cell')}.")
    if extent.without_result:
        notes.append(
            f"Formulas whose result is not stored in the file are missing: {amount(extent.without_result, 'cell')}. "
            "Open it in a spreadsheet program and save it to have them."
        )
    return tuple(notes)
