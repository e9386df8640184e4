"""The workspace's database: its tables, and connections that are safe for several processes at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from mlcore.errors import UserError

FORMAT = 1
"""Raised when a table changes in a way an older program cannot read."""

PRAGMAS = ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
"""What is said to SQLite first: wait for others, let them read meanwhile, lose nothing with the power."""

METADATA = sa.MetaData()

SETTINGS = sa.Table(
    "settings",
    METADATA,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

DATASETS = sa.Table(
    "datasets",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("card", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False, index=True),
)

KINDS = sa.Table(
    "kinds",
    METADATA,
    sa.Column("dataset", sa.String, primary_key=True),
    sa.Column("column", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
)

GOALS = sa.Table(
    "goals",
    METADATA,
    sa.Column("dataset", sa.String, primary_key=True),
    sa.Column("goal", sa.Text, nullable=False),
    sa.Column("saved", sa.Float, nullable=False),
)

DICTIONARY = sa.Table(
    "dictionary",
    METADATA,
    sa.Column("dataset", sa.String, primary_key=True),
    sa.Column("column", sa.String, primary_key=True),
    sa.Column("entry", sa.Text, nullable=False),
)

RECIPES = sa.Table(
    "recipes",
    METADATA,
    sa.Column("dataset", sa.String, primary_key=True),
    sa.Column("recipe", sa.Text, nullable=False),
    sa.Column("wanted", sa.String, nullable=False),
    sa.Column("applied", sa.String, nullable=False),
    sa.Column("saved", sa.Float, nullable=False),
)
"""`wanted` names the table that the recipe makes, `applied` the one that is shown meanwhile; "" is the raw table."""

ORIGINS = sa.Table(
    "origins",
    METADATA,
    sa.Column("dataset", sa.String, primary_key=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("choices", sa.Text, nullable=False),
    sa.Column("family", sa.String, nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
)

CONNECTIONS = sa.Table(
    "connections",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
)

JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False, index=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("args", sa.Text, nullable=False),
    sa.Column("dataset", sa.String, index=True),
    sa.Column("run", sa.String, index=True),
    sa.Column("key", sa.String, unique=True),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("asked", sa.String),
    sa.Column("progress", sa.Float, nullable=False, default=0.0),
    sa.Column("message", sa.Text, nullable=False, default=""),
    sa.Column("result", sa.Text, nullable=False, default="{}"),
    sa.Column("error", sa.Text, nullable=False, default=""),
    sa.Column("created", sa.Float, nullable=False, index=True),
    sa.Column("started", sa.Float),
    sa.Column("ended", sa.Float),
    sa.Column("used", sa.Float, nullable=False, default=0.0),
    sa.Column("attempt", sa.Integer, nullable=False, default=1),
    sa.Column("worker", sa.String),
    sa.Column("sent", sa.Integer, nullable=False, default=0),
)

WORKERS = sa.Table(
    "workers",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("process", sa.Integer, nullable=False),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("seen", sa.Float, nullable=False),
)

OPENINGS = sa.Table(
    "openings",
    METADATA,
    sa.Column("run", sa.String, primary_key=True),
    sa.Column("model", sa.String, primary_key=True),
    sa.Column("opened", sa.Float, nullable=False),
)

BUNDLES = sa.Table(
    "bundles",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("run", sa.String, nullable=False, index=True),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("file", sa.String, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("proof", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
)


class Database:
    """The workspace's tables. Reads see the last finished write; a write is whole or absent."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _engine(url)
        with self.writing() as connection:  # one transaction: two programs may open a fresh workspace together
            METADATA.create_all(connection)
        self._check_format()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that takes no lock."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One short transaction; keep it so, others wait for it."""
        with self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def _check_format(self) -> None:
        with self.writing() as connection:
            found = connection.execute(sa.select(SETTINGS.c.value).where(SETTINGS.c.key == "_format")).scalar()
            if found is None:
                connection.execute(sa.insert(SETTINGS).values(key="_format", value=str(FORMAT)))
            elif int(found) > FORMAT:
                raise UserError(
                    f"The workspace was written by a newer Tablesmith (format {found}, this one reads {FORMAT})",
                    remedy="Update Tablesmith, or choose another folder with TABLESMITH_HOME.",
                )


def address(home: Path) -> str:
    """The database to use: TABLESMITH_DATABASE_URL when it is set, else a SQLite file in the workspace folder."""
    url = os.environ.get("TABLESMITH_DATABASE_URL", "")
    if not url:
        return f"sqlite:///{home / 'workspace.sqlite'}"
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True)
    engine = sa.create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver's own begins too late to be exclusive
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
