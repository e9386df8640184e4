"""The internal columns of a run as they lie in its folder: the numbers of very many columns in one piece, row by row.

Opening each of 10,000 columns of a Parquet file takes ten times as long as reading what is in them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore import files
from mlcore.data.picked import Places, by_group, picked, picked_arrow

ROW = "numbers of a row"
"""The one column that all numbers lie in, where there are more than `MANY`; the file's metadata has their names."""

MANY = 500
_NAMES = b"columns"
_TILE = 64
"""Rows that are turned into columns, or back, at once: as many as stay near the processor."""


def write(blocks: Iterator[pd.DataFrame], path: Path) -> None:
    """Internal columns, block by block: each becomes a group of rows, as they can be read.

    Numbers as float32, which they are already: half the size.
    """
    import pyarrow.parquet as pq

    with files.whole(path) as temporary, ExitStack() as stack:
        writer: Any = None
        for block in blocks:
            rows, words = _arrow(block, None if writer is None else writer.schema)
            if writer is None:
                writer = pq.ParquetWriter(
                    temporary, rows.schema, compression="lz4", use_dictionary=words, write_statistics=False
                )
                stack.enter_context(writer)
            writer.write_table(rows)


def read(path: Path, places: Places, *, coded: Sequence[str] = (), most: int | None = None) -> pd.DataFrame:
    """The rows at these places, in ascending order, counted anew; with `most` only the first so many of the columns.

    `coded` are columns of words that come as categories.
    """
    import pyarrow.parquet as pq

    stored = pq.read_schema(path)
    if ROW not in stored.names:
        return picked(path, places, None if most is None else stored.names[:most], coded=coded)
    names = json.loads(stored.metadata[_NAMES])
    single = [name for name in stored.names if name != ROW]
    if most is not None and set(names[:most]) <= set(single):
        return picked(path, places, names[:most], coded=coded)
    numbers = [name for name in names if name not in set(single)]
    held = pd.DataFrame(_cells(path, places, len(numbers)).T, columns=numbers, copy=False)
    whole: pd.DataFrame = pd.concat([picked_arrow(path, places, single, coded=coded).to_pandas(), held], axis=1)
    wanted = names if most is None else names[:most]
    return whole if list(whole.columns) == wanted else whole[wanted]


def _arrow(block: pd.DataFrame, schema: Any) -> tuple[Any, list[str]]:
    """The block as Arrow has it, and the names of its columns that are no numbers."""
    import pyarrow as pa

    solid = (block.dtypes == np.float64).to_numpy(copy=True)
    words = [str(name) for name in block.columns[~solid]]
    if solid.sum() <= MANY:
        narrow = block.astype(dict.fromkeys(block.columns[solid], np.float32) if words else np.float32)
        return pa.Table.from_pandas(narrow, schema=schema, preserve_index=False), words
    solid[solid.argmax()] = False  # one by itself, for who asks for any
    cells = block.loc[:, solid].to_numpy()
    rows = np.empty(cells.shape, dtype="<f4")
    for start in range(0, len(rows), _TILE):
        rows[start : start + _TILE] = cells[start : start + _TILE]
    held = pa.FixedSizeBinaryArray.from_buffers(pa.binary(4 * cells.shape[1]), len(rows), [None, pa.py_buffer(rows)])
    told = {_NAMES: json.dumps([str(name) for name in block.columns])}
    single = {str(name): _single(block[name], schema) for name in block.columns[~solid]}
    return pa.table({**single, ROW: held}, metadata=told), words


def _single(values: pd.Series, schema: Any) -> Any:
    import pyarrow as pa

    narrow = values.astype(np.float32) if values.dtype == np.float64 else values
    return pa.Array.from_pandas(narrow, type=None if schema is None else schema.field(str(values.name)).type)


def _cells(path: Path, places: Places, width: int) -> NDArray[np.float32]:
    """The numbers, (columns, rows)."""
    import pyarrow.parquet as pq

    found, done = np.empty((width, len(places)), dtype=np.float32), 0
    with pq.ParquetFile(path, pre_buffer=False) as file:
        for group, first, here in by_group(file.metadata, places):
            (held,) = file.read_row_group(group, columns=[ROW]).combine_chunks()[ROW].chunks
            rows = np.frombuffer(held.buffers()[1], dtype="<f4").reshape(-1, width)
            for start in range(0, len(here), _TILE):
                some = here[start : start + _TILE] - first
                found[:, done : done + len(some)] = rows[some].T
                done += len(some)
    return found
