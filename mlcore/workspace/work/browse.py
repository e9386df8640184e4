"""Browse: list the tables of a database."""

from __future__ import annotations

from mlcore.workspace import places
from mlcore.workspace.task import Task
from mlcore.workspace.work.errand import Done, Errand, Work

BROWSING_SECONDS = 60.0


async def _carry_out(errand: Errand) -> Done:
    """Args: `connection`. Result: `tables`, how many there are; `Store.tables(job)` has them."""
    home = errand.store.home
    connection = errand.store.connection(str(errand.job.args["connection"]))
    task = Task(
        call="mlcore.workspace.bringing:browse",
        title=f"Looking into {connection.name}",
        args={
            "connection": connection.id,
            "home": str(home),
            "out": str(places.job_folder(home, errand.job.id)),
        },
        seconds=BROWSING_SECONDS,
    )
    return Done(result={"tables": await errand.run(task)})


BROWSE = Work(key="browse", queue="quick", carry_out=_carry_out)
