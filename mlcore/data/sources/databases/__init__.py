"""The kinds of databases that tables are read from."""

from __future__ import annotations

from mlcore.data.sources.databases.database import Database, Limits, TableName
from mlcore.data.sources.databases.duckdb import DUCKDB
from mlcore.data.sources.databases.mysql import MYSQL
from mlcore.data.sources.databases.postgresql import POSTGRESQL
from mlcore.data.sources.databases.sqlite import SQLITE
from mlcore.data.sources.login import Login, Place, checked_place
from mlcore.registry import Catalogue

DATABASES: Catalogue[Database] = Catalogue("database", (POSTGRESQL, MYSQL, SQLITE, DUCKDB))

__all__ = ["DATABASES", "Database", "Limits", "Login", "Place", "TableName", "checked_place"]
