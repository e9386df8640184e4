"""A canonical table to look at, in memory or as a Parquet file that is read a few columns at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from mlcore.data.schema import Schema

CELLS_AT_ONCE = 4_000_000
Source = Path | pl.DataFrame


def source_of(table: pd.DataFrame | pl.DataFrame | Path, schema: Schema) -> Source:
    """The table as polars reads it; of a pandas frame only the columns of the schema."""
    if isinstance(table, (Path, pl.DataFrame)):
        return table
    columns = [pl.from_pandas(table[column.name], nan_to_null=True).alias(column.name) for column in schema]
    whole = [column.name for column in schema if column.storage == "integer"]
    return pl.DataFrame(columns).with_columns(pl.col(whole).cast(pl.Int64, strict=False))


def height(source: Source) -> int:
    """How many rows there are."""
    if isinstance(source, pl.DataFrame):
        return source.height
    return int(pl.scan_parquet(source, glob=False).select(pl.len()).collect().item())


def parts(source: Source, names: tuple[str, ...]) -> Iterator[pl.DataFrame]:
    """These columns, as many at a time as fit comfortably into memory."""
    if isinstance(source, pl.DataFrame):
        yield source.select(names)
        return
    width = max(1, CELLS_AT_ONCE // max(1, height(source)))
    frame = pl.scan_parquet(source, glob=False)
    for start in range(0, len(names), width):
        yield frame.select(pl.col(name) for name in names[start : start + width]).collect()


def sampled(source: Source, names: tuple[str, ...], rows: int, seed: int = 0) -> pl.DataFrame:
    """These columns of at most `rows` rows, chosen at random with a fixed seed, in the table's order."""
    total = height(source)
    if total <= rows:
        return pl.concat(list(parts(source, names)), how="horizontal")
    chosen = np.sort(np.random.default_rng(seed).choice(total, size=rows, replace=False))
    return pl.concat([part[chosen] for part in parts(source, names)], how="horizontal")


def row_hashes(source: Source, names: tuple[str, ...]) -> pl.Series:
    """One number per row that equal rows share."""
    total = pl.Series("hash", np.zeros(height(source), dtype=np.uint64))
    for part in parts(source, names):
        for name in part.columns:
            total = pl.DataFrame({"before": total, "cell": part[name].hash(seed=7)}).hash_rows(seed=11)
    return total


def column_hashes(source: Source, names: tuple[str, ...]) -> dict[str, int]:
    """One number per column that columns with equal cells (and equal storage) share."""
    hashes: dict[str, int] = {}
    for part in parts(source, names):
        place = np.arange(part.height, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        for name in part.columns:
            cells = part[name].hash(seed=7).to_numpy()
            hashes[name] = int(np.bitwise_xor.reduce((cells ^ place) * np.uint64(0xFF51AFD7ED558CCD), initial=0))
    return hashes
