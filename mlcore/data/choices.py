"""What a person may decide about how a file is read; whatever is left open is detected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlcore.data.schema import Schema


@dataclass(frozen=True, kw_only=True)
class Choices:
    """None means: find out. `encoding` is a Python codec name; `decimal` is the mark before the fraction, `thousands`
    the one between groups of three digits ("" for none).

    `header` says whether there is a row of names; `header_row` in which row of the sheet or file it stands, from 1.
    `sheet` is a sheet of a spreadsheet, `member` a file inside an archive: both by name. `flatten` makes columns of the
    fields of nested objects.

    `day_first` says how 01/02/2025 is read when nothing in the column tells. `text` names columns that stay text
    whatever they look like (a scoring file is read with the text columns of the table the model learned from).
    """

    delimiter: str | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    thousands: str | None = None
    header: bool | None = None
    header_row: int | None = None
    sheet: str | None = None
    member: str | None = None
    flatten: bool | None = None
    day_first: bool | None = None
    text: tuple[str, ...] = ()

    @classmethod
    def like(cls, schema: Schema) -> Choices:
        """To read rows as the table of this schema was read: its texts as text, its dates in the same order."""
        orders = [column.day_first for column in schema if column.day_first is not None]
        return cls(
            text=tuple(column.name for column in schema if column.storage == "text"),
            day_first=2 * sum(orders) >= len(orders) if orders else None,
        )
