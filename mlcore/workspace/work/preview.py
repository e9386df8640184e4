"""Preview: the beginning of a table, read as it would be imported, in a limited child process."""

from __future__ import annotations

from mlcore.workspace import places
from mlcore.workspace.task import Task
from mlcore.workspace.work.errand import Done, Errand, Work

LOOKING_SECONDS = 120.0


async def _carry_out(errand: Errand) -> Done:
    """Args: `path`, and optionally `name` (the file's own) and `choices`."""
    args = errand.job.args
    task = Task(
        call="mlcore.workspace.looking:look_ahead",
        title="Looking at the file",
        args={
            "source": args["path"],
            "name": args.get("name") or "",
            "choices": args.get("choices"),
            "folder": str(places.job_folder(errand.store.home, errand.job.id)),
        },
        seconds=LOOKING_SECONDS,
    )
    return Done(result={"rows": await errand.run(task)})


PREVIEW = Work(key="preview", queue="quick", carry_out=_carry_out)
