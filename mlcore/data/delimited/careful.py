"""A text table of any kind, typed and stored: rewritten cleanly, then looked at as often as it takes.

`quick` does the same in one pass for large tables that are regular.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from mlcore.data.amounts import amount
from mlcore.data.choices import Choices
from mlcore.data.delimited import columns
from mlcore.data.delimited.columns import Typing
from mlcore.data.delimited.dialect import Dialect
from mlcore.data.delimited.records import Account, Blocks, write_clean
from mlcore.errors import FileError, TableError

_ROWS, _BYTES = 100_000, 32 * 1024 * 1024
"""What a row group of the stored table holds at most: it is in memory as a whole."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A text table to be stored: its blocks of UTF-8, its dialect, its columns' names and a person's choices.

    `where` is the name of the file, for sentences about what is wrong with it; `line_bytes` about what a line takes.
    """

    texts: Blocks
    dialect: Dialect
    names: tuple[str, ...]
    choices: Choices
    where: str
    line_bytes: int = 1

    @property
    def storing(self) -> dict[str, Any]:
        """How Parquet is written. LZ4 takes a quarter more space than zstd, and is read in half the time."""
        rows = max(100, min(_ROWS, _BYTES // max(1, self.line_bytes)))
        return {"compression": "lz4", "row_group_size": rows}

    @property
    def nameless_tail(self) -> bool:
        """Whether the last of several columns has no name: perhaps every line just ends with a delimiter."""
        return self.dialect.width > 1 and not self.dialect.names[-1].strip()


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of the records, how the columns were typed, and whether an empty last one was left out."""

    account: Account
    typing: Typing
    tail_left_out: bool


def store(table: Table, folder: Path, out_path: Path) -> Stored:
    """Write the table as Parquet, with `folder` for what is needed on the way."""
    clean = folder / "clean.csv"
    account = write_clean(table.texts, table.dialect, clean)
    check_account(table, account)
    frame = _scan(clean, table.dialect, account)
    typing = columns.decide(frame, table.names, table.choices)
    tail_left_out = table.nameless_tail and not _values(frame, typing.columns[-1])
    if tail_left_out:
        typing = replace(typing, columns=typing.columns[:-1])
    stored = frame.select(column.expression.alias(column.name) for column in typing.columns)
    stored.sink_parquet(out_path, engine="streaming", **table.storing)
    return Stored(account=account, typing=typing, tail_left_out=tail_left_out)


def check_account(table: Table, account: Account) -> None:
    """Refuse a table without rows, or one whose rows mostly do not fit its header."""
    if account.records == 0:
        raise TableError(
            f"The table has a header of {amount(len(table.dialect.names), 'column')} but no rows",
            where=table.where,
            remedy="Bring a file with at least one row below the header.",
        )
    if account.set_aside > account.kept:
        raise FileError(
            f"{account.set_aside:,} of {account.records:,} rows have more cells than the table has columns",
            where=table.where,
            remedy="Choose the delimiter yourself, or put quotation marks around cells that contain it.",
        )


def _scan(clean: Path, dialect: Dialect, account: Account) -> pl.LazyFrame:
    return pl.scan_csv(
        clean,
        has_header=False,
        schema={f"c{place}": pl.String for place in range(dialect.width)},
        separator=dialect.delimiter,
        quote_char='"' if account.stray and dialect.quote == '"' else dialect.quote,
        infer_schema=False,
        glob=False,
        missing_columns="insert",
    )


def _values(frame: pl.LazyFrame, column: columns.Typed) -> int:
    return int(frame.select(column.expression.count()).collect(engine="streaming").item())
