"""What the columns of a table are: kind, role, categories and range. Names are the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from mlcore.data.names import tidy
from mlcore.errors import ColumnError

Kind = Literal["numeric", "integer", "boolean", "categorical", "ordinal", "datetime", "text", "identifier", "constant"]
KINDS: tuple[Kind, ...] = (
    "numeric", "integer", "boolean", "categorical", "ordinal", "datetime", "text", "identifier", "constant",
)  # fmt: skip

Role = Literal["feature", "target", "excluded", "time", "group"]

Task = Literal["binary", "multiclass", "regression"]
"""What is asked of a target column: one of two labels, one of several, or a number."""

Storage = Literal["float", "integer", "text", "datetime"]
"""How the column is stored in Parquet: float64, int64, string or timestamp in microseconds, UTC and without zone.

A boolean of a file is stored as text in the file's own spelling ("yes"/"no", "True"/"False"), 0/1 as integer.
Whole numbers beyond 2**53 and numbers with leading zeros are stored as text.
"""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table.

    `low` and `high` are the smallest and largest value seen (seconds since 1970 for datetimes).
    `categories` are the distinct values as text, most frequent first, for boolean, categorical and ordinal columns
    (at most 1,000). `missing` is a share, 0 to 1. `confidence` in the guessed kind is 0 to 1; 1 when a person chose it.
    `known` says whether the value is known at the time of prediction. `example` is one value as text. `day_first` says
    how the file wrote dates such as 01/02/2025; None when they were written otherwise.

    A person's data dictionary: `label` is what the column is called on screen and in reports, `unit` what its numbers
    count (as written after a number: "km", "€"), `meaning` a sentence, `expected_low` and `expected_high` the range in
    which values make sense. Only `name` ever identifies a column.
    """

    name: str
    kind: Kind
    storage: Storage
    role: Role = "feature"
    reason: str = ""
    confidence: float = 1.0
    missing: float = 0.0
    distinct: int = 0
    categories: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    known: bool = True
    example: str = ""
    day_first: bool | None = None
    label: str = ""
    unit: str = ""
    meaning: str = ""
    expected_low: float | None = None
    expected_high: float | None = None

    @property
    def shown(self) -> str:
        """What people call the column: its label, else its name."""
        return self.label or self.name

    @property
    def titled(self) -> str:
        """The same with the unit, as on the axis of a chart: "Distance (km)"."""
        return f"{self.shown} ({self.unit})" if self.unit else self.shown


@dataclass(frozen=True, kw_only=True)
class Schema:
    """The columns of a table, in its order."""

    columns: tuple[Column, ...]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, name: str) -> Column:
        if name not in self._places:
            raise ColumnError(name, self.names)
        return self.columns[self._places[name]]

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def named(self, asked: object) -> str:
        """The name that the table has for what was asked for; tables are brought without the spaces around names."""
        name = str(asked)
        return tidy(name) if name not in self and tidy(name) in self else name

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where each name comes first: a table may have thousands of columns."""
        return {column.name: place for place, column in reversed([*enumerate(self.columns)])}

    @property
    def names(self) -> tuple[str, ...]:
        """Every column's name, in the table's order."""
        return tuple(column.name for column in self.columns)

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns a model may learn from."""
        return tuple(column for column in self.columns if column.role in ("feature", "time"))

    def with_kind(self, name: str, kind: Kind) -> Schema:
        """The same schema after a person said what `name` is."""
        chosen = replace(self[name], kind=kind, reason="chosen by you", confidence=1.0)
        return self.with_column(chosen)

    def with_column(self, column: Column) -> Schema:
        """The same schema with one column replaced by name."""
        self[column.name]
        return Schema(columns=tuple(column if old.name == column.name else old for old in self.columns))
