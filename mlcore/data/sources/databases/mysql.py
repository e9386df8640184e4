"""MySQL and MariaDB: a read-only transaction, a streaming cursor, limits of the server's own."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.data.sources.databases import statement
from mlcore.data.sources.databases.database import MOST_TABLES, Limits, Session
from mlcore.data.sources.login import DatabaseKey, Login, Tls

if TYPE_CHECKING:
    import sqlalchemy as sa

_DIALECT = statement.Dialect(
    backslash=True,
    hash_comment=True,
    banned=(
        (r"/\*M?!", "Comments that are run as code cannot be sent"),
        (r"\bload_file\b", "Queries cannot read the server's files"),
        (r"\b(outfile|dumpfile)\b", "Queries cannot write files"),  # no transaction holds that back
    ),
)
_LATE = (1969, 3024)
_LISTING = f"""
SELECT table_schema, table_name, table_type LIKE '%VIEW', table_rows FROM information_schema.tables
WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
ORDER BY table_schema <> DATABASE(), table_schema, table_name LIMIT {MOST_TABLES}"""  # noqa: S608 - a number of ours


@dataclass(frozen=True, kw_only=True)
class _MySQL:
    key: DatabaseKey = "mysql"
    title: str = "MySQL or MariaDB"
    port: int | None = 3306
    driver: str = "pymysql"

    def checked(self, query: str) -> str:
        return statement.checked(query, _DIALECT)

    @contextmanager
    def session(self, login: Login, limits: Limits) -> Iterator[Session]:
        import sqlalchemy as sa

        from mlcore.data.sources.databases import server

        place = login.place
        url = sa.URL.create(
            "mysql+pymysql", place.user, login.password, place.host, place.port or self.port, place.name
        ).update_query_dict({"charset": "utf8mb4"})
        lost: dict[str, int] = {}
        known = {
            "connect_timeout": server.PATIENCE,
            "read_timeout": int(limits.seconds) + server.PATIENCE,
            "local_infile": False,  # else the server may ask for any file of ours
            "conv": _conversions(lost),
            **_protection(place.tls),
        }
        with server.connected(url, login, {"connect_args": known}, _is_late, limits) as connection:
            for setting in _settings(connection, limits):
                connection.exec_driver_sql(setting)
            with server.Talk(connection=connection, limits=limits, listing=_LISTING, mark="`", lost=lost) as talk:
                talk.ending.callback(connection.invalidate)
                try:
                    yield talk
                finally:
                    _let_go(connection)


def _settings(connection: sa.Connection, limits: Limits) -> tuple[str, ...]:
    timed = (
        f"SET SESSION max_statement_time = {limits.seconds:.3f}"
        if connection.dialect.is_mariadb  # type: ignore[attr-defined]
        else f"SET SESSION max_execution_time = {int(limits.seconds * 1000)}"
    )
    return (
        timed,
        "SET SESSION sql_mode = 'STRICT_TRANS_TABLES'",  # backslashes escape, as our reading of the query assumes
        "SET SESSION time_zone = '+00:00'",
        f"SET SESSION sql_select_limit = {max(limits.rows, MOST_TABLES) + 1}",  # closing the cursor reads what is left
        "SET SESSION TRANSACTION READ ONLY",
        "START TRANSACTION READ ONLY",
    )


def _let_go(connection: sa.Connection) -> None:
    """Have the line closed without reading the rows that nobody wants any more, as the driver's own cursor would."""
    line = connection.connection.driver_connection
    left = getattr(line, "_result", None)
    if line is not None and left is not None:
        left.unbuffered_active = False
        line._result = None


def _is_late(error: Exception) -> bool:
    return bool(error.args) and error.args[0] in _LATE


def _protection(tls: Tls) -> dict[str, Any]:
    if tls == "prefer":
        return {}
    context = ssl.create_default_context()
    if tls == "require":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return {"ssl": context}


def _conversions(lost: dict[str, int]) -> dict[Any, Any]:
    """The driver's own, but a date such as 0000-00-00 is missing and counted, and bits are a number."""
    from pymysql import converters
    from pymysql.constants import FIELD_TYPE

    def dated(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def converted(value: Any) -> Any:
            made = convert(value)
            if not isinstance(made, str):
                return made
            why = "dates that no calendar has, such as 0000-00-00"
            lost[why] = lost.get(why, 0) + 1
            return None

        return converted

    ours = dict(converters.conversions)
    ours[FIELD_TYPE.DATE] = dated(converters.convert_date)
    for kind in (FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP):
        ours[kind] = dated(converters.convert_datetime)
    ours[FIELD_TYPE.BIT] = lambda value: int.from_bytes(value, "big")
    return ours


MYSQL = _MySQL()
