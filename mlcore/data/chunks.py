"""A file of rows to be gone through once, a piece at a time, however long it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mlcore.data.guard import guarded

if TYPE_CHECKING:
    import pyarrow as pa


def pieces_of(path: Path, rows: int, columns: list[str] | None = None) -> Iterator[pa.Table]:
    """At most `rows` consecutive rows at a time of a stored table, with these columns or all; never none at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with guarded(path, "Reading the rows"), pq.ParquetFile(path, pre_buffer=False) as stored:
        for batch in stored.iter_batches(batch_size=rows, columns=columns):
            yield pa.Table.from_batches([batch])
