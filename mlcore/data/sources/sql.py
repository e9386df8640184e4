"""A table of a database, or what one reading query gives."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlcore.data.choices import Choices
from mlcore.data.dataset import Dataset, Reading
from mlcore.data.sources.databases import DATABASES, Limits, Login, TableName, checked_place
from mlcore.data.sources.databases.database import Session
from mlcore.data.sources.path import allowed_file
from mlcore.data.sources.source import Means, Params
from mlcore.errors import SourceError

if TYPE_CHECKING:
    import pandas as pd

LOOKING = Limits(rows=1_000, seconds=30.0)
MOST = Limits(rows=100_000_000, seconds=3_600.0)


def tables(login: Login, closed: Path | None = None) -> tuple[TableName, ...]:
    """The tables and views that this login can read."""
    with _session(login, LOOKING, closed) as session:
        return session.tables()


def limits_of(params: Params) -> Limits:
    """How many rows and seconds a person allows."""
    usual = Limits()
    rows, seconds = params.get("rows") or usual.rows, params.get("seconds") or usual.seconds
    if not (isinstance(rows, int) and 0 < rows <= MOST.rows):
        raise SourceError("The limit of rows does not fit", remedy=f"It is a number from 1 to {MOST.rows:,}.")
    if not (isinstance(seconds, (int, float)) and 0 < seconds <= MOST.seconds):
        raise SourceError("The limit of time does not fit", remedy=f"It is at most {MOST.seconds:.0f} seconds.")
    return Limits(rows=rows, seconds=float(seconds))


@dataclass(frozen=True, kw_only=True)
class _Sql:
    key: str = "sql"
    title: str = "A database"
    help: str = (
        "A table or a query of PostgreSQL, MySQL, MariaDB, SQLite or DuckDB. Nothing in it can be changed from here."
    )
    lasting: bool = True

    def barred(self) -> str:
        return ""

    def title_of(self, params: Params) -> str:
        limits_of(params)
        if not params.get("connection"):
            raise SourceError("No connection was chosen", remedy="Choose a database, or add one.")
        if params.get("query"):
            return "A query"
        if not params.get("table"):
            raise SourceError("Neither a table nor a query was chosen", remedy="Choose a table from the list.")
        return _table(params).shown

    def bring(self, params: Params, choices: Choices, out: Path, name: str, means: Means) -> Dataset:
        del choices  # a database says itself what its columns are
        from mlcore import files
        from mlcore.data import load
        from mlcore.data.sources.databases import spool

        limits, title = limits_of(params), self.title_of(params)
        login = means.login(str(params["connection"]))
        with (
            files.whole(out) as unfinished,
            tempfile.TemporaryDirectory(prefix="spool-", dir=_made(means.folder)) as folder,
            _session(login, limits, means.closed) as session,
        ):
            answer = session.ask(_query(params, login, session))
            reading = spool.stored(answer, limits, unfinished, Path(folder), login.place.database)
        return load.card(out, name or title, reading, title)

    def preview(self, params: Params, choices: Choices, rows: int, means: Means) -> tuple[pd.DataFrame, Reading]:
        del choices
        from mlcore.data.frames import as_pandas
        from mlcore.data.sources.databases import spool

        self.title_of(params)
        login = means.login(str(params["connection"]))
        limits = replace(LOOKING, rows=rows)
        with _session(login, limits, means.closed) as session:
            answer = session.ask(_query(params, login, session))
            frame, reading = spool.seen(answer, limits, login.place.database)
        return as_pandas(frame), reading


SQL = _Sql()


@contextmanager
def _session(login: Login, limits: Limits, closed: Path | None) -> Iterator[Session]:
    place = checked_place(login.place)
    database = DATABASES[place.database]
    if database.port is None:
        allowed_file(place.path, closed)
    try:
        with database.session(Login(place, login.password), limits) as session:
            yield session
    except ModuleNotFoundError as error:
        raise SourceError(
            f"What reads {database.title} is not installed ({error.name})",
            remedy="An administrator can add it: pip install 'tablesmith[databases]'.",
        ) from None


def _query(params: Params, login: Login, session: Session) -> str:
    if params.get("query"):
        return DATABASES[login.place.database].checked(str(params["query"]))
    return session.all_of(_table(params))


def _table(params: Params) -> TableName:
    return TableName(schema=str(params.get("schema") or ""), name=str(params["table"]))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
