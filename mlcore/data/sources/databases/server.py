"""Conversations through SQLAlchemy, and how errors of drivers become sentences without secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from mlcore.data.sources.databases import rows
from mlcore.data.sources.databases.database import MOST_TABLES, Answer, Limits, TableName
from mlcore.data.sources.login import Login
from mlcore.errors import SourceError

PATIENCE = 10
"""Seconds a server has to accept a connection."""


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A session over one SQLAlchemy connection that is never committed.

    `listing` asks for schema, name, whether it is a view, and the number of rows; `mark` stands around names.
    """

    connection: sa.Connection
    limits: Limits
    listing: str
    mark: str = '"'
    lost: dict[str, int] = field(default_factory=dict)
    ending: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Talk:
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.close()

    def tables(self) -> tuple[TableName, ...]:
        found = self.connection.execution_options(no_parameters=True).exec_driver_sql(self.listing)
        return tuple(
            TableName(
                schema=row[0] or "",
                name=row[1],
                kind="view" if row[2] else "table",
                rows=None if row[3] is None or row[3] < 0 else int(row[3]),
            )
            for row in found.fetchmany(MOST_TABLES)
        )

    def all_of(self, table: TableName) -> str:
        return "SELECT * FROM " + quoted(table, self.mark)  # noqa: S608 - a quoted name

    def ask(self, query: str) -> Answer:
        streaming = self.connection.execution_options(no_parameters=True, stream_results=True, max_row_buffer=1)
        result = streaming.exec_driver_sql(query)
        self.ending.callback(result.close)
        labels = list(result.keys()) if result.returns_rows else []
        if not labels:  # PostgreSQL has rows of no columns
            raise SourceError("The query gives no table", remedy="Ask for columns with SELECT.")
        most = self.limits.rows + 1  # one more tells whether there are more
        return Answer(labels=labels, frames=rows.frames(result.fetchmany, len(labels), most), lost=self.lost)


@contextmanager
def connected(
    url: sa.URL | str, login: Login, arguments: Mapping[str, Any], late: Callable[[Exception], bool], limits: Limits
) -> Iterator[sa.Connection]:
    """A connection that ends with a rollback; `late` tells the error of a statement that took too long."""
    engine = sa.create_engine(url, poolclass=NullPool, hide_parameters=True, **arguments)
    try:
        with engine.connect() as connection:
            yield connection
            connection.rollback()
    except sa.exc.SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise (too_late(login, limits) if late(cause) else refused(login, cause)) from None
    finally:
        engine.dispose()


def quoted(table: TableName, mark: str) -> str:
    """Schema and name as the database wants them quoted."""
    parts = [part for part in (table.schema, table.name) if part]
    if any("\x00" in part for part in parts):
        raise SourceError("There is no such table", remedy="Choose one from the list.")
    return ".".join(mark + part.replace(mark, mark * 2) + mark for part in parts)


def too_late(login: Login, limits: Limits) -> SourceError:
    """The database took too long."""
    return SourceError(
        f"The database was not done after {limits.seconds:.0f} seconds",
        where=login.place.shown,
        remedy="Ask for fewer rows or columns, or give it more time.",
    )


def refused(login: Login, error: BaseException) -> SourceError:
    """What the driver says, in one line and without the password."""
    said = next((str(part) for part in reversed(error.args) if isinstance(part, str)), "") or type(error).__name__
    lines = [line.strip() for line in said.splitlines() if line.strip()] or [type(error).__name__]
    line = scrubbed(lines[0], login)
    return SourceError(
        f"The database said: {line[:300]}",
        where=login.place.shown,
        remedy="Check the query, the connection and its rights.",
    )


def scrubbed(text: str, login: Login) -> str:
    """The text without the password, however it is written."""
    secret = login.password
    if not secret:
        return text
    for form in {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}:
        text = text.replace(form, "•••")
    return text
