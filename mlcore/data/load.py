"""A file or a frame becomes a stored table with its card; a stored table becomes a frame."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from mlcore import files
from mlcore.data.archives import Opened, opened
from mlcore.data.canonical import canonical
from mlcore.data.choices import Choices
from mlcore.data.dataset import Dataset, Reading
from mlcore.data.guard import guarded
from mlcore.data.kinds import guess_schema
from mlcore.data.readers import reader_of
from mlcore.data.schema import Schema
from mlcore.errors import ColumnError, FileError, TableError

if TYPE_CHECKING:
    import pandas as pd  # takes a third of a second, which who only loads a file shall not wait

_CELLS_AT_ONCE = 16_000_000


def load(path: str | Path, *, out: Path | None = None, name: str = "", choices: Choices | None = None) -> Dataset:
    """Read a file of any kind into canonical Parquet at `out` (None: a folder that is gone when Python ends).

    Nothing is kept at `out` when the file cannot be read: a `FileError` or `TableError` says why.
    """
    source, target = Path(path), out or _temporary()
    reading = store_rows(source, target, choices)
    title = Path(source.stem).stem if reading.packed else source.stem
    return card(target, name or title, reading, str(source))


def store_rows(source: Path, out: Path, choices: Choices | None = None) -> Reading:
    """The same without a card: how the file was read, for rows that are gone through once."""
    chosen = choices or Choices()
    _check_file(source)
    with files.whole(out) as unfinished, _at_hand(source, chosen, out.parent) as found:
        return _told(reader_of(found.path).read(found.path, chosen, unfinished), found)


def preview(path: str | Path, choices: Choices | None = None, rows: int = 20) -> tuple[pd.DataFrame, Reading]:
    """The first rows as `load` would read them, and how; looks at the beginning of the file only."""
    from mlcore.data.frames import as_pandas

    source, chosen = Path(path), choices or Choices()
    _check_file(source)
    with _at_hand(source, chosen, None, beginning=True) as found:
        frame, reading = reader_of(found.path).preview(found.path, chosen, rows)
    return as_pandas(frame), _told(reading, found)


def store_frame(
    frame: pd.DataFrame, out: Path | None = None, name: str = "table", choices: Choices | None = None
) -> Dataset:
    """Store a pandas frame as a canonical table; its index is left out, its column names become text."""
    from mlcore.data.frames import from_pandas

    if frame.shape[1] == 0 or frame.shape[0] == 0:
        raise TableError("The table has no columns" if frame.shape[1] == 0 else "The table has no rows", where=name)
    target = out or _temporary()
    table, labels, frame_notes = from_pandas(frame)
    with guarded(target, "Storing the table"), files.whole(target) as unfinished:
        made = canonical(table.lazy(), labels, choices)
        table.lazy().select(made.expressions).sink_parquet(unfinished, compression="zstd", row_group_size=100_000)
    rows = len(frame)
    reading = Reading(
        format="frame",
        records=rows,
        kept=rows,
        day_first=made.day_first,
        month_first=made.month_first,
        notes=(*frame_notes, *made.notes),
    )
    return card(target, name, reading, "")


def read_table(table: Dataset | str | Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The stored table, or some of its columns in this order: text as `str`, whole numbers with gaps as float64.

    Of a large one some columns are read at a time, as each is there twice until it is read.
    """
    import pandas as pd
    import pyarrow.parquet as pq

    path = Path(table.path if isinstance(table, Dataset) else table)
    with guarded(path, "Reading the stored table"):
        existing = pl.read_parquet_schema(path)
        for wanted in columns or ():
            if wanted not in existing:
                raise ColumnError(wanted, existing, where=path.name)
        names = list(existing if columns is None else columns)
        width = max(1, _CELLS_AT_ONCE // max(1, pq.read_metadata(path).num_rows))
        if len(names) <= width:
            return _part(path, names)
        return pd.concat((_part(path, names[start : start + width]) for start in range(0, len(names), width)), axis=1)


def _part(path: Path, names: list[str]) -> pd.DataFrame:
    import pandas as pd

    from mlcore.data.frames import as_pandas
    from mlcore.data.picked import MANY

    if len(names) <= MANY:
        return pd.read_parquet(path, columns=names)
    return as_pandas(pl.scan_parquet(path, glob=False).select(names).collect())


def card(path: Path, name: str, reading: Reading, source: str) -> Dataset:
    with guarded(path, "Looking at the columns"), ThreadPoolExecutor(1) as beside:
        fingerprint = beside.submit(files.sha256, path)
        schema = _dated(guess_schema(path), reading)
        return Dataset(
            name=name,
            path=str(path),
            fingerprint=fingerprint.result(),
            rows=reading.kept,
            schema=schema,
            reading=reading,
            source=source,
        )


def _dated(schema: Schema, reading: Reading) -> Schema:
    """The schema with the order of day and month of each column, so that rows to come are read alike."""
    for names, day_first in ((reading.day_first, True), (reading.month_first, False)):
        for name in names:
            schema = schema.with_column(replace(schema[name], day_first=day_first))
    return schema


@contextmanager
def _at_hand(source: Path, choices: Choices, folder: Path | None, *, beginning: bool = False) -> Iterator[Opened]:
    """The file, out of its archive for the length of the block; errors about it name the file a person knows."""
    with tempfile.TemporaryDirectory(prefix=".unpacked-", dir=folder) as place:
        with guarded(source, "Opening the file"):
            found = opened(source, choices, Path(place), beginning=beginning)
        try:
            yield found
        except (FileError, TableError) as error:
            known = f"{source.name}: {found.member}" if found.member else source.name
            where = error.where.replace(found.path.name, known) if found.packed else error.where
            raise type(error)(error.what, where=where, remedy=error.remedy) from error


def _told(reading: Reading, found: Opened) -> Reading:
    """The reading with what is to be said about the archive."""
    return replace(
        reading,
        packed=found.packed,
        member=found.member,
        members=found.members,
        notes=(*found.notes, *reading.notes),
    )


def _check_file(path: Path) -> None:
    with guarded(path, "Opening the file"):
        size = path.stat().st_size
        if not path.is_file():
            raise FileError("This is not a file", where=path.name, remedy="Choose a file with a table.")
    if size == 0:
        raise FileError("The file is empty", where=path.name, remedy="Choose a file with a header and rows.")


def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tablesmith-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "table.parquet"
