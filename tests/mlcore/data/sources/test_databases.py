"""What every kind of database does alike: rows come exactly, nothing is changed, limits hold, no secret is said."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from mlcore import records
from mlcore.data.choices import Choices
from mlcore.data.load import read_table
from mlcore.data.sources import SOURCES
from mlcore.data.sources.login import Login, Place
from mlcore.data.sources.sql import tables
from mlcore.errors import SourceError, TableError, UserError
from mlcore.workspace import processes
from tests.mlcore.data.sources.conftest import PASSWORD, Base

MANY = {
    "postgresql": "SELECT g AS n, g * 0.5 AS half, 'text ' || g AS words "
    "FROM (SELECT generate_series(1, {}) AS g) AS s",
    "mysql": "SELECT seq AS n, seq * 0.5 AS half, CONCAT('text ', seq) AS words FROM seq_1_to_{}",
    "sqlite": "WITH RECURSIVE c(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM c WHERE g < {}) "
    "SELECT g AS n, g * 0.5 AS half, 'text ' || g AS words FROM c",
    "duckdb": "SELECT g AS n, g * 0.5 AS half, 'text ' || g AS words FROM range(1, {} + 1) AS r(g)",
}
ENDLESS = {
    "postgresql": "SELECT count(*) FROM generate_series(1, 100000000000) AS a",
    "mysql": "SELECT COUNT(*) FROM seq_1_to_1000000000 AS a, seq_1_to_1000000000 AS b",
    "sqlite": "WITH RECURSIVE c(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM c) SELECT count(*) FROM c",
    "duckdb": "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range + b.range = -1",
}


@pytest.mark.slow
def test_a_table_comes_with_its_rows_and_types(base: Base, tmp_path: Path) -> None:
    base.run(
        "CREATE TABLE t (id BIGINT, amount DECIMAL(10, 2), share DOUBLE PRECISION, name VARCHAR(50), day DATE)",
        "INSERT INTO t VALUES (1, 2.50, 0.25, 'größer, 🙂', '2025-02-03')",
        "INSERT INTO t VALUES (2, NULL, NULL, NULL, NULL)",
    )
    stored = base.bring(tmp_path, table="t")
    table = read_table(stored)
    assert table["id"].tolist() == [1, 2]
    assert table["amount"].iloc[0] == 2.5
    assert table["share"].iloc[0] == 0.25
    assert table["name"].iloc[0] == "größer, 🙂"
    assert table["day"].iloc[0] == pd.Timestamp("2025-02-03")
    assert table.iloc[1, 1:].isna().all()
    assert (stored.rows, stored.reading.format, stored.reading.kept) == (2, base.key, 2)


def test_names_of_tables_and_columns_may_hold_anything(base: Base, tmp_path: Path) -> None:
    mark = "`" if base.key == "mysql" else '"'
    name = f"o'dd {mark}näme{mark}; DROP TABLE t -- %s"
    quoted = mark + name.replace(mark, mark * 2) + mark
    base.run(f"CREATE TABLE {quoted} (a INTEGER)", f"INSERT INTO {quoted} VALUES (7)")
    try:
        listed = [table for table in tables(base.login) if table.name == name]
        assert len(listed) == 1
        stored = base.bring(tmp_path, table=name, schema=listed[0].schema)
        assert read_table(stored)["a"].tolist() == [7]
    finally:
        base.run(f"DROP TABLE {quoted}")


def test_tables_and_views_are_listed_with_their_schema(base: Base) -> None:
    base.run("CREATE TABLE t (a INTEGER)", "CREATE VIEW seen AS SELECT a FROM t")
    try:
        found = {table.name: table for table in tables(base.login)}
        assert (found["t"].kind, found["seen"].kind) == ("table", "view")
        schemas = {"postgresql": "public", "mysql": "shop", "sqlite": "", "duckdb": "main"}
        assert found["t"].schema == schemas[base.key]
    finally:
        base.run("DROP VIEW seen")


def test_a_query_with_per_cents_colons_and_quotes_is_sent_as_it_is(base: Base, tmp_path: Path) -> None:
    stored = base.bring(tmp_path, "SELECT 'a%b:c;--' AS x, 5 % 3 AS rest WHERE 'a%' LIKE '%%' ; -- done")
    assert read_table(stored).iloc[0].tolist() == ["a%b:c;--", 2]


def test_columns_of_the_same_name_are_told_apart(base: Base, tmp_path: Path) -> None:
    assert read_table(base.bring(tmp_path, "SELECT 1 AS a, 2 AS a")).iloc[0].tolist() == [1, 2]


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO t VALUES (2)",
        "/* x */ DELETE FROM t",
        "DROP TABLE t",
        "SELECT 1; DROP TABLE t",
        "SELECT ';' ; DROP TABLE t",
        "",
        "-- nothing",
        "SET x = 1",
        "EXPLAIN ANALYZE DELETE FROM t",
        "CALL something()",
        "PRAGMA writable_schema = 1",
        "ATTACH 'x' AS y",
        "COPY t TO '/tmp/x'",
        "(" * 5 + "UPDATE t SET a = 1",
    ],
)
def test_what_is_not_one_reading_statement_is_refused_before_it_is_sent(base: Base, tmp_path: Path, query: str) -> None:
    base.run("CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (1)")
    asked = {"connection": "one", "query": query, "table": "t"} if query else {"connection": "one"}
    with pytest.raises(SourceError):
        SOURCES["sql"].bring(asked, Choices(), tmp_path / "out.parquet", "", base.means(tmp_path))
    assert base.rows("SELECT a FROM t") == [(1,)]
    assert not (tmp_path / "out.parquet").exists()


FILES = {
    "postgresql": "SELECT pg_read_file('/etc/hostname') AS a",
    "mysql": "SELECT load_file('/etc/hostname') AS a",
    "sqlite": "SELECT readfile('/etc/hostname') AS a",
    "duckdb": "SELECT content AS a FROM read_text('/etc/hostname')",
}


def test_files_of_the_server_are_not_read_through_a_query(base: Base, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        base.bring(tmp_path, FILES[base.key])


WRITES = {
    "postgresql": [
        "WITH gone AS (DELETE FROM t RETURNING a) SELECT a FROM gone",
        "SELECT write_it()",
        "SELECT set_config('transaction_read_only', 'off', false), write_it()",
        "SELECT 1 AS a INTO others",
        "SELECT 1; COMMIT; DROP TABLE t",
        "COMMIT; DELETE FROM t",
        "SELECT nextval('counted')",
    ],
    "mysql": [
        "SELECT write_it()",
        "SELECT 1; COMMIT; DROP TABLE t",
        "COMMIT; DELETE FROM t",
        "DELETE FROM t",
        "SELECT a FROM t FOR UPDATE",
        "CREATE TABLE others (a INTEGER)",
        "SET SESSION TRANSACTION READ WRITE",
    ],
    "sqlite": [
        "DELETE FROM t",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
        "SELECT 1; DROP TABLE t",
        "PRAGMA query_only = OFF",
        "ATTACH DATABASE '{folder}/other.sqlite' AS other",
        "SELECT load_extension('x')",
        "VACUUM INTO '{folder}/copy.sqlite'",
        "SELECT * FROM pragma_database_list",
        "CREATE TEMP TABLE x (a)",
    ],
    "duckdb": [
        "DELETE FROM t",
        "SELECT 1; DROP TABLE t",
        "COPY t TO '{folder}/t.csv'",
        "ATTACH '{folder}/other.duckdb'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SET memory_limit = '9GB'",
        "INSTALL httpfs",
        "SELECT * FROM read_parquet('http://127.0.0.1/x.parquet')",
        "SELECT 1) AS x(a); DELETE FROM t; SELECT * FROM (SELECT 1",
        "PRAGMA database_list",
        "EXPLAIN ANALYZE DELETE FROM t",
    ],
}


def test_the_wall_holds_when_the_words_of_a_query_were_not_looked_at(base: Base, tmp_path: Path) -> None:
    """Sent past the check of the words: only the session itself is in the way."""
    from mlcore.data.sources.databases import DATABASES, Limits

    base.run("CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (1)")
    if base.key == "postgresql":
        body = "BEGIN INSERT INTO t VALUES (2); RETURN 1; END"
        base.run(
            f"CREATE OR REPLACE FUNCTION write_it() RETURNS int LANGUAGE plpgsql AS $f$ {body} $f$",
            "CREATE SEQUENCE IF NOT EXISTS counted",
        )
    if base.key == "mysql":
        base.run(
            "DROP FUNCTION IF EXISTS write_it",
            "CREATE FUNCTION write_it() RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO t VALUES (2); RETURN 1; END",
        )
    before = {path.name for path in tmp_path.rglob("*")}
    for query in WRITES[base.key]:
        try:
            with DATABASES[base.key].session(base.login, Limits(rows=10, seconds=10)) as session:
                for _ in session.ask(query.replace("{folder}", str(tmp_path))).frames:
                    pass
        except SourceError:
            pass
        else:
            assert base.key in ("mysql",), f"{query} was let through"
            assert "FOR UPDATE" in query or query.startswith(("SET", "SELECT a")), f"{query} was let through"
        assert base.rows("SELECT a FROM t") == [(1,)], f"{query} changed something"
    assert {path.name for path in tmp_path.rglob("*")} == before


def test_no_more_rows_are_taken_than_allowed_and_that_is_said(base: Base, tmp_path: Path) -> None:
    stored = base.bring(tmp_path, MANY[base.key].format(1_000_000_000), rows=1_000)
    assert stored.rows == 1_000
    assert stored.reading.notes[0] == "The database has more rows: the first 1,000 it gave were taken."
    exact = base.bring(tmp_path / "exact", MANY[base.key].format(1_000), rows=1_000)
    assert exact.rows == 1_000
    assert not any("more rows" in note for note in exact.reading.notes)


def test_a_query_that_takes_too_long_is_ended_in_words(base: Base, tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(UserError, match="not done after 1 seconds"):
        base.bring(tmp_path, ENDLESS[base.key], seconds=1)
    assert time.monotonic() - began < 15
    assert not (tmp_path / "out.parquet").exists()
    assert not list((tmp_path / "own").iterdir())


def test_a_preview_reads_the_first_rows_only(base: Base, tmp_path: Path) -> None:
    asked = {"connection": "one", "query": MANY[base.key].format(1_000_000_000)}
    frame, reading = SOURCES["sql"].preview(asked, Choices(), 50, base.means(tmp_path))
    assert frame["n"].tolist() == list(range(1, 51))
    assert frame["half"].iloc[0] == 0.5
    assert (reading.records, reading.kept) == (50, 50)


def test_a_table_without_rows_or_without_a_table_is_refused_in_words(base: Base, tmp_path: Path) -> None:
    base.run("CREATE TABLE t (a INTEGER)")
    with pytest.raises(TableError, match="no rows"):
        base.bring(tmp_path, table="t")
    with pytest.raises(SourceError, match="The database said"):
        base.bring(tmp_path, table="not there")
    assert not (tmp_path / "out.parquet").exists()


def test_rows_without_columns_are_no_table(postgresql: Base, tmp_path: Path) -> None:
    for query in ("SELECT", "SELECT FROM generate_series(1, 3)"):
        with pytest.raises(SourceError, match="no table"):
            postgresql.bring(tmp_path, query)


def test_numbers_too_long_to_be_exact_stay_text(base: Base, tmp_path: Path) -> None:
    stored = base.bring(tmp_path, "SELECT 9007199254740993 AS a, 12345678901234567890123 AS b, 5 AS c")
    table = read_table(stored)
    assert table["a"].tolist() == ["9007199254740993"]
    assert table["c"].tolist() == [5]
    if base.key != "sqlite":  # SQLite itself has only floats for it
        assert table["b"].tolist() == ["12345678901234567890123"]


def test_columns_of_bytes_are_left_out_and_named(base: Base, tmp_path: Path) -> None:
    kind = "BYTEA" if base.key == "postgresql" else "BLOB"
    value = {"postgresql": "'\\x00ff'::bytea", "duckdb": "'\\x00\\xFF'::BLOB"}.get(base.key, "x'00ff'")
    base.run(f"CREATE TABLE t (a INTEGER, picture {kind})", f"INSERT INTO t VALUES (1, {value})")
    stored = base.bring(tmp_path, table="t")
    assert stored.schema.names == ("a",)
    assert any("'picture'" in note for note in stored.reading.notes)


def test_nothing_that_fails_says_the_password(base: Base, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    place = base.login.place
    secret = Login(place, PASSWORD)
    for query in ("SELECT nonsense", "SELECT '" + PASSWORD.replace("'", "''") + "' + nonsense"):
        with pytest.raises(UserError) as caught:
            base.bring(tmp_path, query)
        assert "canary" not in str(caught.value).replace("SELECT", "")
        assert caught.value.__suppress_context__
    assert "canary" not in repr(secret)
    assert "canary" not in caplog.text


@pytest.mark.parametrize("database", ["postgresql", "mysql"])
def test_a_server_that_does_not_answer_is_said_in_words_without_the_password(database: str) -> None:
    for host, port in (("127.0.0.1", 1), ("no-such-host.invalid", None)):
        place = Place(database=database, host=host, port=port, name="x", user="someone")  # type: ignore[arg-type]
        with pytest.raises(SourceError, match="The database said") as caught:
            tables(Login(place, PASSWORD))
        assert "canary" not in str(caught.value)


MEASURED = """
import json, resource, sys
from pathlib import Path
from mlcore import records
from mlcore.data.choices import Choices
from mlcore.data.sources import SOURCES, Means
from mlcore.data.sources.login import Login, Place

def bring(query):
    asked = {"connection": "one", "query": query}
    return SOURCES["sql"].bring(asked, Choices(), folder / "out.parquet", "", means).rows

place, password, folder, few, many = json.load(sys.stdin)
folder, login = Path(folder), Login(records.from_json(Place, place), password)
means = Means(folder=folder / "own", samples=folder, login=lambda _: login)
bring(few)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(bring(many), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
"""In a process that had no table before: what another test's took at its most would hide what this one takes."""


@pytest.mark.slow
def test_a_million_rows_come_in_bounded_memory(base: Base, tmp_path: Path) -> None:
    queries = [MANY[base.key].format(rows) for rows in (1_000, 1_000_000)]
    asked = json.dumps([records.to_json(base.login.place), base.login.password, str(tmp_path), *queries])
    words, env = [sys.executable, "-c", MEASURED], processes.environment()
    done = subprocess.run(words, input=asked, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows, grown = map(float, done.stdout.split())
    assert rows == 1_000_000
    assert pd.read_parquet(tmp_path / "out.parquet", columns=["n"])["n"].sum() == 500_000_500_000
    assert grown < 300, f"{grown:.0f} MiB more"


def test_a_wrong_password_is_said_in_words_and_not_repeated(mysql: Base) -> None:
    with pytest.raises(SourceError, match="Access denied") as caught:
        tables(Login(mysql.login.place, "wrong-" + PASSWORD))
    assert "canary" not in str(caught.value)


def test_a_driver_that_repeats_the_password_is_silenced() -> None:
    from urllib.parse import quote, quote_plus

    from mlcore.data.sources.databases.server import refused

    login = Login(Place(database="postgresql", host="h", name="n", user="u"), PASSWORD)
    for written in (PASSWORD, quote(PASSWORD), quote_plus(PASSWORD), quote(PASSWORD, safe=""), repr(PASSWORD)):
        said = str(refused(login, RuntimeError(f"cannot connect to postgresql://u:{written}@h/n")))
        assert "canary" not in said


def test_encryption_that_is_required_is_not_given_up(postgresql: Base, mysql: Base) -> None:
    """Neither of these servers encrypts (MariaDB does from 11.4 on, with a certificate nobody vouches for)."""
    from dataclasses import replace

    with pytest.raises(SourceError):
        tables(Login(replace(postgresql.login.place, tls="require"), PASSWORD))
    for base in (postgresql, mysql):
        with pytest.raises(SourceError):
            tables(Login(replace(base.login.place, tls="verify"), PASSWORD))
