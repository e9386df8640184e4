"""SQLite files: opened for reading only, with an authorizer that permits nothing but reading."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlcore.data.sources.databases import statement
from mlcore.data.sources.databases.database import MOST_TABLES, Limits, Session
from mlcore.data.sources.login import DatabaseKey, Login
from mlcore.data.sources.path import allowed_file

_DIALECT = statement.Dialect()
_READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE)
_REFUSED = ("load_extension", "fts3_tokenizer")
_LONGEST_CELL = 64 << 20
_LISTING = f"""
SELECT '', name, type = 'view', NULL FROM sqlite_master
WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_'
ORDER BY name LIMIT {MOST_TABLES}"""  # noqa: S608 - a number of ours


@dataclass(frozen=True, kw_only=True)
class _SQLite:
    key: DatabaseKey = "sqlite"
    title: str = "SQLite file"
    port: int | None = None
    driver: str = ""

    def checked(self, query: str) -> str:
        return statement.checked(query, _DIALECT)

    @contextmanager
    def session(self, login: Login, limits: Limits) -> Iterator[Session]:
        from mlcore.data.sources.databases import server

        path = allowed_file(login.place.path)
        known = {"creator": lambda: _opened(path, limits)}
        with server.connected("sqlite://", login, known, _is_late, limits) as connection:
            line = connection.connection.driver_connection
            assert isinstance(line, sqlite3.Connection)
            line.set_authorizer(_authorized)  # not before: SQLAlchemy asks for settings when it connects
            with server.Talk(connection=connection, limits=limits, listing=_LISTING) as talk:
                yield talk


def _opened(path: Path, limits: Limits) -> sqlite3.Connection:
    line = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5, isolation_level=None)
    deadline = time.monotonic() + limits.seconds
    line.text_factory = lambda text: text.decode("utf-8", "replace")
    line.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_CELL)
    line.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    line.execute("PRAGMA query_only = ON")
    line.execute("PRAGMA trusted_schema = OFF")
    line.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    return line


def _authorized(action: int, _: str | None, second: str | None, *__: object) -> int:
    if action in _READING:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _REFUSED:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _is_late(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and str(error) == "interrupted"


SQLITE = _SQLite()
