"""Files that are no text tables, whatever they are called."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.data.choices import Choices
from tests.corpus.case import Case, Reads, Refuses


def _parquet(frame: pl.DataFrame) -> Callable[[], bytes]:
    def made() -> bytes:
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        return buffer.getvalue()

    return made


def _arrow(frame: pl.DataFrame, stream: bool) -> Callable[[], bytes]:
    def made() -> bytes:
        buffer = io.BytesIO()
        if stream:
            frame.write_ipc_stream(buffer)
        else:
            frame.write_ipc(buffer)
        return buffer.getvalue()

    return made


def _bomb() -> bytes:
    """Seventy million cells that say the same, in 170 KB."""
    piece = pa.table({"a": np.zeros(1_000_000, dtype=bool)})
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, piece.schema, compression="zstd", write_statistics=False) as writer:
        for _ in range(70):
            writer.write_table(piece)
    return buffer.getvalue()


_NESTED = pl.DataFrame({"a": [1, 2], "s": [{"c": 5, "d": "x"}, {"c": 7, "d": "y"}]})
_GOOD = pl.DataFrame({"a": [1, 3], "b": ["x", "y"]})
_PLAIN = {"a": [1, 3], "b": ["x", "y"]}

CASES = (
    Case(name="Parquet", content=_parquet(_GOOD), file="table.parquet", then=Reads(table=_PLAIN)),
    Case(name="Parquet under the name of a CSV", content=_parquet(_GOOD), then=Reads(table=_PLAIN)),
    Case(name="Parquet: only its marks", content=b"PAR1" + b"x" * 50 + b"PAR1", then=Refuses(sentence="Parquet")),
    Case(name="Parquet: cut off", content=lambda: _parquet(_GOOD)()[:-20], then=Refuses(sentence="cut off")),
    Case(name="Parquet: encrypted", content=b"PARE" + b"x" * 50 + b"PARE", then=Refuses(sentence="encrypted")),
    Case(
        name="Parquet: decimals, durations, categories, wide integers",
        content=_parquet(
            pl.DataFrame(
                {
                    "money": [Decimal("1.25"), Decimal("2.50")],
                    "span": [timedelta(seconds=90), None],
                    "kind": pl.Series(["u", "v"], dtype=pl.Categorical),
                    "wide": pl.Series([2**60, 1], dtype=pl.UInt64),
                    "zoned": pl.Series([datetime(2025, 7, 1)] * 2).dt.replace_time_zone("Europe/Berlin"),
                }
            )
        ),
        file="table.parquet",
        then=Reads(
            table={
                "money": [1.25, 2.5],
                "span": [90.0, None],
                "kind": ["u", "v"],
                "wide": ["1152921504606846976", "1"],
                "zoned": [datetime(2025, 6, 30, 22)] * 2,
            },
            notes=("in seconds", "too long", "UTC"),
        ),
    ),
    Case(name="Parquet: a bomb", content=_bomb, file="t.parquet", then=Refuses(sentence="declares 70,000,000 rows")),
    Case(
        name="Parquet: nothing but lists and structs",
        content=_parquet(_NESTED.select("s", l=pl.Series([[1], [2]]))),
        file="t.parquet",
        then=Refuses(sentence="no columns a model could use"),
    ),
    Case(
        name="Parquet: lists",
        content=_parquet(pl.DataFrame({"a": [1, 2], "l": [[1], [2]]})),
        file="table.parquet",
        then=Reads(table={"a": [1, 2]}, notes=("'l'",)),
    ),
    Case(
        name="Parquet: no rows",
        content=_parquet(_GOOD.clear()),
        file="table.parquet",
        then=Refuses(sentence="no rows"),
    ),
    Case(
        name="Parquet: structs",
        content=_parquet(_NESTED),
        file="t.parquet",
        then=Reads(table={"a": [1, 2]}, notes=("'s'", "Flatten")),
    ),
    Case(
        name="Parquet: structs, made columns",
        content=_parquet(_NESTED),
        file="t.parquet",
        choices=Choices(flatten=True),
        then=Reads(table={"a": [1, 2], "s.c": [5, 7], "s.d": ["x", "y"]}),
    ),
    Case(name="Feather", content=_arrow(_GOOD, stream=False), file="t.feather", then=Reads(table=_PLAIN)),
    Case(name="Arrow stream", content=_arrow(_GOOD, stream=True), file="t.arrows", then=Reads(table=_PLAIN)),
    Case(
        name="Feather: cut off",
        content=lambda: _arrow(_GOOD, stream=False)()[:-20],
        file="t.feather",
        then=Refuses(sentence="Arrow"),
    ),
    Case(
        name="a pickle called CSV",
        content=b"\x80\x04\x95\x1e\x00cos\nsystem\n(S'true'\ntR.",
        then=Refuses(sentence="pickle"),
    ),
    Case(
        name="a web page called CSV",
        content=b"<!DOCTYPE html><table><tr><td>1</td></tr></table>",
        then=Refuses(sentence="web page"),
    ),
    Case(name="XML called CSV", content=b"<?xml version='1.0'?><a><b>1</b></a>", then=Refuses(sentence="XML")),
    Case(name="a PDF", content=b"%PDF-1.7 abc", then=Refuses(sentence="PDF")),
    Case(name="a picture", content=b"\x89PNG\r\n\x1a\n" + bytes(60), then=Refuses(sentence="picture")),
    Case(name="a database", content=b"SQLite format 3\x00" + bytes(80), then=Refuses(sentence="SQLite")),
    Case(name="binary rubbish", content=bytes(range(256)) * 40, then=Refuses(sentence="binary")),
    Case(
        name="SQL called CSV",
        content=b"CREATE TABLE t (a int, b text);\nINSERT INTO t VALUES (1, 'x');\nINSERT INTO t VALUES (2, 'y');\n",
        then=Refuses(sentence="SQL"),
    ),
)
