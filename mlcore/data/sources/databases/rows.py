"""Rows of a cursor as frames of a size that fits into memory, whatever is in the cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import polars as pl

from mlcore.data.sources.databases.cells import frame_of

_BYTES = 8 << 20
_FIRST = 200
_MOST = 20_000


def frames(fetch: Callable[[int], Sequence[Sequence[Any]]], width: int, most: int) -> Iterator[pl.DataFrame]:
    """Frames until `fetch` gives no more rows, or `most` rows were fetched.

    The first are few; how many follow at a time is told by how much memory those took.
    """
    size, got = min(_FIRST, most), 0
    while got < most and (rows := fetch(min(size, most - got))):
        frame = frame_of(rows, width)
        got += frame.height
        each = max(frame.estimated_size() / frame.height, 1.0)
        size = max(1, min(_MOST, size * 8, int(_BYTES / each)))
        yield frame
