"""Where scored rows go, piece by piece: a CSV file, a Parquet file or a sheet."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.data.spreadsheet import neutral_text
from mlcore.errors import FileError

ENDINGS = (".csv", ".parquet", ".xlsx")
SHEET_ROWS, SHEET_COLUMNS = 1_048_575, 16_384
"""What fits into a sheet below its header."""

_LONGEST_CELL = 32_767
_MOMENT = "%Y-%m-%d %H:%M:%S%.f"


class Sink(Protocol):
    """Takes tables that all have the same columns."""

    def write(self, table: pa.Table) -> None:
        """Add rows below those that are there."""

    def close(self) -> None:
        """Finish the file."""

    def drop(self) -> None:
        """Let go of what is not wanted any more."""


@contextmanager
def sink(path: Path, ending: str) -> Iterator[Sink]:
    """A place for rows at `path`, which is whole when the block ends well. CSV and sheets run no formula."""
    kinds: dict[str, Callable[[Path], Sink]] = {".csv": _Csv, ".parquet": _Parquet, ".xlsx": _Sheet}
    made = kinds[ending](path)
    try:
        yield made
    except BaseException:
        made.drop()
        raise
    made.close()


def fits(ending: str, rows: int, columns: int, where: str) -> None:
    """Raise `FileError` when so much does not fit into a file of this kind."""
    if ending == ".xlsx" and (rows > SHEET_ROWS or columns > SHEET_COLUMNS):
        raise FileError(
            f"{rows:,} rows and {columns:,} columns do not fit into a sheet",
            where=where,
            remedy=f"Take CSV or Parquet; a sheet holds {SHEET_ROWS:,} rows and {SHEET_COLUMNS:,} columns.",
        )


class _Csv:
    def __init__(self, path: Path) -> None:
        self._stream = path.open("wb")
        self._begun = False

    def write(self, table: pa.Table) -> None:
        frame = _harmless(pl.DataFrame(pl.from_arrow(table)))
        frame.write_csv(self._stream, include_header=not self._begun, datetime_format=_MOMENT)
        self._begun = True

    def close(self) -> None:
        self._stream.close()

    drop = close


class _Parquet:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    drop = close


class _Sheet:
    """Rows go to disk as they come; texts are texts, whatever they begin with."""

    def __init__(self, path: Path) -> None:
        import xlsxwriter

        self._folder = tempfile.TemporaryDirectory(prefix=".sheet-", dir=path.parent)
        self._book = xlsxwriter.Workbook(
            str(path), {"constant_memory": True, "tmpdir": self._folder.name, "nan_inf_to_errors": True}
        )
        self._book.use_zip64()
        self._sheet = self._book.add_worksheet("predictions")
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._row = 0

    def write(self, table: pa.Table) -> None:
        if self._row == 0:
            self._sheet.freeze_panes(1, 0)
            self._line(table.column_names)
        for line in zip(*(column.to_pylist() for column in table.columns), strict=True):
            self._line(line)

    def _line(self, cells: Any) -> None:
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                self._sheet.write_string(self._row, place, cell[:_LONGEST_CELL])
            elif isinstance(cell, (int, float)):
                self._sheet.write_number(self._row, place, cell)
            elif cell is not None:
                self._sheet.write_datetime(self._row, place, cell, self._moment)
        self._row += 1

    def close(self) -> None:
        try:
            self._book.close()
        finally:
            self.drop()

    def drop(self) -> None:
        """Let go of the rows on disk; the library writes no file for a book that is not closed."""
        self._sheet._opt_close()
        self._folder.cleanup()


def _harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with no text that a spreadsheet would run, and empty texts as empty cells."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    made = frame.with_columns(_neutral(frame[name]) for name in texts)
    return made.rename(_names(made.columns))


def _names(columns: Sequence[str]) -> dict[str, str]:
    """Harmless names for those that are not, none of them called like another column."""
    made: dict[str, str] = {}
    for name in columns:
        if (safe := neutral_text(name)) != name:
            while safe in columns or safe in made.values():
                safe = f"'{safe}"
            made[name] = safe
    return made


def _neutral(column: pl.Series) -> pl.Series:
    """Each text is looked at once, however often it comes."""
    changed = {text: neutral_text(text) for text in column.unique() if text is not None}
    changed = {text: safe for text, safe in changed.items() if safe != text or not text}
    return column.replace({text: safe or None for text, safe in changed.items()}) if changed else column
