"""Import: a file becomes a dataset with its profile. Its bytes are read in a limited child process only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mlcore
from mlcore import records
from mlcore.data.dataset import Dataset
from mlcore.data.samples import samples
from mlcore.errors import ChoiceError
from mlcore.workspace import places
from mlcore.workspace.task import Task
from mlcore.workspace.work.check import looked_at
from mlcore.workspace.work.errand import Done, Errand, Work

SAMPLES = Path(mlcore.__file__).resolve().parent.parent / "sample_data"
READING_SECONDS = 600.0


async def _carry_out(errand: Errand) -> Done:
    """Args: `path` and optionally `name` and `choices`, or `sample`, the key of a table that comes with us."""
    dataset = errand.job.id
    source, name, origin = _source(errand)
    target = places.dataset_folder(errand.store.home, dataset) / "table.parquet"
    task = Task(
        call="mlcore.workspace.errands:bring",
        title="Reading the file",
        args={"source": source, "table": str(target), "name": name, "choices": errand.job.args.get("choices")},
        seconds=READING_SECONDS,
    )
    card = records.from_json(Dataset, await errand.run(task))
    errand.store.add_dataset(replace(card, source=origin), id=dataset)
    errand.tell(0.6, "Looking at the columns")
    await looked_at(errand, dataset, None, None)
    return Done(result={"dataset": dataset})


def _source(errand: Errand) -> tuple[str, str, str]:
    args = errand.job.args
    if "sample" not in args:
        path = Path(args["path"])
        return str(path), args.get("name") or path.stem, args.get("name") or path.name
    known = samples(SAMPLES)
    for sample in known:
        if sample.key == args["sample"]:
            return sample.path, sample.title, f"sample:{sample.key}"
    raise ChoiceError(args["sample"], [sample.key for sample in known], of="sample")


IMPORT = Work(key="import", queue="quick", carry_out=_carry_out)
