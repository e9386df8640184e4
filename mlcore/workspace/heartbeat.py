"""Which workers are alive: each says so every two seconds; whoever sees one fall silent may take its jobs over."""

from __future__ import annotations

import os
import time
from typing import Any

import sqlalchemy as sa

from mlcore.workspace.database import WORKERS, Database

SILENT_SECONDS = 15.0
"""How long a worker may say nothing until it counts as dead; TABLESMITH_SILENT_SECONDS overrides it."""


class Heartbeat:
    """The heartbeat of one worker. On a server one clock counts, the database's."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._patience = float(os.environ.get("TABLESMITH_SILENT_SECONDS") or SILENT_SECONDS)

    def beat(self) -> tuple[str, ...]:
        """Say that this worker is alive; the names of others that have fallen silent."""
        with self._database.writing() as connection:
            now = self._now(connection)
            values: dict[str, Any] = {"process": os.getpid(), "seen": now}
            mine = sa.update(WORKERS).where(WORKERS.c.id == self._name).values(**values)
            if connection.execute(mine).rowcount == 0:
                connection.execute(sa.insert(WORKERS).values(id=self._name, started=now, **values))
            silent = sa.select(WORKERS.c.id).where(WORKERS.c.seen < now - self._patience)
            return tuple(connection.execute(silent).scalars())

    def forget(self, name: str) -> None:
        """Strike a worker off whose jobs have all been taken over."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(WORKERS).where(WORKERS.c.id == name))

    @staticmethod
    def _now(connection: sa.Connection) -> float:
        if connection.dialect.name == "postgresql":
            return float(connection.execute(sa.select(sa.extract("epoch", sa.func.clock_timestamp()))).scalar_one())
        return time.time()
