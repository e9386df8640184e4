"""Feather and other Arrow files and streams, brought to the four storages of a table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import polars as pl
import polars.selectors as cs
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from mlcore.data import limited
from mlcore.data.choices import Choices
from mlcore.data.dataset import Reading
from mlcore.data.guard import guarded
from mlcore.data.names import clean_names
from mlcore.data.readers import columnar
from mlcore.errors import FileError

_FILE = b"ARROW1"
_STREAM = b"\xff\xff\xff\xff"
_OLD = b"FEA1"
_MOST_AT_ONCE = 250_000_000
"""Cells of one batch."""


@dataclass(frozen=True, kw_only=True)
class _Feather:
    key: str = "feather"
    title: str = "Feather or Arrow"
    suffixes: tuple[str, ...] = (".feather", ".arrow", ".arrows", ".ipc")

    def recognises(self, path: Path) -> bool:
        """Told by the letters an Arrow file, or the mark a stream, begins with."""
        if not path.is_file():
            return False
        with guarded(path, "Opening the file"), path.open("rb") as stream:
            return stream.read(6).startswith((_FILE, _STREAM, _OLD))

    def read(self, path: Path, choices: Choices, out_path: Path) -> Reading:
        with guarded(path, "Reading the Arrow file"), tempfile.TemporaryDirectory(dir=out_path.parent) as folder:
            return columnar.store(path, _converted(path, Path(folder), None), choices, out_path, self.key)

    def preview(self, path: Path, choices: Choices, rows: int) -> tuple[pl.DataFrame, Reading]:
        with guarded(path, "Reading the Arrow file"), tempfile.TemporaryDirectory() as folder:
            return columnar.show(path, _converted(path, Path(folder), rows), choices, rows, self.key)


FEATHER = _Feather()


def _converted(path: Path, folder: Path, most: int | None) -> pl.LazyFrame:
    """The batches as Parquet, written by a child process: a damaged Arrow file can point anywhere in memory."""
    out = folder / "batches.parquet"
    args = {"path": str(path), "out": str(out), "most": most}
    limited.call("mlcore.data.readers.feather:convert", args, where=path.name)
    return pl.scan_parquet(out, glob=False)


def convert(path: str, out: str, most: int | None) -> int:
    """Write the batches, every buffer checked, to Parquet at `out` until there are `most` rows; how many there are."""
    source, rows = Path(path), 0
    with _sound(source), pa.OSFile(path) as stream:
        batches = _plain(source, _batches(source, stream))
        first = next(batches)
        with pq.ParquetWriter(out, first.schema, compression="zstd", compression_level=1) as writer:
            for table in chain((first,), batches):
                writer.write_table(table, row_group_size=100_000)
                rows += table.num_rows
                columnar.check_rows(source, max(rows, 1))
                if most is not None and rows >= most:
                    break
    return rows


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    """What Arrow throws at damaged bytes becomes a sentence."""
    remedy = "Write it again, as Arrow with plain types or as Parquet."
    try:
        yield
    except (NotImplementedError, pl.exceptions.PolarsError) as error:
        what = f"The Arrow file holds a type that cannot be read: {error}"
        raise FileError(what, where=path.name, remedy=remedy) from None
    except (pa.ArrowException, ValueError, OSError) as error:
        raise FileError(f"The Arrow file is damaged: {error}", where=path.name, remedy=remedy) from None


def _batches(path: Path, stream: pa.NativeFile) -> Iterator[pa.Table]:
    """The batches of a file or a stream, each as a table; an empty one at first, which has the columns."""
    start = stream.read(6)
    stream.seek(0)
    if start.startswith(_OLD):
        raise FileError(
            "This is a Feather file of the first version",
            where=path.name,
            remedy="Write it again as Feather version 2, or as Parquet.",
        )
    if start != _FILE:
        with pa.ipc.open_stream(stream) as reader:
            yield reader.schema.empty_table()
            for batch in reader:
                yield pa.Table.from_batches([batch])
        return
    stream.seek(stream.size() - len(_FILE))
    if stream.read(6) != _FILE:
        raise FileError(
            "The Arrow file is cut off: its end is missing", where=path.name, remedy="Copy or write it again."
        )
    stream.seek(0)
    with pa.ipc.open_file(stream) as reader:
        yield reader.schema.empty_table()
        for place in range(reader.num_record_batches):
            yield pa.Table.from_batches([reader.get_batch(place)])


def _plain(path: Path, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The tables, checked, with types that Parquet knows and names that occur once."""
    for table in tables:
        if table.num_rows * table.num_columns > _MOST_AT_ONCE:
            raise FileError(
                f"The Arrow file keeps {table.num_rows:,} rows of {table.num_columns:,} columns in one piece",
                where=path.name,
                remedy="Write it in batches of at most a million rows.",
            )
        table.validate(full=True)
        names, _ = clean_names(table.column_names)
        frame = pl.DataFrame(pl.from_arrow(table.rename_columns(names)))
        words = frame.with_columns(cs.categorical().cast(pl.String), cs.enum().cast(pl.String))
        yield words.to_arrow(compat_level=pl.CompatLevel.oldest())
