"""The card of a stored table: where it came from, how it was read, what its columns are."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.data.recipe import EMPTY, Recipe
from mlcore.data.schema import Schema


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a file was read, so that a person can check it and correct it.

    `records` = `kept` + `set_aside`, always; both count data rows, not the header. `notes` are sentences. `day_first`
    and `month_first` name the columns whose dates were read so. `header_row` is where the names stand, from 1 (0: there
    are none). `sheets` are the sheets there are and `sheet` the one that was read; `members` are the files of an
    archive that could be tables and `member` the one that was read; `packed` names the compression, if any.
    """

    format: str
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    header: bool = True
    records: int = 0
    kept: int = 0
    set_aside: int = 0
    day_first: tuple[str, ...] = ()
    month_first: tuple[str, ...] = ()
    thousands: str = ""
    header_row: int = 1
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    member: str = ""
    members: tuple[str, ...] = ()
    packed: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A stored table. `fingerprint` is the SHA-256 of its Parquet file; `path` is where that file is.

    A prepared table remembers the `recipe` it was made by and `inputs`, the schema of the table it was made from; a
    table as it came has an empty recipe and no `inputs`.
    """

    name: str
    path: str
    fingerprint: str
    rows: int
    schema: Schema
    reading: Reading
    source: str = ""
    recipe: Recipe = EMPTY
    inputs: Schema | None = None
