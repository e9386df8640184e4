"""Rows of a database on their way to disk: a few thousand at a time, in the narrowest types seen so far."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import polars as pl
import pyarrow.parquet as pq

from mlcore.data.amounts import amount
from mlcore.data.canonical import canonical
from mlcore.data.dataset import Reading
from mlcore.data.sources.databases import cells
from mlcore.data.sources.databases.database import Answer, Limits
from mlcore.errors import TableError

_GROUP = 100_000


class Spool:
    """Parquet files in `folder`, a new one whenever a column turns out to be of a wider type than it seemed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._schema: dict[str, pl.DataType] = {}
        self._parts: list[Path] = []
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pl.DataFrame] = []
        self._held = 0
        self.rows = 0

    def __enter__(self) -> Spool:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._end_part()
        for part in self._parts:
            part.unlink(missing_ok=True)

    def add(self, frame: pl.DataFrame) -> None:
        """Keep these rows; every frame has the same columns."""
        kinds = {name: cells.wider(self._schema.get(name, pl.Null()), kind) for name, kind in frame.schema.items()}
        if kinds != self._schema:
            self._end_part()
            self._schema = kinds
        self._waiting.append(
            frame.select(cells.widened(name, frame.schema[name], kind) for name, kind in kinds.items())
        )
        self.rows += frame.height
        self._held += frame.height
        if self._held >= _GROUP or sum(one.estimated_size() for one in self._waiting) > 1 << 26:
            self._write()

    def table(self) -> pl.LazyFrame:
        """Everything that was added, each column in one type."""
        self._end_part()
        scans = (pl.scan_parquet(part, glob=False) for part in self._parts)
        return pl.concat(
            [
                scan.select(
                    cells.widened(name, kind, self._schema[name]) for name, kind in scan.collect_schema().items()
                )
                for scan in scans
            ]
        )

    def _write(self) -> None:
        if not self._waiting:
            return
        made = pl.concat(self._waiting).to_arrow()
        self._waiting, self._held = [], 0
        if self._writer is None:
            self._parts.append(self._folder / f"part-{len(self._parts)}.parquet")
            self._writer = pq.ParquetWriter(self._parts[-1], made.schema, compression="zstd", compression_level=1)
        self._writer.write_table(made.cast(self._writer.schema))

    def _end_part(self) -> None:
        self._write()
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def stored(answer: Answer, limits: Limits, out: Path, folder: Path, format: str) -> Reading:
    """Write the answer to canonical Parquet at `out`, at most `limits.rows` rows of it."""
    with Spool(folder) as spool:
        for frame in _within(answer.frames, limits):
            spool.add(frame)
            if spool.rows > limits.rows:
                break
        if spool.rows == 0:
            raise TableError("The database gave no rows", remedy="Ask for other rows or another table.")
        table = spool.table().head(limits.rows)
        made = canonical(table, answer.labels)
        table.select(made.expressions).sink_parquet(out, compression="zstd", row_group_size=_GROUP, engine="streaming")
        kept = min(spool.rows, limits.rows)
        return reading(answer, format, kept, made.notes, cut=spool.rows > limits.rows)


def seen(answer: Answer, limits: Limits, format: str) -> tuple[pl.DataFrame, Reading]:
    """The first `limits.rows` rows as they would be stored."""
    frames, height = [], 0
    for frame in _within(answer.frames, limits):
        frames.append(frame)
        height += frame.height
        if height >= limits.rows:
            break
    if not height:
        raise TableError("The database gave no rows", remedy="Ask for other rows or another table.")
    kinds: dict[str, pl.DataType] = {}
    for frame in frames:
        kinds = {name: cells.wider(kinds.get(name, pl.Null()), kind) for name, kind in frame.schema.items()}
    alike = (one.select(cells.widened(n, one.schema[n], kind) for n, kind in kinds.items()) for one in frames)
    table = pl.concat(list(alike)).head(limits.rows)
    made = canonical(table.lazy(), answer.labels)
    return table.select(made.expressions), reading(answer, format, table.height, made.notes, cut=False)


def reading(answer: Answer, format: str, kept: int, notes: Sequence[str], *, cut: bool) -> Reading:
    """How the rows were read; says so when there are more than were taken."""
    said = [f"{amount(count, 'cell')} read as missing: {why}." for why, count in answer.lost.items()]
    if cut:
        said.insert(0, f"The database has more rows: the first {kept:,} it gave were taken.")
    return Reading(format=format, records=kept, kept=kept, notes=(*said, *notes))


def _within(frames: Iterator[pl.DataFrame], limits: Limits) -> Iterator[pl.DataFrame]:
    deadline = time.monotonic() + limits.seconds
    for frame in frames:
        if frame.height:
            yield frame
        if time.monotonic() > deadline:
            raise TableError(
                f"The database was not done after {limits.seconds:.0f} seconds",
                remedy="Ask for fewer rows or columns, or give it more time.",
            )
