"""Where the tables of a workspace came from, and which are versions of the same one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mlcore import records
from mlcore.data.origin import Origin
from mlcore.findings import Finding
from mlcore.workspace import places
from mlcore.workspace.database import ORIGINS
from mlcore.workspace.datasets import Card, Datasets


class Versions(Datasets):
    """Datasets with their origins. A family is named by its first member; what has no row is a family of one."""

    def set_origin(
        self, dataset: str, origin: Origin, *, choices: Mapping[str, Any] | None = None, again: str | None = None
    ) -> int:
        """Remember where a table came from and how it was read; with `again` as the next version of that one.

        Gives the number of the version, from 1. A second call for the same table changes nothing.
        """
        with self.database.writing() as connection:
            known = connection.execute(sa.select(ORIGINS.c.version).where(ORIGINS.c.dataset == dataset)).scalar()
            if known is not None:
                return int(known)
            family, number = _next(connection, again) if again else (dataset, 1)
            connection.execute(
                sa.insert(ORIGINS).values(
                    dataset=dataset,
                    origin=records.text(origin),
                    choices=records.text(dict(choices or {})),
                    family=family,
                    version=number,
                )
            )
        return number

    def origin(self, dataset: str) -> Origin | None:
        """Where the table came from; None when nobody wrote it down."""
        row = self._row(dataset)
        if row is not None:
            return records.from_json(Origin, json.loads(row.origin))
        source = self.dataset(dataset).source
        if not source.startswith("sample:"):
            return None
        return Origin(kind="sample", params={"sample": source.removeprefix("sample:")}, title=source)

    def choices(self, dataset: str) -> dict[str, Any]:
        """What a person had decided about how it is read."""
        row = self._row(dataset)
        return {} if row is None else dict(json.loads(row.choices))

    def version(self, dataset: str) -> int:
        """Its number within its family, from 1."""
        row = self._row(dataset)
        return 1 if row is None else int(row.version)

    def versions(self, dataset: str) -> tuple[Card, ...]:
        """The tables of its family, itself among them, the oldest first."""
        row = self._row(dataset)
        family = dataset if row is None else row.family
        with self.database.reading() as connection:
            query = sa.select(ORIGINS.c.dataset, ORIGINS.c.version).where(ORIGINS.c.family == family)
            numbers = {one.dataset: one.version for one in connection.execute(query)}
        numbers.setdefault(family, 1)
        members = (card for card in self.datasets() if card.id in numbers)
        return tuple(sorted(members, key=lambda card: (numbers[card.id], card.created)))

    def newest(self) -> tuple[Card, ...]:
        """Of each family the newest version, the newest table first."""
        with self.database.reading() as connection:
            query = sa.select(ORIGINS.c.dataset, ORIGINS.c.family, ORIGINS.c.version)
            rows = {one.dataset: (one.family, one.version) for one in connection.execute(query)}
        cards = self.datasets()
        members = [(rows.get(card.id, (card.id, 1)), card) for card in cards]
        last: dict[str, int] = {}
        for (family, number), _card in members:
            last[family] = max(number, last.get(family, 0))
        return tuple(card for (family, number), card in members if number == last[family])

    def changes(self, dataset: str) -> tuple[Finding, ...]:
        """What is different from the version before, the worst first; empty for a first version."""
        path = self.changes_path(dataset)
        if not path.is_file():
            return ()
        return tuple(records.from_json(Finding, item) for item in json.loads(path.read_text(encoding="utf-8")))

    def changes_path(self, dataset: str) -> Path:
        """Where the differences lie."""
        return places.dataset_folder(self.home, dataset) / "changes.json"

    def remove_dataset(self, dataset: str) -> None:
        """As `Datasets.remove_dataset`; the other versions stay."""
        super().remove_dataset(dataset)
        with self.database.writing() as connection:
            connection.execute(sa.delete(ORIGINS).where(ORIGINS.c.dataset == dataset))

    def _row(self, dataset: str) -> sa.Row[Any] | None:
        with self.database.reading() as connection:
            return connection.execute(sa.select(ORIGINS).where(ORIGINS.c.dataset == dataset)).first()


def _next(connection: sa.Connection, again: str) -> tuple[str, int]:
    """Family and number of the version after the newest one."""
    family = connection.execute(sa.select(ORIGINS.c.family).where(ORIGINS.c.dataset == again)).scalar() or again
    newest = connection.execute(sa.select(sa.func.max(ORIGINS.c.version)).where(ORIGINS.c.family == family)).scalar()
    return family, max(int(newest or 1), 1) + 1
