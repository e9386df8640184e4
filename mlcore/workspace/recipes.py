"""The recipe of each dataset, and the tables that recipes made."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from mlcore import records
from mlcore.data.recipe import EMPTY, Recipe
from mlcore.workspace import places
from mlcore.workspace.database import RECIPES
from mlcore.workspace.datasets import Datasets
from mlcore.workspace.jobs import Jobs

if TYPE_CHECKING:
    from mlcore.data.dataset import Dataset
    from mlcore.data.flow import Account
    from mlcore.data.prepare_table import Preview
    from mlcore.data.schema import Schema

KEPT = 6
"""Prepared tables of a dataset that stay, so that going back to an earlier recipe takes no time."""

RUNS = 1_000


class Recipes(Datasets):
    """Datasets as their recipes make them. A prepared table is named by its recipe and the tables it reads."""

    _jobs: Jobs

    def recipe(self, dataset: str) -> Recipe:
        """The recipe as it was saved last; its table may still be in the making (see `is_prepared`)."""
        with self.database.reading() as connection:
            found = connection.execute(sa.select(RECIPES.c.recipe).where(RECIPES.c.dataset == dataset)).scalar()
        return EMPTY if found is None else records.from_json(Recipe, json.loads(found))

    def set_recipe(self, dataset: str, recipe: Recipe) -> bool:
        """Save the recipe. True: its table is there, and `dataset` gives it at once; False: submit "prepare"."""
        wanted = self.prepared_name(dataset, recipe)
        ready = not wanted or self._is_made(dataset, wanted)
        with self.database.writing() as connection:
            known = sa.select(RECIPES.c.applied).where(RECIPES.c.dataset == dataset)
            applied = wanted if ready else connection.execute(known).scalar() or ""
            connection.execute(sa.delete(RECIPES).where(RECIPES.c.dataset == dataset))
            connection.execute(
                sa.insert(RECIPES).values(
                    dataset=dataset, recipe=records.text(recipe), wanted=wanted, applied=applied, saved=time.time()
                )
            )
        if ready and wanted:
            (places.prepared_folder(self.home, dataset, wanted) / "card.json").touch()
        return ready

    def is_prepared(self, dataset: str) -> bool:
        """Whether `dataset` gives the table of the recipe saved last."""
        with self.database.reading() as connection:
            row = connection.execute(sa.select(RECIPES).where(RECIPES.c.dataset == dataset)).first()
        return row is None or row.wanted == row.applied

    def apply_recipe(self, dataset: str, table: str) -> bool:
        """From now on `dataset` gives the prepared table of this name, unless another recipe was saved meanwhile."""
        with self.database.writing() as connection:
            changed = connection.execute(
                sa.update(RECIPES).where(RECIPES.c.dataset == dataset, RECIPES.c.wanted == table).values(applied=table)
            )
        return changed.rowcount > 0

    def prepared_name(self, dataset: str, recipe: Recipe) -> str:
        """Names the table that the recipe makes now; "" for the raw table, which a recipe without steps gives."""
        if not recipe:
            return ""
        steps = [[step.id, step.repair, step.params] for step in recipe.active]
        others = {key: other.fingerprint for key, other in self.others(dataset, recipe).items()}
        return records.identity([steps, others])

    def others(self, dataset: str, recipe: Recipe) -> dict[str, Dataset]:
        """The datasets that the recipe joins or appends, as they are now; one that was removed is left out.

        A dataset that is joined to itself is taken as it was imported.
        """
        from mlcore.data.outline import datasets_of

        asked = datasets_of(recipe)
        known = {card.id for card in self.datasets()} if asked else set()
        chosen = [key for key in asked if key in known]
        return {key: self.raw(key) if key == dataset else self.dataset(key) for key in chosen}

    def schemas_before(self, dataset: str, recipe: Recipe) -> tuple[Schema, ...]:
        """The columns that each active step finds, then those after the last; stops at a step that does not fit."""
        from mlcore.data.outline import after
        from mlcore.errors import UserError

        known = {key: other.schema for key, other in self.others(dataset, recipe).items()}
        found = [self.raw(dataset).schema]
        for step in recipe.active:
            try:
                found.append(after(step, found[-1], known))
            except UserError:
                break
        return tuple(found)

    def learnable(self, dataset: str) -> dict[str, Any]:
        """What a run must be told about the table it learns from, as JSON: for `training.carry_out`."""
        card = self.dataset(dataset)
        told = {"table": card.path, "schema": records.to_json(card.schema), "fingerprint": card.fingerprint}
        if card.inputs is None:
            return told
        raw = self.raw(dataset)
        origin = {"recipe": records.to_json(card.recipe), "inputs": records.to_json(raw.schema)}
        return {**told, "origin": origin, "raw": raw.path}

    def recipe_accounts(self, dataset: str) -> tuple[Account, ...]:
        """What each step did to the table that `dataset` gives."""
        from mlcore.data.prepare_table import accounts

        return accounts(Path(self.dataset(dataset).path))

    def recipe_preview(self, job: str) -> Preview | None:
        """What a "recipe_preview" job saw; None until it is done."""
        from mlcore.workspace.preparing import read_preview

        return read_preview(places.job_folder(self.home, job))

    def forget_old_tables(self, dataset: str) -> None:
        """Delete prepared tables that are not shown, not wanted, in no run, and not among the newest."""
        made = places.dataset_folder(self.home, dataset) / "prepared"
        cards = sorted(made.glob("*/card.json"), key=lambda card: card.stat().st_mtime, reverse=True)
        with self.database.reading() as connection:
            row = connection.execute(sa.select(RECIPES).where(RECIPES.c.dataset == dataset)).first()
        kept = {row.wanted, row.applied} if row is not None else set()
        kept |= {card.parent.name for card in cards[:KEPT]} | self._learned_from(dataset)
        for card in cards:
            if card.parent.name not in kept:
                shutil.rmtree(card.parent, ignore_errors=True)

    def _learned_from(self, dataset: str) -> set[str]:
        found = set()
        for job in self._jobs.jobs(kind="train", dataset=dataset, limit=RUNS):
            told = places.run_folder(self.home, job.id) / "table.json"
            if told.is_file():
                found.add(Path(json.loads(told.read_text(encoding="utf-8"))["path"]).parent.name)
        return found

    def _is_made(self, dataset: str, table: str) -> bool:
        return (places.prepared_folder(self.home, dataset, table) / "card.json").is_file()
