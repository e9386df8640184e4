"""Rows that a person made up and wants to compare, kept beside the model they were asked of."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcore import files, records
from mlcore.errors import UserError
from mlcore.workspace import places
from mlcore.workspace.policies import Policies

AT_MOST = 50


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A raw row under a name. `start` is the position of the row of the table it was made from; None: of no row."""

    id: str
    name: str
    row: Mapping[str, Any]
    start: int | None = None
    created: float = 0.0


class Scenarios(Policies):
    """Scenarios by run and model, in the order in which they were saved."""

    def scenarios(self, run: str, key: str) -> tuple[Scenario, ...]:
        """Those of a model."""
        path = self._scenarios(run, key)
        if not path.is_file():
            return ()
        return tuple(records.from_json(Scenario, one) for one in json.loads(path.read_text(encoding="utf-8")))

    def save_scenario(self, run: str, key: str, name: str, row: Mapping[str, Any], start: int | None) -> Scenario:
        """Keep a row; one of the same name is replaced. `UserError` when there are too many."""
        plain: dict[str, Any] = records.to_json(row)
        named = " ".join(name.split())[:80] or "Scenario"
        made = Scenario(id=places.new_id(), name=named, row=plain, start=start, created=time.time())
        others = tuple(one for one in self.scenarios(run, key) if one.name != named)
        if len(others) >= AT_MOST:
            raise UserError(f"There are {AT_MOST} scenarios already", remedy="Remove some.")
        self._write(run, key, (*others, made))
        return made

    def forget_scenario(self, run: str, key: str, identifier: str) -> None:
        """Remove one; nothing happens when it is not there."""
        self._write(run, key, tuple(one for one in self.scenarios(run, key) if one.id != identifier))

    def _write(self, run: str, key: str, every: tuple[Scenario, ...]) -> None:
        path = self._scenarios(run, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_text(path, records.readable(records.to_json(every)) + "\n")

    def _scenarios(self, run: str, key: str) -> Path:
        return places.run_folder(self.home, run) / "scenarios" / f"{places.checked_key(key)}.json"
