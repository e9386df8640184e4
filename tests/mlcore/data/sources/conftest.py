"""The four kinds of databases, for real, each with an account that could write if it were let."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlcore.data.choices import Choices
from mlcore.data.dataset import Dataset
from mlcore.data.sources import SOURCES, Means
from mlcore.data.sources.login import Login, Place
from tests import servers

PASSWORD = "p@ss w%rd/'\"\\ canary"
KEYS = ("postgresql", "mysql", "sqlite", "duckdb")


@dataclass(frozen=True)
class Base:
    """A database with an administrator's hand in it: `run` executes and commits, `rows` reads."""

    key: str
    login: Login
    run: Callable[..., None]
    rows: Callable[[str], list[tuple[object, ...]]]

    def bring(self, folder: Path, query: str = "", **params: object) -> Dataset:
        """What the sql source makes of a query or table."""
        asked = {"connection": "one", **({"query": query} if query else {}), **params}
        return SOURCES["sql"].bring(asked, Choices(), folder / "out.parquet", "", self.means(folder))

    def means(self, folder: Path) -> Means:
        return Means(folder=folder / "own", samples=folder, login=lambda _: self.login)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Base]:
    import psycopg

    with servers.postgresql() as port:
        line = psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", autocommit=True)
        place = Place(database="postgresql", host="127.0.0.1", port=port, name="postgres", user="postgres")

        def run(*statements: str) -> None:
            for statement in statements:
                line.execute(statement.encode())

        yield Base("postgresql", Login(place, PASSWORD), run, lambda query: line.execute(query.encode()).fetchall())
        line.close()


@pytest.fixture(scope="session")
def mysql() -> Iterator[Base]:
    if not servers.MARIADB.exists():
        pytest.skip("MariaDB's server is missing; `make test` installs it")
    import pymysql

    with servers.mariadb() as (port, socket):
        line = pymysql.connect(unix_socket=socket, user="root", autocommit=True, charset="utf8mb4")

        def run(*statements: str) -> None:
            with line.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)

        def rows(query: str) -> list[tuple[object, ...]]:
            with line.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())

        run("CREATE DATABASE shop CHARACTER SET utf8mb4", "USE shop")
        run(f"CREATE USER writer@'%' IDENTIFIED BY {line.escape(PASSWORD)}", "GRANT ALL ON *.* TO writer@'%'")
        place = Place(database="mysql", host="127.0.0.1", port=port, name="shop", user="writer")
        yield Base("mysql", Login(place, PASSWORD), run, rows)
        line.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the server that an administrator allowed."""
    place = tmp_path / "allowed"
    place.mkdir()
    monkeypatch.setenv("TABLESMITH_ALLOWED_PATHS", str(place))
    return place


@pytest.fixture
def sqlite(folder: Path) -> Base:
    path = folder / "own.sqlite"
    sqlite3.connect(path).close()

    def run(*statements: str) -> None:
        line = sqlite3.connect(path)
        for statement in statements:
            line.execute(statement)
        line.commit()
        line.close()

    def rows(query: str) -> list[tuple[object, ...]]:
        line = sqlite3.connect(path)
        found = line.execute(query).fetchall()
        line.close()
        return found

    run("CREATE TABLE here (a)")  # a file without anything in it is empty
    return Base("sqlite", Login(Place(database="sqlite", path=str(path))), run, rows)


@pytest.fixture
def duckdb(folder: Path) -> Base:
    import duckdb

    path = folder / "own.duckdb"

    def rows(query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(path)) as line:
            return line.execute(query).fetchall()

    def run(*statements: str) -> None:
        with duckdb.connect(str(path)) as line:
            for statement in statements:
                line.execute(statement)

    run("CREATE TABLE here (a INTEGER)")
    return Base("duckdb", Login(Place(database="duckdb", path=str(path))), run, rows)


@pytest.fixture(params=KEYS)
def base(request: pytest.FixtureRequest) -> Base:
    """Each of them in turn."""
    found: Base = request.getfixturevalue(request.param)
    if request.param in ("postgresql", "mysql"):
        kept = "DROP TABLE IF EXISTS {}" if request.param == "mysql" else "DROP TABLE IF EXISTS {} CASCADE"
        found.run(*(kept.format(name) for name in ("t", "others", "big")))
    return found
