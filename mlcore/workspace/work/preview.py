"""Preview: the beginning of a table, read as it would be imported, in a limited child process."""

from __future__ import annotations

from mlcore import records
from mlcore.workspace import places
from mlcore.workspace.task import Task
from mlcore.workspace.work.asked import place_of
from mlcore.workspace.work.errand import Done, Errand, Work

LOOKING_SECONDS = 120.0
FETCHING_SECONDS = 1200.0


async def _carry_out(errand: Errand) -> Done:
    """Args: `path` or `origin` (see `place_of`), and optionally `name` (the file's own) and `choices`.

    A file that is fetched stays in the upload folder of this job's id, for an import that says so in `looked`.
    """
    args, home, job = errand.job.args, errand.store.home, errand.job.id
    place = place_of(errand.store, args)
    task = Task(
        call="mlcore.workspace.bringing:look_ahead",
        title="Looking at the table",
        args={
            "origin": records.to_json(place),
            "choices": args.get("choices"),
            "home": str(home),
            "folder": str(places.upload_folder(home, job)),
            "out": str(places.job_folder(home, job)),
        },
        seconds=FETCHING_SECONDS if place.kind == "url" else LOOKING_SECONDS,
    )
    return Done(result={"rows": await errand.run(task)})


PREVIEW = Work(key="preview", queue="quick", carry_out=_carry_out)
