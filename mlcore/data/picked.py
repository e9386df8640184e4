"""Some rows of a stored table, without ever holding all of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def picked(
    path: Path, places: NDArray[np.int64], columns: Sequence[str] | None = None, *, coded: Sequence[str] = ()
) -> pd.DataFrame:
    """The rows at these places, in ascending order, counted anew: the Parquet file is read piece by piece.

    `coded` are columns of words that come as categories, each word once.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = None if columns is None else list(columns)
    with pq.ParquetFile(path, pre_buffer=False, read_dictionary=list(coded)) as file:  # else all is read beforehand
        pieces, start = [file.schema_arrow.empty_table().select(names or file.schema_arrow.names)], 0
        for group in range(file.num_row_groups):
            stop = start + file.metadata.row_group(group).num_rows
            here = places[np.searchsorted(places, start) : np.searchsorted(places, stop)]
            if len(here):
                pieces.append(file.read_row_group(group, columns=names).take(here - start))
            start = stop
    whole = pa.concat_tables(pieces).unify_dictionaries()
    del pieces  # so that each column is freed as soon as it is read
    table: pd.DataFrame = whole.to_pandas(self_destruct=True)
    return table if names is None else table[names]
