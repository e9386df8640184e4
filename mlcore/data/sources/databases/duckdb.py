"""DuckDB files: opened for reading only, cut off from every other file, the net, extensions and Python's variables.

DuckDB itself and not its SQLAlchemy dialect: the lockdown below must be complete before the first statement, rows come
as Arrow instead of as Python objects, and DuckDB's own parser says what a statement is.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.data.sources.databases import statement
from mlcore.data.sources.databases.database import MOST_TABLES, Answer, Limits, Session, TableName
from mlcore.data.sources.login import DatabaseKey, Login
from mlcore.data.sources.path import allowed_file
from mlcore.errors import SourceError

if TYPE_CHECKING:
    import polars as pl

_DIALECT = statement.Dialect(dollar=True, nested_comment=True, beginnings=("select", "with", "values", "table", "from"))
_LOCKED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "memory_limit": "1GB",
    "max_temp_directory_size": "10GB",
    "threads": "2",
}
_QUIET = "SET enable_progress_bar = false; SET lock_configuration = true"
"""Before a person's statement: no bar between the lines that a command prints, and nothing is set otherwise."""

_BATCH = 2_048
_WHOLE = 2**63 - 2
_LISTING = f"""
SELECT table_schema, listed.table_name, table_type = 'VIEW', estimated_size FROM information_schema.tables AS listed
LEFT JOIN duckdb_tables() AS sized ON schema_name = table_schema AND sized.table_name = listed.table_name
WHERE table_catalog = current_database() ORDER BY ALL LIMIT {MOST_TABLES}"""  # noqa: S608 - a number of ours


@dataclass(frozen=True, kw_only=True)
class _DuckDB:
    key: DatabaseKey = "duckdb"
    title: str = "DuckDB file"
    port: int | None = None
    driver: str = "duckdb"

    def checked(self, query: str) -> str:
        return statement.checked(query, _DIALECT)

    @contextmanager
    def session(self, login: Login, limits: Limits) -> Iterator[Session]:
        import duckdb

        from mlcore.data.sources.databases import server

        path = allowed_file(login.place.path)
        with tempfile.TemporaryDirectory(prefix="tablesmith-duckdb-") as spill:
            try:
                with duckdb.connect(str(path), read_only=True, config={**_LOCKED, "temp_directory": spill}) as line:
                    alarm = threading.Timer(limits.seconds, line.interrupt)
                    alarm.daemon = True
                    alarm.start()
                    line.execute(_QUIET)
                    try:
                        yield _Talk(line=line, limits=limits)
                    finally:
                        alarm.cancel()
            except duckdb.InterruptException:
                raise server.too_late(login, limits) from None
            except duckdb.Error as error:
                raise server.refused(login, error) from None


@dataclass(frozen=True, kw_only=True)
class _Talk:
    line: Any
    limits: Limits

    def tables(self) -> tuple[TableName, ...]:
        return tuple(
            TableName(schema=schema, name=name, kind="view" if view else "table", rows=rows)
            for schema, name, view, rows in self.line.execute(_LISTING).fetchall()
        )

    def all_of(self, table: TableName) -> str:
        from mlcore.data.sources.databases.server import quoted

        return "SELECT * FROM " + quoted(table, '"')  # noqa: S608 - a quoted name

    def ask(self, query: str) -> Answer:
        import duckdb

        found = self.line.extract_statements(query)
        if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
            raise SourceError("Only queries that read can be run", remedy="Ask for rows with one SELECT.")
        said = self.line.sql(query)
        names = [str(place) for place in range(len(said.columns))]
        cells = ", ".join(_cell(name, str(kind)) for name, kind in zip(names, said.types, strict=True))
        columns = ", ".join(f'"{name}"' for name in names)
        whole = f"SELECT {cells} FROM ({found[0].query.rstrip().rstrip(';')}\n) AS given ({columns})"  # noqa: S608
        reader = self.line.sql(whole).to_arrow_reader(_BATCH)
        lost: dict[str, int] = {}
        return Answer(labels=list(said.columns), frames=_frames(reader, self.limits.rows + 1, lost), lost=lost)


def _cell(name: str, kind: str) -> str:
    """The column in a type that Arrow and polars share: durations as seconds, what is nested as JSON."""
    if kind == "INTERVAL":
        return f'epoch("{name}") AS "{name}"'
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return f'CAST(to_json("{name}") AS VARCHAR) AS "{name}"'
    if kind in ("BIT", "BIGNUM", "VARIANT", "TIME", "TIME_NS", "TIME WITH TIME ZONE", "UUID") or kind.startswith(
        "ENUM"
    ):
        return f'CAST("{name}" AS VARCHAR) AS "{name}"'
    return f'"{name}"'


def _frames(reader: Any, most: int, lost: dict[str, int]) -> Iterator[pl.DataFrame]:
    import polars as pl

    got = 0
    while got < most:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        frame = pl.DataFrame(pl.from_arrow(batch))
        frame = frame.select(_settled(column, lost) for column in frame.get_columns()).head(most - got)
        got += frame.height
        yield frame


def _settled(column: pl.Series, lost: dict[str, int]) -> pl.Series:
    """The column in one of the types that are spooled."""
    import polars as pl

    from mlcore.data.sources.databases import cells

    kind = column.dtype
    if (isinstance(kind, pl.Decimal) and kind.scale == 0) or kind in (pl.UInt64, pl.Int128, pl.UInt128):
        fits = column.cast(pl.Int64, strict=False)
        return fits if fits.null_count() == column.null_count() else column.cast(pl.String)
    if kind.is_integer():
        return column.cast(pl.Int64)
    if kind.is_float() or kind.is_decimal():
        return column.cast(pl.Float64)
    if kind == pl.Date or isinstance(kind, pl.Datetime):
        return _dated(column, lost)
    return column if kind in (pl.Boolean, pl.String, pl.Null, pl.Binary) else column.cast(cells.TEXT)


def _dated(column: pl.Series, lost: dict[str, int]) -> pl.Series:
    import polars as pl

    from mlcore.data.sources.databases import cells

    days = column.to_physical()
    unit = 1 if column.dtype == pl.Date else 86_400 * {"ms": 10**3, "us": 10**6, "ns": 10**9}[column.dtype.time_unit]  # type: ignore[attr-defined]
    first, last = -719_162 * unit, 2_932_897 * unit - 1  # from the year 1 to the end of 9999, counted from 1970
    inside = days.is_between(max(first, -_WHOLE), min(last, _WHOLE))
    if beyond := int((~inside).sum()):
        why = "dates and times beyond the years 1 to 9999"
        lost[why] = lost.get(why, 0) + beyond
        days = days.set(~inside, None)
    zoned = getattr(column.dtype, "time_zone", None) is not None
    return days.cast(column.dtype).cast(cells.ZONED if zoned else cells.NAIVE)


DUCKDB = _DuckDB()
