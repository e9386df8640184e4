"""What every kind of database promises: one read-only conversation at a time, within limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from mlcore.data.sources.login import DatabaseKey, Login

if TYPE_CHECKING:
    import polars as pl

MOST_TABLES = 5_000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many rows are taken at most, and how many seconds the database may work."""

    rows: int = 10_000_000
    seconds: float = 600.0


@dataclass(frozen=True, kw_only=True)
class TableName:
    """A table or view of a database. `rows` is what the database believes, None when it does not say."""

    name: str
    schema: str = ""
    kind: Literal["table", "view"] = "table"
    rows: int | None = None

    @property
    def shown(self) -> str:
        """Schema and name as people write them."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(kw_only=True)
class Answer:
    """Rows as they come: frames whose columns are called "0", "1", …; `labels` are the names the database gave.

    `lost` counts cells by a sentence that says why they are missing; it is complete when the rows are.
    """

    labels: Sequence[str]
    frames: Iterator[pl.DataFrame]
    lost: dict[str, int] = field(default_factory=dict)


class Session(Protocol):
    """A conversation that cannot change anything."""

    def tables(self) -> tuple[TableName, ...]:
        """What can be read, at most 5,000, sorted."""

    def all_of(self, table: TableName) -> str:
        """The query for every column of the table, its name quoted."""

    def ask(self, query: str) -> Answer:
        """Send one statement that was checked before."""


class Database(Protocol):
    """One kind of database. Light: its driver is imported when a session begins."""

    @property
    def key(self) -> DatabaseKey: ...

    @property
    def title(self) -> str: ...

    @property
    def port(self) -> int | None:
        """The usual port; None for databases that are a file."""

    @property
    def driver(self) -> str:
        """The module that must be installed; empty when Python brings it."""

    def checked(self, query: str) -> str:
        """The query without its closing semicolon; a `SourceError` when it is not one reading statement."""

    def session(self, login: Login, limits: Limits) -> AbstractContextManager[Session]:
        """A read-only session; every error of the driver becomes a `SourceError` without secrets."""
