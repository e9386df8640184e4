"""The one door to everything a workspace keeps. Light: pages read it, the worker writes it, both at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mlcore import records
from mlcore.data.dataset import Reading
from mlcore.data.sources.databases.database import TableName
from mlcore.data.sources.url import parted
from mlcore.errors import FileError
from mlcore.workspace import places, sealing
from mlcore.workspace.connections import Connection, Connections
from mlcore.workspace.database import SETTINGS, Database, address
from mlcore.workspace.datasets import Card
from mlcore.workspace.hints import Hints
from mlcore.workspace.job import ACTIVE, Job, JobKind, JobState
from mlcore.workspace.jobs import Jobs
from mlcore.workspace.looking import Preview
from mlcore.workspace.recipes import Recipes
from mlcore.workspace.runs import Bundle, RunCard
from mlcore.workspace.scenarios import Scenarios
from mlcore.workspace.versions import Versions

__all__ = [
    "ACTIVE", "Bundle", "Card", "Connection", "Hints", "Job", "JobKind", "JobState", "Preview", "RunCard", "Store",
    "TableName",
]  # fmt: skip


class Store(Versions, Recipes, Connections, Jobs, Scenarios):
    """Everything that one workspace folder keeps. Safe to share between threads."""

    def __init__(self, database: Database, home: Path) -> None:
        self.database = database
        self.home = home
        self._jobs = self

    @classmethod
    def open(cls, home: Path | None = None) -> Store:
        """Open the workspace, and make it when it is not there yet."""
        folder = places.home_folder(home)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(
                f"The workspace folder cannot be made ({error.strerror})",
                where=str(folder),
                remedy="Choose another folder with TABLESMITH_HOME.",
            ) from error
        return cls(Database(address(folder)), folder)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def submit(
        self, kind: JobKind, args: Mapping[str, Any], title: str, *, key: str | None = None, worker: str | None = None
    ) -> str:
        """As `Jobs.submit`; a training job without a `goal` takes the one that is saved for its dataset now.

        What comes after the question mark of a link is encrypted before it is written down.
        """
        if kind == "train" and args.get("goal") is None and "dataset" in args:
            goal = self.goal(args["dataset"])
            args = {**args, "goal": None if goal is None else records.to_json(goal)}
        if (args.get("origin") or {}).get("kind") == "url":
            args = {**args, "origin": self._sealed(args["origin"])}
        return super().submit(kind, args, title, key=key, worker=worker)

    def _sealed(self, origin: Mapping[str, Any]) -> dict[str, Any]:
        params = origin.get("params") or {}
        url, query = parted(str(params.get("url", "")))
        more = {"query": sealing.sealed(self.home, query)} if query else {}
        return {**origin, "params": {**params, "url": url, **more}}

    def remove_dataset(self, dataset: str) -> None:
        """As `Versions.remove_dataset`; what was decided about it is forgotten too."""
        super().remove_dataset(dataset)
        with self.database.writing() as connection:
            connection.execute(sa.delete(SETTINGS).where(SETTINGS.c.key == _hints_key(dataset)))

    def preview(self, job: str) -> Preview | None:
        """The beginning of a table as a preview job found it; None when it has not (yet) come to that."""
        path = places.job_folder(self.home, job) / "preview.json"
        return records.read(Preview, path) if path.is_file() else None

    def tables(self, job: str) -> tuple[TableName, ...] | None:
        """What a browse job found in a database; None when it has not (yet) come to that."""
        path = places.job_folder(self.home, job) / "tables.json"
        if not path.is_file():
            return None
        return tuple(records.from_json(TableName, item) for item in json.loads(path.read_text(encoding="utf-8")))

    def reading(self, job: str) -> Reading | None:
        """How a job read its file; None when it could not, or is no job that reads one."""
        path = places.job_folder(self.home, job) / "reading.json"
        return records.read(Reading, path) if path.is_file() else None

    def hints(self, dataset: str) -> Hints:
        """What a person decided about a dataset for every goal it may get; nothing at first."""
        return records.from_json(Hints, self.state(_hints_key(dataset), {}))

    def set_hint(self, dataset: str, hints: Hints) -> None:
        """Remember what was decided about a dataset."""
        self.set_state(_hints_key(dataset), hints)

    def state(self, key: str, default: Any = None) -> Any:
        """A small setting, as plain JSON."""
        with self.database.reading() as connection:
            found = connection.execute(sa.select(SETTINGS.c.value).where(SETTINGS.c.key == key)).scalar()
        return default if found is None else json.loads(found)

    def set_state(self, key: str, value: Any) -> None:
        """Remember a small setting."""
        with self.database.writing() as connection:
            connection.execute(sa.delete(SETTINGS).where(SETTINGS.c.key == key))
            connection.execute(sa.insert(SETTINGS).values(key=key, value=records.text(value)))


def _hints_key(dataset: str) -> str:
    return f"hints {dataset}"
