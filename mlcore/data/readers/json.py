"""JSON and JSON Lines, brought to the four storages of a table."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from mlcore.data.amounts import amount
from mlcore.data.canonical import canonical
from mlcore.data.choices import Choices
from mlcore.data.dataset import Reading
from mlcore.data.delimited.encoding import find_encoding, replaced, utf8_blocks
from mlcore.data.guard import guarded
from mlcore.data.objects.items import Account, records
from mlcore.data.objects.spool import Spool
from mlcore.data.objects.tape import Tape
from mlcore.errors import FileError, TableError

_START = 64 * 1024
_MARKS = b"\xef\xbb\xbf\xff\xfe"
_BEGINS = re.compile(rb"""\s*(\{\s*["'}]|\[\s*[\[{"]|\[\s*\]\s*$)""")
_SCALARS = re.compile(rb"\s*\[[\s\d.,eE+-]*\]\s*$")
_PREVIEWED = 1000


@dataclass(frozen=True, kw_only=True)
class _Json:
    key: str = "json"
    title: str = "JSON or JSON Lines"
    suffixes: tuple[str, ...] = (".json", ".jsonl", ".ndjson", ".geojson")

    def recognises(self, path: Path) -> bool:
        """Told by its first brackets, of which a table of text has no use."""
        if not path.is_file():
            return False
        with guarded(path, "Opening the file"), path.open("rb") as stream:
            start = stream.read(_START).lstrip(_MARKS).replace(b"\x00", b"")
        return _BEGINS.match(start) is not None or _SCALARS.match(start) is not None

    def read(self, path: Path, choices: Choices, out_path: Path) -> Reading:
        with guarded(path, "Reading the JSON file"), tempfile.TemporaryDirectory(dir=out_path.parent) as folder:
            frame, reading = _read(path, choices, Path(folder), None)
            frame.sink_parquet(out_path, compression="zstd", row_group_size=100_000, engine="streaming")
            return reading

    def preview(self, path: Path, choices: Choices, rows: int) -> tuple[pl.DataFrame, Reading]:
        with guarded(path, "Reading the JSON file"), tempfile.TemporaryDirectory() as folder:
            frame, reading = _read(path, choices, Path(folder), max(rows, _PREVIEWED))
            return frame.collect().head(rows), reading


JSON = _Json()


def _read(path: Path, choices: Choices, folder: Path, most: int | None) -> tuple[pl.LazyFrame, Reading]:
    """The stored columns, and how they were read; of at most `most` rows."""
    encoding = find_encoding(path, choices.encoding)
    tape, account, spool = Tape(utf8_blocks(path, encoding)), Account(), Spool(folder, bool(choices.flatten))
    for record in islice(records(tape, account), most):
        spool.add(record)
    spool.flush()
    _check(path, account)
    frame, names, notes = spool.frame(choices.text)
    if not names:
        raise TableError(
            "The file has no columns a model could use",
            where=path.name,
            remedy="Choose that the fields of objects become columns, or bring columns of numbers, text or dates.",
        )
    table = canonical(frame, names, choices)
    damaged = replaced(path, encoding) if most is None else 0
    lost = f"Could not be read, shown as \ufffd: {amount(damaged, 'character')}." if damaged else ""
    said = (encoding.note, lost, *account.notes, *_account_notes(account), *_spool_notes(tape, spool), *notes)
    reading = Reading(
        format="json",
        encoding=encoding.codec,
        records=account.kept + account.set_aside,
        kept=account.kept,
        set_aside=account.set_aside,
        day_first=table.day_first,
        month_first=table.month_first,
        notes=tuple(note for note in (*said, *table.notes) if note),
    )
    return frame.select(table.expressions), reading


def _check(path: Path, account: Account) -> None:
    if account.kept + account.set_aside == 0:
        raise TableError("The table has no rows", where=path.name, remedy="Bring a file with at least one object.")
    if account.kept == 0:
        raise TableError(
            "The file holds no objects", where=path.name, remedy="Write one object a row, with its columns as keys."
        )
    if account.set_aside > account.kept:
        raise FileError(
            f"{account.set_aside:,} of {account.kept + account.set_aside:,} rows are no objects",
            where=path.name,
            remedy="Write one object a row, with its columns as keys.",
        )


def _account_notes(account: Account) -> tuple[str, ...]:
    notes = []
    if account.set_aside:
        places = ", ".join(f"{place:,}" for place in account.places) + (" …" if account.set_aside > 5 else "")
        notes.append(f"Set aside, as they are no objects: {amount(account.set_aside, 'row')} (at {places}).")
    if account.blank:
        notes.append(f"Skipped: {amount(account.blank, 'blank line')}.")
    return tuple(notes)


def _spool_notes(tape: Tape, spool: Spool) -> tuple[str, ...]:
    notes = []
    if tape.doubled:
        notes.append(f"A key occurs twice in {amount(tape.doubled, 'object')}; its last value was kept.")
    if spool.incomplete:
        notes.append(f"Keys are missing in {amount(spool.incomplete, 'row')}; their cells are empty.")
    if spool.halved:
        notes.append(f"Half a letter was shown as \ufffd in {amount(spool.halved, 'cell')}.")
    return tuple(notes)
