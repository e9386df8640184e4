"""Check: profile a table and run the checks, with or without a target in view."""

from __future__ import annotations

from mlcore import records
from mlcore.workspace.task import Task
from mlcore.workspace.work.errand import Done, Errand, Work


async def _carry_out(errand: Errand) -> Done:
    """Args: `dataset`, and optionally `target` and `task`."""
    args = errand.job.args
    await looked_at(errand, args["dataset"], args.get("target"), args.get("task"))
    return Done(result={"dataset": args["dataset"], "target": args.get("target")})


async def looked_at(errand: Errand, dataset: str, target: str | None, task: str | None) -> None:
    """Make profile and findings of a dataset, as its columns are understood now."""
    card = errand.store.dataset(dataset)
    folder = errand.store.findings_folder(dataset, target)
    await errand.run(
        Task(
            call="mlcore.workspace.errands:look",
            title="Looking at the columns",
            args={
                "table": card.path,
                "schema": records.to_json(errand.store.schema_for(dataset, target)),
                "target": target,
                "task": task,
                "folder": str(folder),
            },
            seconds=600,
        )
    )


CHECK = Work(key="check", queue="quick", carry_out=_carry_out)
