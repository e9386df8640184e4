"""Import: a table becomes a dataset with its profile. Its bytes are read in a limited child process only."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcore import records
from mlcore.data.changes import changes
from mlcore.data.dataset import Dataset
from mlcore.data.origin import Origin
from mlcore.findings import Finding, worst_first
from mlcore.workspace import places
from mlcore.workspace.carrying import carried
from mlcore.workspace.task import Task
from mlcore.workspace.work.asked import place_of
from mlcore.workspace.work.check import looked_at
from mlcore.workspace.work.errand import Done, Errand, Work
from mlcore.workspace.work.prepare import replayed

BRINGING_SECONDS = 3600.0


async def _carry_out(errand: Errand) -> Done:
    """Args: `path`, `sample` or `origin` (see `place_of`), and optionally `name`, `choices` and `again`.

    `again` is a dataset of which this becomes the next version. `looked` is the preview job of the same place, whose
    fetched file is used. Result: `dataset`, `version`, and `changes`, the number of findings about what is different.
    """
    store, args, dataset = errand.store, errand.job.args, errand.job.id
    place, again = place_of(store, args), args.get("again")
    choices = args.get("choices") or (store.choices(again) if again else None)
    try:
        card = await _brought(errand, place, choices)
    finally:
        shutil.rmtree(places.upload_folder(store.home, dataset), ignore_errors=True)
    store.add_dataset(card, id=dataset)
    version = store.set_origin(dataset, place, choices=choices, again=again)
    found = await _compared(errand, again, card) if again else 0
    await looked_at(errand, dataset, None, None)
    return Done(result={"dataset": dataset, "version": version, "changes": found})


async def _brought(errand: Errand, place: Origin, choices: Mapping[str, Any] | None) -> Dataset:
    home, dataset, args = errand.store.home, errand.job.id, errand.job.args
    folder = places.dataset_folder(home, dataset)
    again = args.get("again")
    name = args.get("name") or (errand.store.dataset(again).name if again else "")
    if place.kind == "sample":
        name = name or place.title
    task = Task(
        call="mlcore.workspace.bringing:bring",
        title="Reading the table",
        args={
            "origin": records.to_json(place),
            "table": str(folder / "table.parquet"),
            "name": name,
            "choices": choices,
            "home": str(home),
            "folder": str(_fetched(errand, place)),
        },
        seconds=BRINGING_SECONDS,
    )
    try:
        return records.from_json(Dataset, await errand.run(task))
    except Exception:  # also what a killed child had begun to write
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _fetched(errand: Errand, place: Origin) -> Path:
    """Where a file is fetched to: where the preview of the same place has put it, if there was one."""
    looked = errand.job.args.get("looked")
    if looked:
        before = errand.store.job(looked)
        if before.kind == "preview" and place_of(errand.store, before.args) == place:
            return places.upload_folder(errand.store.home, looked)
    return places.upload_folder(errand.store.home, errand.job.id)


async def _compared(errand: Errand, again: str, card: Dataset) -> int:
    """Carry over what was said about the version before, do its recipe, and write down what is different."""
    store, dataset = errand.store, errand.job.id
    told: tuple[Finding, ...] = ()
    if store.recipe(again):
        carried(store, again, dataset)  # what was said about raw columns goes into the prepared table
        told = await replayed(errand, again, dataset)
    found = (*changes(store.imported(again), card), *told, *carried(store, again, dataset))
    records.write(store.changes_path(dataset), worst_first(found))
    return len(found)


IMPORT = Work(key="import", queue="quick", carry_out=_carry_out)
