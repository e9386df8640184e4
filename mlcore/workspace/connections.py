"""The databases a workspace knows: where they are and as whom, with the passwords encrypted beside them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from mlcore import records
from mlcore.data.sources.login import Login, Place, checked_place
from mlcore.errors import SourceError
from mlcore.workspace import places, sealing
from mlcore.workspace.database import CONNECTIONS, Database


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A database as the list shows it; its password is not in here. `created` is seconds since 1970."""

    id: str
    name: str
    place: Place
    created: float


class Connections:
    """Databases by id. Pages add, list and remove them; only the worker's children log in."""

    def __init__(self, database: Database, home: Path) -> None:
        self.database = database
        self.home = home

    def add_connection(self, name: str, place: Place, password: str = "") -> str:
        """Remember a database under a name; a `SourceError` says which part does not fit. Nothing is connected yet."""
        checked, connection = checked_place(place), places.new_id()
        title = name.strip()[:100] or checked.shown
        secret = sealing.sealed(self.home, password) if password else ""
        with self.database.writing() as writing:
            writing.execute(
                sa.insert(CONNECTIONS).values(
                    id=connection, name=title, place=records.text(checked), secret=secret, created=time.time()
                )
            )
        return connection

    def connections(self) -> tuple[Connection, ...]:
        """Every database that was added, by name."""
        query = sa.select(CONNECTIONS.c.id, CONNECTIONS.c.name, CONNECTIONS.c.place, CONNECTIONS.c.created)
        with self.database.reading() as reading:
            found = [
                Connection(
                    id=row.id,
                    name=row.name,
                    place=records.from_json(Place, json.loads(row.place)),
                    created=row.created,
                )
                for row in reading.execute(query)
            ]
        return tuple(sorted(found, key=lambda one: (one.name.lower(), one.created)))

    def connection(self, connection: str) -> Connection:
        """One of them."""
        for one in self.connections():
            if one.id == connection:
                return one
        raise SourceError("There is no such connection (any more)", remedy="Choose another one, or add it again.")

    def remove_connection(self, connection: str) -> None:
        """Forget a database and its password; tables that came from it stay."""
        with self.database.writing() as writing:
            writing.execute(sa.delete(CONNECTIONS).where(CONNECTIONS.c.id == connection))

    def connection_login(self, connection: str) -> Login:
        """Place and password, for the process that connects and for nobody else."""
        place = self.connection(connection).place
        query = sa.select(CONNECTIONS.c.secret).where(CONNECTIONS.c.id == connection)
        with self.database.reading() as reading:
            secret = reading.execute(query).scalar() or ""
        return Login(place, sealing.unsealed(self.home, secret) if secret else "")
