"""What each database's own types become."""

from __future__ import annotations

import datetime
import decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from mlcore.data.load import read_table
from mlcore.data.sources.databases.cells import ZONED, column_of, wider
from tests.mlcore.data.sources.conftest import Base

UTC = datetime.UTC


def test_types_of_postgresql(postgresql: Base, tmp_path: Path) -> None:
    postgresql.run("DROP TYPE IF EXISTS mood", "CREATE TYPE mood AS ENUM ('fine', 'bad')")
    stored = postgresql.bring(
        tmp_path,
        """SELECT true AS yes, 1.50::numeric AS money, avg(x) AS mean, sum(x::bigint) AS whole,
        '2025-06-01 12:00:00+02'::timestamptz AS zoned, '2025-06-01 12:00'::timestamp AS plain, '10:30'::time AS clock,
        '1 day 2 hours'::interval AS long, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS id, 'fine'::mood AS mood,
        '{"a": [1, 2]}'::jsonb AS doc, ARRAY[1, 2] AS list, 'infinity'::timestamp AS never, '10.0.0.1'::inet AS host,
        'NaN'::numeric AS nan, NULL::int AS gap FROM generate_series(1, 2) AS x""",
    )
    row = read_table(stored).iloc[0]
    assert (row["yes"], row["money"], row["mean"], row["whole"]) == ("True", 1.5, 1.5, 3)
    assert (row["zoned"], row["plain"]) == (pd.Timestamp("2025-06-01 10:00"), pd.Timestamp("2025-06-01 12:00"))
    assert (row["clock"], row["long"]) == ("10:30:00", 93_600)
    assert (row["id"], row["mood"], row["host"]) == ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "fine", "10.0.0.1")
    assert (row["doc"], row["list"]) == ('{"a": [1, 2]}', "[1, 2]")
    assert row[["never", "nan", "gap"]].isna().all()
    assert "1 cell read as missing: dates and times beyond the years 1 to 9999." in stored.reading.notes


def test_types_of_mysql(mysql: Base, tmp_path: Path) -> None:
    mysql.run(
        "DROP TABLE IF EXISTS kinds",
        """CREATE TABLE kinds (flag TINYINT(1), bits BIT(4), kind ENUM('fine', 'bad'), doc JSON, money DECIMAL(30, 2),
        whole DECIMAL(20, 0), big BIGINT UNSIGNED, day DATE, moment DATETIME(6), zoned TIMESTAMP NULL, clock TIME,
        y YEAR, bytes VARBINARY(10), words TEXT CHARACTER SET latin1)""",
        "SET SESSION sql_mode = ''",
        "SET SESSION time_zone = '+02:00'",
        """INSERT INTO kinds VALUES (1, b'1010', 'fine', '{"a": 1}', 2.50, 7, 18446744073709551615, '0000-00-00',
        '2025-06-01 12:00:00.25', '2025-06-01 12:00:00', '10:30:00', 2025, x'00ff', 'größer')""",
    )
    stored = mysql.bring(tmp_path, table="kinds")
    row = read_table(stored).iloc[0]
    assert (row["flag"], row["bits"], row["kind"], row["doc"]) == (1, 10, "fine", '{"a": 1}')
    assert (row["money"], row["whole"], row["big"], row["y"]) == (2.5, 7, "18446744073709551615", 2025)
    assert row["moment"] == pd.Timestamp("2025-06-01 12:00:00.25")
    assert row["zoned"] == pd.Timestamp("2025-06-01 10:00")
    assert (row["clock"], row["words"]) == (37_800, "größer")
    assert pd.isna(row["day"])
    assert "bytes" not in stored.schema
    assert any("0000-00-00" in note for note in stored.reading.notes)


def test_types_of_duckdb(duckdb: Base, tmp_path: Path) -> None:
    stored = duckdb.bring(
        tmp_path,
        """SELECT true AS yes, 1.50::DECIMAL(10, 2) AS money, sum(x) AS whole, uuid() AS id, [1, 2] AS list,
        {'a': 1} AS doc, INTERVAL 26 HOURS AS long, TIME '10:30:00' AS clock,
        TIMESTAMPTZ '2025-06-01 12:00+02' AS zoned, DATE 'infinity' AS never,
        'fine'::ENUM('fine', 'bad') AS mood, 170141183460469231731687303715884105727 AS huge,
        TIMESTAMP_NS '2025-06-01 12:00:00' AS fine, MAP {'k': 1} AS pairs FROM range(1, 3) AS r(x)""",
    )
    row = read_table(stored).iloc[0]
    assert (row["yes"], row["money"], row["whole"]) == ("True", 1.5, 3)
    assert (row["list"], row["doc"], row["pairs"]) == ("[1,2]", '{"a":1}', '{"k":1}')
    assert (row["long"], row["clock"], row["mood"]) == (93_600, "10:30:00", "fine")
    assert row["zoned"] == pd.Timestamp("2025-06-01 10:00")
    assert row["huge"] == "170141183460469231731687303715884105727"
    assert pd.isna(row["never"])


def test_sqlite_cells_of_any_kind_in_one_column_lose_nothing(sqlite: Base, tmp_path: Path) -> None:
    sqlite.run(
        "CREATE TABLE t (mixed, numbers, late)",
        "WITH RECURSIVE c(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM c WHERE g < 30000) "
        "INSERT INTO t SELECT g, g, g FROM c",
        "INSERT INTO t VALUES ('text', 0.5, 'late'), (2.5, NULL, CAST(x'ff41' AS TEXT))",
    )
    table = read_table(sqlite.bring(tmp_path, table="t"))
    assert table["mixed"].tolist()[-3:] == ["30000", "text", "2.5"]
    assert table["numbers"].tolist()[-3:-1] == [30_000, 0.5]
    assert table["late"].tolist()[-2:] == ["late", "\ufffdA"]


def test_a_file_that_is_no_database_is_refused_in_words(sqlite: Base, duckdb: Base, tmp_path: Path) -> None:
    from mlcore.errors import SourceError

    for base in (sqlite, duckdb):
        path = Path(base.login.place.path)
        path.write_bytes(b"no database at all " * 100)
        with pytest.raises(SourceError, match="The database said"):
            base.bring(tmp_path, table="t")


@pytest.mark.parametrize(
    ("values", "kind", "made"),
    [
        ([None, None], pl.Null, [None, None]),
        ([True, None], pl.Boolean, [True, None]),
        ([True, 2], pl.Int64, [1, 2]),
        ([1, 0.5], pl.Float64, [1.0, 0.5]),
        ([2**63, 1], pl.String, [str(2**63), "1"]),
        ([decimal.Decimal("5"), None], pl.Int64, [5, None]),
        ([decimal.Decimal("5.0")], pl.Float64, [5.0]),
        ([1, "a", b"x"], pl.String, ["1", "a", None]),
        ([b"x", None], pl.Binary, [b"x", None]),
        ([datetime.date(2025, 1, 2)], pl.Datetime("us"), [datetime.datetime(2025, 1, 2)]),
        ([{"a": 1}, [1]], pl.String, ['{"a": 1}', "[1]"]),
        ([datetime.timedelta(minutes=1)], pl.Float64, [60.0]),
        (["\ud800", 1], pl.String, ["?", "1"]),
    ],
)
def test_values_of_drivers_become_the_narrowest_column(
    values: list[object], kind: pl.DataType, made: list[object]
) -> None:
    column = column_of(values)
    assert column.dtype == kind
    assert column.to_list() == made


def test_times_with_and_without_a_zone_meet_in_utc() -> None:
    moment = datetime.datetime(2025, 6, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    column = column_of([moment, datetime.datetime(2025, 6, 1, 10)])
    assert column.dtype == ZONED
    assert column.n_unique() == 1
    assert wider(pl.Datetime("us"), ZONED) == ZONED
