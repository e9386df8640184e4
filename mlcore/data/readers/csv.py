"""Delimited text: CSV and its relatives."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from mlcore.data.amounts import amount
from mlcore.data.choices import Choices
from mlcore.data.dataset import Reading
from mlcore.data.delimited.careful import Stored, Table, store
from mlcore.data.delimited.dialect import Dialect, find_dialect
from mlcore.data.delimited.encoding import Encoding, find_encoding, replaced, utf8_blocks
from mlcore.data.delimited.footer import footer_notes
from mlcore.data.delimited.records import Account
from mlcore.data.guard import guarded
from mlcore.data.names import clean_names
from mlcore.errors import FileError, TableError

MOST_COLUMNS = 20_000
_SAMPLE = 512 * 1024
_LARGE = 16 * 1024 * 1024
"""Bytes from which a file is read in one pass."""
_FIRST_PART = 16 * 1024 * 1024
"""Bytes of which a preview tells the encoding, and reading in one pass supposes it."""

_TAIL_NOTE = "Every row ends with a delimiter; the empty column was left out."


@dataclass(frozen=True, kw_only=True)
class _Csv:
    key: str = "csv"
    title: str = "CSV, or other text with a delimiter"
    suffixes: tuple[str, ...] = (".csv", ".tsv", ".txt", ".tab", ".dat", ".data")

    def recognises(self, path: Path) -> bool:
        """Every file that no other reader claims is tried as text."""
        return path.is_file() or not path.exists()

    def read(self, path: Path, choices: Choices, out_path: Path) -> Reading:
        with guarded(path, "Reading the text table"), tempfile.TemporaryDirectory(dir=out_path.parent) as folder:
            most = _FIRST_PART if path.stat().st_size >= _LARGE else None
            return _read(path, find_encoding(path, choices.encoding, most), choices, Path(folder), out_path)

    def preview(self, path: Path, choices: Choices, rows: int) -> tuple[pl.DataFrame, Reading]:
        with guarded(path, "Reading the text table"), tempfile.TemporaryDirectory() as folder:
            start = Path(folder) / path.name
            encoding = find_encoding(_first_part(path, start), choices.encoding)
            start.write_bytes(_beginning(utf8_blocks(path, encoding)))
            out = Path(folder) / f"{path.name}.parquet"
            reading = _read(start, replace(encoding, codec="utf-8", skip=0), choices, Path(folder), out)
            return pl.read_parquet(out).head(rows), replace(reading, encoding=encoding.codec)


CSV = _Csv()


def _first_part(path: Path, out: Path) -> Path:
    """A copy of the first lines of a large file, since telling an encoding takes a look at every byte."""
    if path.stat().st_size <= _FIRST_PART:
        return path
    with path.open("rb") as stream:
        part = stream.read(_FIRST_PART)
    out.write_bytes(part[: part.rfind(b"\n") + 1] or part)
    return out


def _read(path: Path, encoding: Encoding, choices: Choices, folder: Path, out_path: Path) -> Reading:
    table = _table(path, encoding, choices)
    stored = _stored_quickly(table, folder, out_path) if path.stat().st_size >= _LARGE else None
    if stored is None and not encoding.sure:
        found = find_encoding(path, choices.encoding)
        if found != replace(encoding, sure=True):
            return _read(path, found, choices, folder, out_path)
    stored = stored or store(_table(path, replace(encoding, sure=True), choices), folder, out_path)
    _check_count(path, out_path, stored.account)
    account, typing, dialect = stored.account, stored.typing, table.dialect
    notes = (
        encoding.note,
        *_damage_note(path, encoding),
        *dialect.notes,
        *_account_notes(account),
        *((_TAIL_NOTE,) if stored.tail_left_out else clean_names(dialect.names)[1]),
        *typing.notes,
        *(column.note for column in typing.columns),
        *footer_notes(out_path),
    )
    return Reading(
        format="csv",
        encoding=encoding.codec,
        delimiter=dialect.delimiter,
        decimal=typing.decimal,
        thousands=typing.thousands,
        header=dialect.header,
        header_row=dialect.header_row,
        records=account.records,
        kept=account.kept,
        set_aside=account.set_aside,
        day_first=tuple(column.name for column in typing.columns if column.day_first is True),
        month_first=tuple(column.name for column in typing.columns if column.day_first is False),
        notes=tuple(note for note in notes if note),
    )


def _table(path: Path, encoding: Encoding, choices: Choices) -> Table:
    start = _beginning(utf8_blocks(path, replace(encoding, sure=True)))
    dialect = find_dialect(start.decode("utf-8", "replace"), choices)
    _check_width(path, dialect)
    return Table(
        texts=lambda: utf8_blocks(path, encoding),
        dialect=dialect,
        names=clean_names(dialect.names)[0],
        choices=replace(choices, delimiter=dialect.delimiter),
        where=path.name,
        line_bytes=len(start) // max(1, start.count(b"\n")),
    )


def _stored_quickly(table: Table, folder: Path, out_path: Path) -> Stored | None:
    from mlcore.data.delimited import quick  # compiled code: half a second to load, for large files only

    with tempfile.TemporaryDirectory(dir=folder) as place:
        return quick.store(table, Path(place), out_path)


def _beginning(blocks: Iterable[bytes]) -> bytes:
    """The first half megabyte, cut after a whole line."""
    found = b""
    for block in _nonblank(blocks):
        found += block
        if len(found) >= _SAMPLE:
            break
    head = found[:_SAMPLE]
    if len(found) <= _SAMPLE:
        return head
    if head.count(b"\n") < 2:
        head = found  # the first row alone is longer
    return _whole_records(head[: head.rfind(b"\n") + 1] or head)


def _whole_records(lines: bytes) -> bytes:
    """The lines without those at the end that belong to a quoted cell which goes on; all of them if none would stay."""
    quotes, end = lines.count(b'"'), len(lines)
    while quotes % 2 and end:
        start = lines.rfind(b"\n", 0, end - 1) + 1
        quotes -= lines.count(b'"', start, end)
        end = start
    return lines[:end] or lines


def _nonblank(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks from the first line that is not blank."""
    begun = False
    for block in blocks:
        rest = block if begun else block.lstrip(b"\n")
        begun = begun or bool(rest)
        if rest:
            yield rest


def _check_width(path: Path, dialect: Dialect) -> None:
    if dialect.width > MOST_COLUMNS:
        raise TableError(
            f"The table has {dialect.width:,} columns",
            where=path.name,
            remedy=f"Bring at most {MOST_COLUMNS:,}, or choose another delimiter.",
        )


def _check_count(path: Path, out_path: Path, account: Account) -> None:
    rows = pl.scan_parquet(out_path, glob=False).select(pl.len()).collect().item()
    if rows != account.kept:
        raise FileError(
            f"{account.kept:,} rows were counted but {rows:,} were read",
            where=path.name,
            remedy="Choose the delimiter and encoding yourself, or save the file again as CSV in UTF-8.",
        )


def _damage_note(path: Path, encoding: Encoding) -> tuple[str, ...]:
    damaged = replaced(path, encoding)
    return (f"Could not be read, shown as \ufffd: {amount(damaged, 'character')}.",) if damaged else ()


def _account_notes(account: Account) -> tuple[str, ...]:
    notes = []
    if account.set_aside:
        places = ", ".join(f"{place:,}" for place in account.places) + (" …" if account.set_aside > 5 else "")
        notes.append(f"Set aside, as they have too many cells: {amount(account.set_aside, 'row')} (at {places}).")
    if account.short:
        notes.append(f"Cells were missing at the end of {amount(account.short, 'row')}; they are empty.")
    if account.blank:
        notes.append(f"Skipped: {amount(account.blank, 'blank line')}.")
    if account.stray:
        notes.append("Quotation marks inside cells that are not quoted were taken as they are.")
    return tuple(notes)
