"""PostgreSQL: a read-only transaction, a server-side cursor, limits of the server's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.data.sources.databases import statement
from mlcore.data.sources.databases.database import MOST_TABLES, Limits, Session
from mlcore.data.sources.login import DatabaseKey, Login

if TYPE_CHECKING:
    import sqlalchemy as sa

_DIALECT = statement.Dialect(
    dollar=True,
    nested_comment=True,
    beginnings=("select", "with", "values", "table"),
    banned=(  # what a superuser could do in spite of a read-only transaction
        (
            r"\b(pg_read_\w*file|pg_ls_\w*|pg_stat_file|lo_import|lo_export)\b",
            "Queries cannot use the server's files",
        ),
        (r"\b(dblink\w*|pg_terminate_backend|pg_cancel_backend|pg_reload_conf)\b", "Queries cannot command the server"),
    ),
)
_TLS = {"prefer": "prefer", "require": "require", "verify": "verify-full"}
_LATE = "57014"
_LISTING = f"""
SELECT n.nspname, c.relname, c.relkind IN ('v', 'm'), c.reltuples::bigint
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND n.nspname NOT LIKE 'pg\\_temp\\_%' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND (pg_catalog.has_table_privilege(c.oid, 'SELECT') OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))
ORDER BY 1, 2 LIMIT {MOST_TABLES}"""  # noqa: S608 - a number of ours
_SETTINGS = """
SELECT pg_catalog.set_config(name, given, true) FROM pg_catalog.pg_settings JOIN (VALUES
  ('statement_timeout', '{milliseconds}'), ('lock_timeout', '10000'), ('TimeZone', 'UTC'), ('DateStyle', 'ISO'),
  ('client_connection_check_interval', '2000')) AS ours (wanted, given) ON name = wanted"""


@dataclass(frozen=True, kw_only=True)
class _PostgreSQL:
    key: DatabaseKey = "postgresql"
    title: str = "PostgreSQL"
    port: int | None = 5432
    driver: str = "psycopg"

    def checked(self, query: str) -> str:
        return statement.checked(query, _DIALECT)

    @contextmanager
    def session(self, login: Login, limits: Limits) -> Iterator[Session]:
        import sqlalchemy as sa

        from mlcore.data.sources.databases import server

        place = login.place
        url = sa.URL.create(
            "postgresql+psycopg", place.user, login.password or None, place.host, place.port or self.port, place.name
        )
        known = {
            "sslmode": _TLS[place.tls],
            "connect_timeout": server.PATIENCE,
            "passfile": "/dev/null",  # what the account of this server knows is not for whoever names a host
            "application_name": "tablesmith",
            **({"sslrootcert": "system"} if place.tls == "verify" else {}),
        }
        with server.connected(url, login, {"connect_args": known}, _is_late, limits) as connection:
            connection = connection.execution_options(postgresql_readonly=True)
            lost: dict[str, int] = {}
            _adapt(connection, lost)
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            connection.exec_driver_sql(_SETTINGS.format(milliseconds=int(limits.seconds * 1000)))
            with server.Talk(connection=connection, limits=limits, listing=_LISTING, lost=lost) as talk:
                yield talk


def _is_late(error: Exception) -> bool:
    return getattr(error, "sqlstate", None) == _LATE


def _adapt(connection: sa.Connection, lost: dict[str, int]) -> None:
    """Have JSON stay text, and dates that Python cannot hold become missing and be counted."""
    from psycopg import errors
    from psycopg.types import datetime as moments
    from psycopg.types.string import TextLoader

    def tolerant(loader: type[Any]) -> type[Any]:
        class Tolerant(loader):  # type: ignore[misc]
            def load(self, data: Any) -> Any:
                try:
                    return super().load(data)
                except errors.DataError:
                    why = "dates and times beyond the years 1 to 9999"
                    lost[why] = lost.get(why, 0) + 1
                    return None

        return Tolerant

    adapters = connection.connection.driver_connection.adapters  # type: ignore[union-attr]
    for name in ("json", "jsonb"):
        adapters.register_loader(name, TextLoader)
    for name, loader in (
        ("date", moments.DateLoader),
        ("timestamp", moments.TimestampLoader),
        ("timestamptz", moments.TimestamptzLoader),
    ):
        adapters.register_loader(name, tolerant(loader))


POSTGRESQL = _PostgreSQL()
