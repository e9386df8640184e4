"""The tables of a workspace: their cards, what was found out about them, and what a person said about them."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from mlcore import records
from mlcore.data.dataset import Dataset
from mlcore.data.dictionary import Entry, checked, told
from mlcore.data.schema import KINDS as KIND_WORDS
from mlcore.data.schema import Kind, Role, Schema
from mlcore.errors import ChoiceError, UserError
from mlcore.findings import Finding
from mlcore.learning.goal import Goal
from mlcore.workspace import places
from mlcore.workspace.database import DATASETS, DICTIONARY, GOALS, JOBS, KINDS, RECIPES, Database

if TYPE_CHECKING:
    from mlcore.data.profile import Profile


@dataclass(frozen=True, kw_only=True)
class Card:
    """A dataset in the workspace's list. `created` is seconds since 1970."""

    id: str
    created: float
    dataset: Dataset


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What a person said about the columns of a dataset."""

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)


class Datasets:
    """Datasets by id, with the column kinds and the goal a person chose."""

    def __init__(self, database: Database, home: Path) -> None:
        self.database = database
        self.home = home

    def add_dataset(self, dataset: Dataset, *, id: str | None = None) -> str:
        """List a dataset; its Parquet file is moved into the workspace unless it is there already."""
        identifier = id or places.new_id()
        target = places.dataset_folder(self.home, identifier) / "table.parquet"
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_name(".table.parquet.part")
            shutil.copyfile(dataset.path, temporary)
            temporary.replace(target)
        card = records.text(replace(dataset, path=""))
        with self.database.writing() as connection:
            if connection.execute(sa.select(DATASETS.c.id).where(DATASETS.c.id == identifier)).first() is None:
                connection.execute(sa.insert(DATASETS).values(id=identifier, card=card, created=time.time()))
        return identifier

    def dataset(self, dataset: str) -> Dataset:
        """The dataset as its recipe makes it, with the kinds a person chose, and the path where its Parquet file is.

        While the table of a recipe just saved is being made, the one before it.
        """
        return self._found(dataset, prepared=True)

    def raw(self, dataset: str) -> Dataset:
        """The dataset as it was imported, with the kinds a person chose."""
        return self._found(dataset, prepared=False)

    def imported(self, dataset: str) -> Dataset:
        """The dataset as it was imported, its kinds as they were guessed."""
        with self.database.reading() as connection:
            row = connection.execute(sa.select(DATASETS).where(DATASETS.c.id == dataset)).first()
        if row is None:
            raise UserError(f"There is no dataset {dataset!r}", remedy="Import a table first.")
        return self._card(row, _Said(), "").dataset

    def kinds(self, dataset: str) -> dict[str, Kind]:
        """What a person said the columns are, by column."""
        with self.database.reading() as connection:
            return _kinds(connection, dataset)

    def datasets(self) -> tuple[Card, ...]:
        """Every dataset, the newest first."""
        with self.database.reading() as connection:
            rows = connection.execute(sa.select(DATASETS).order_by(DATASETS.c.created.desc())).all()
            return tuple(self._card(row, _said(connection, row.id), _applied(connection, row.id)) for row in rows)

    def remove_dataset(self, dataset: str) -> None:
        """Forget a dataset and delete its files; its runs stay."""
        with self.database.writing() as connection:
            for table in (KINDS, DICTIONARY, GOALS, RECIPES):
                connection.execute(sa.delete(table).where(table.c.dataset == dataset))
            connection.execute(sa.delete(DATASETS).where(DATASETS.c.id == dataset))
            connection.execute(  # importing the same file again must not find the import that made this one
                sa.update(JOBS).where(JOBS.c.kind == "import", JOBS.c.dataset == dataset).values(key=None)
            )
        shutil.rmtree(places.dataset_folder(self.home, dataset), ignore_errors=True)

    def set_kind(self, dataset: str, column: str, kind: Kind) -> None:
        """Remember what a person said a column is; profiles and checks made before are no longer shown."""
        if kind not in KIND_WORDS:
            raise ChoiceError(kind, KIND_WORDS, of="kind")
        self.dataset(dataset).schema[column]
        with self.database.writing() as connection:
            connection.execute(sa.delete(KINDS).where(KINDS.c.dataset == dataset, KINDS.c.column == column))
            connection.execute(sa.insert(KINDS).values(dataset=dataset, column=column, kind=kind))

    def dictionary(self, dataset: str) -> dict[str, Entry]:
        """What a person said about columns, by their names."""
        with self.database.reading() as connection:
            return _entries(connection, dataset)

    def set_entries(self, dataset: str, entries: Mapping[str, Entry]) -> None:
        """Remember what a person said about columns, all or none; an empty entry forgets it.

        Checks that use ranges are made anew.
        """
        schema = self.dataset(dataset).schema
        fine = {name: checked(schema[name], entry) for name, entry in entries.items()}
        with self.database.writing() as connection:
            for name, entry in fine.items():
                here = (DICTIONARY.c.dataset == dataset, DICTIONARY.c.column == name)
                connection.execute(sa.delete(DICTIONARY).where(*here))
                if entry:
                    said = records.text(entry)
                    connection.execute(sa.insert(DICTIONARY).values(dataset=dataset, column=name, entry=said))

    def profile(self, dataset: str, target: str | None = None) -> Profile | None:
        """The profile of the table as its columns are understood now; None while it has not been made."""
        from mlcore.data.profile import Profile

        path = self.findings_folder(dataset, target) / "profile.json"
        return records.read(Profile, path) if path.is_file() else None

    def findings(self, dataset: str, target: str | None = None) -> tuple[Finding, ...] | None:
        """What the checks found, the worst first; None while they have not been run."""
        path = self.findings_folder(dataset, target) / "findings.json"
        if not path.is_file():
            return None
        return tuple(records.from_json(Finding, item) for item in json.loads(path.read_text(encoding="utf-8")))

    def schema_for(self, dataset: str, target: str | None) -> Schema:
        """The columns as they are checked for this target: with the time and the group that its goal names."""
        schema, goal = self.dataset(dataset).schema, self.goal(dataset)
        if goal is None or target is None or goal.target != target:
            return schema
        roles: tuple[tuple[str | None, Role], ...] = ((goal.time, "time"), (goal.group, "group"))
        for name, role in roles:
            if name is not None and name in schema:
                schema = schema.with_column(replace(schema[name], role=role))
        return schema

    def findings_folder(self, dataset: str, target: str | None) -> Path:
        """Where profile and findings lie for this target with its roles, these column kinds and expected ranges."""
        card = self.dataset(dataset)
        kinds = {column.name: column.kind for column in card.schema}
        table = [card.fingerprint] if card.recipe else []
        bounds = {c.name: (c.expected_low, c.expected_high) for c in card.schema}
        ranges = [{name: both for name, both in bounds.items() if both != (None, None)}]
        roles = {c.name: c.role for c in self.schema_for(dataset, target) if c.role in ("time", "group")}
        said = [target, kinds, *table, *(ranges if ranges[0] else []), *([roles] if roles else [])]
        return places.dataset_folder(self.home, dataset) / "seen" / records.identity(said)

    def save_goal(self, dataset: str, goal: Goal) -> None:
        """Remember the agreement for this dataset."""
        with self.database.writing() as connection:
            connection.execute(sa.delete(GOALS).where(GOALS.c.dataset == dataset))
            connection.execute(sa.insert(GOALS).values(dataset=dataset, goal=records.text(goal), saved=time.time()))

    def goal(self, dataset: str) -> Goal | None:
        """The goal agreed for this dataset; None when none was."""
        with self.database.reading() as connection:
            found = connection.execute(sa.select(GOALS.c.goal).where(GOALS.c.dataset == dataset)).scalar()
        return None if found is None else records.from_json(Goal, json.loads(found))

    def _found(self, dataset: str, *, prepared: bool) -> Dataset:
        with self.database.reading() as connection:
            row = connection.execute(sa.select(DATASETS).where(DATASETS.c.id == dataset)).first()
            if row is None:
                raise UserError(f"There is no dataset {dataset!r}", remedy="Import a table first.")
            applied = _applied(connection, dataset) if prepared else ""
            return self._card(row, _said(connection, dataset), applied).dataset

    def _card(self, row: sa.Row[tuple[object, ...]], said: _Said, applied: str) -> Card:
        folder = places.prepared_folder(self.home, row.id, applied) if applied else None
        if folder is not None and (folder / "card.json").is_file():
            dataset = _written((folder / "card.json").read_text(encoding="utf-8"))
        else:
            folder = places.dataset_folder(self.home, row.id)
            dataset = _written(row.card)
        schema = dataset.schema
        for column, kind in said.kinds.items():
            schema = schema.with_kind(column, kind) if column in schema else schema
        schema = told(schema, said.entries)
        path = folder / "table.parquet"
        return Card(id=row.id, created=row.created, dataset=replace(dataset, schema=schema, path=str(path)))


@lru_cache(maxsize=8)
def _written(card: str) -> Dataset:
    """The card that was written so, read once: of thousands of columns it takes a tenth of a second, and a page asks
    ten times."""
    return records.from_json(Dataset, json.loads(card))


def _applied(connection: sa.Connection, dataset: str) -> str:
    return connection.execute(sa.select(RECIPES.c.applied).where(RECIPES.c.dataset == dataset)).scalar() or ""


def _said(connection: sa.Connection, dataset: str) -> _Said:
    return _Said(kinds=_kinds(connection, dataset), entries=_entries(connection, dataset))


def _entries(connection: sa.Connection, dataset: str) -> dict[str, Entry]:
    rows = connection.execute(sa.select(DICTIONARY.c.column, DICTIONARY.c.entry).where(DICTIONARY.c.dataset == dataset))
    return {row.column: records.from_json(Entry, json.loads(row.entry)) for row in rows}


def _kinds(connection: sa.Connection, dataset: str) -> dict[str, Kind]:
    rows = connection.execute(sa.select(KINDS.c.column, KINDS.c.kind).where(KINDS.c.dataset == dataset))
    return {row.column: row.kind for row in rows}
