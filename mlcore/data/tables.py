"""A canonical table to look at, in memory or as a Parquet file that is read a few columns at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from mlcore.data.schema import Schema

CELLS_AT_ONCE = 4_000_000
BYTES_AT_ONCE = 128_000_000
Source = Path | pl.DataFrame
Hashes = NDArray[np.uint64]

_GOLDEN, _FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


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


def pieces(source: Source, names: tuple[str, ...]) -> Iterator[tuple[str, Iterator[pl.Series]]]:
    """These columns in turn, each in pieces of consecutive rows that fit comfortably into memory, however long it is.

    The pieces of a column must be taken before the next column is asked for.
    """
    long = _long(source, names)
    for part in parts(source, tuple(name for name in names if name not in long)):
        for name in part.columns:
            yield name, iter((part[name],))
    for name, steps in long.items():
        yield name, _pieces(source, name, steps)


def sampled(source: Source, names: tuple[str, ...], rows: int, seed: int = 0) -> pl.DataFrame:
    """These columns of at most `rows` rows, chosen at random with a fixed seed, in the table's order."""
    total = height(source)
    chosen = sample_places(total, rows, seed)
    found = {name: _chosen(column, chosen, total) for name, column in pieces(source, names)}
    return pl.DataFrame([found[name] for name in names])


def sample_places(total: int, rows: int, seed: int = 0) -> NDArray[np.int64]:
    """The rows, in order, of a sample of at most `rows` of `total`; all of them when there are no more."""
    if total <= rows:
        return np.arange(total, dtype=np.int64)
    return np.sort(np.random.default_rng(seed).choice(total, size=rows, replace=False))


def cell(source: Source, name: str, row: int) -> object:
    """One cell."""
    if isinstance(source, pl.DataFrame):
        return source[name][row]
    return pl.scan_parquet(source, glob=False).slice(row, 1).select(pl.col(name)).collect().item()


def row_hashes(source: Source, names: tuple[str, ...]) -> pl.Series:
    """One number per row that equal rows share."""
    total = np.zeros(height(source), dtype=np.uint64)
    place = {name: at for at, name in enumerate(names)}
    for name, column in pieces(source, names):
        start = 0
        for piece in column:
            total[start : start + len(piece)] += salted(cell_hashes(piece), place[name])
            start += len(piece)
    return pl.Series("hash", total)


def cell_hashes(values: pl.Series) -> Hashes:
    """One number per cell that equal cells share."""
    return values.hash(seed=7).to_numpy()


def salted(hashes: Hashes, place: int) -> Hashes:
    """Hashes of cells, told apart by the place of their column; their sum over columns is a hash of the row."""
    return _mixed(hashes ^ _mixed(np.array([place + 1], dtype=np.uint64) * _GOLDEN))


def column_hash(hashes: Hashes, start: int) -> int:
    """One number of the cells of a column from row `start` on; those of its pieces are put together by xor."""
    place = np.arange(start, start + len(hashes), dtype=np.uint64) * _GOLDEN
    return int(np.bitwise_xor.reduce(_mixed(hashes ^ place), initial=0))


def _mixed(bits: Hashes) -> Hashes:
    """The finaliser of splitmix64 (Steele, Lea & Flood 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return bits ^ (bits >> np.uint64(31))


def _long(source: Source, names: tuple[str, ...]) -> dict[str, list[int]]:
    """The columns too long to be read at once, each with the numbers of rows to read at a time."""
    if isinstance(source, pl.DataFrame):
        return {}
    import pyarrow.parquet as pq

    about = pq.read_metadata(source)
    groups = [about.row_group(at) for at in range(about.num_row_groups)]
    sizes = [group.num_rows for group in groups]
    place = {about.schema.column(at).path: at for at in range(about.num_columns)}
    long = {}
    for name in names:
        weights = [group.column(place[name]).total_uncompressed_size for group in groups]
        if sum(sizes) > CELLS_AT_ONCE or sum(weights) > BYTES_AT_ONCE:
            long[name] = _steps(sizes, weights)
    return long


def _steps(sizes: list[int], weights: list[int]) -> list[int]:
    """Numbers of rows of neighbouring row groups that together stay small; a group is never cut."""
    steps: list[int] = []
    rows = weight = 0
    for size, heavy in zip(sizes, weights, strict=True):
        if rows and (rows + size > CELLS_AT_ONCE // 2 or weight + heavy > BYTES_AT_ONCE // 2):
            steps.append(rows)
            rows = weight = 0
        rows, weight = rows + size, weight + heavy
    return [*steps, rows]


def _pieces(source: Source, name: str, steps: list[int]) -> Iterator[pl.Series]:
    assert isinstance(source, Path)
    start = 0
    for rows in steps:
        yield pl.scan_parquet(source, glob=False).slice(start, rows).select(pl.col(name)).collect()[name]
        start += rows


def _chosen(column: Iterator[pl.Series], chosen: NDArray[np.int64], total: int) -> pl.Series:
    """The cells of a column at these rows."""
    found, start = [], 0
    for piece in column:
        if len(chosen) == total:
            found.append(piece)
        else:
            low, high = np.searchsorted(chosen, (start, start + len(piece)))
            found.append(piece[chosen[low:high] - start])
        start += len(piece)
    return pl.concat(found) if len(found) > 1 else found[0]
