"""Some rows of a stored table, without ever holding all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Places = NDArray[np.int64]

MANY = 500
"""Of more columns than this those alike are moved in one piece."""


def picked(
    path: Path, places: Places, columns: Sequence[str] | None = None, *, coded: Sequence[str] = ()
) -> pd.DataFrame:
    """The rows at these places, in ascending order, counted anew: the Parquet file is read piece by piece.

    `coded` are columns of words that come as categories, each word once.
    """
    import pyarrow.parquet as pq

    names = list(pq.read_schema(path).names if columns is None else columns)
    if len(names) > MANY and not coded:
        return _of_many(path, places, names)
    whole = picked_arrow(path, places, names, coded=coded)
    table: pd.DataFrame = whole.to_pandas(self_destruct=True)
    return table if columns is None else table[names]


def picked_arrow(path: Path, places: Places, names: Sequence[str], *, coded: Sequence[str] = ()) -> Any:
    """The same as an Arrow table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, pre_buffer=False, read_dictionary=list(coded)) as file:  # else all is read beforehand
        pieces = [file.schema_arrow.empty_table().select(names)]
        for group, start, here in by_group(file.metadata, places):
            pieces.append(file.read_row_group(group, columns=names).take(here - start))
    return pa.concat_tables(pieces).unify_dictionaries()


def _of_many(path: Path, places: Places, names: list[str]) -> pd.DataFrame:
    """Of a table of very many columns: polars opens each in a fifth of the time."""
    import polars as pl
    import pyarrow.parquet as pq

    from mlcore.data.frames import as_pandas

    metadata, frame = pq.read_metadata(path), pl.scan_parquet(path, glob=False).select(names)
    pieces = [frame.head(0).collect()]
    for group, start, here in by_group(metadata, places):
        pieces.append(frame.slice(start, metadata.row_group(group).num_rows).collect()[here - start])
    return as_pandas(pl.concat(pieces))


def by_group(metadata: Any, places: Places) -> Iterator[tuple[int, int, Places]]:
    """Each group of rows in which there are some of the places: its number, its first row, and they."""
    start = 0
    for group in range(metadata.num_row_groups):
        stop = start + metadata.row_group(group).num_rows
        here = places[np.searchsorted(places, start) : np.searchsorted(places, stop)]
        if len(here):
            yield group, start, here
        start = stop
