"""Look closer at one model of a run: its worst segments, and a column or two as slices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.errors import ChoiceError, UserError
from mlcore.workspace import places
from mlcore.workspace.task import Task
from mlcore.workspace.work.errand import Done, Errand, Work

LOOKS: Mapping[str, str] = {
    "segments": "Looking for the worst segment",
    "slices": "Measuring each slice",
    "fairness": "Comparing the groups",
    "evened": "Trying a threshold for each group",
    "rows": "Laying the rows beside what was said",
    "against": "Laying residuals along the column",
    "in_time": "Measuring the error over time",
    "calibrators": "Trying calibrators",
}
"""What can be looked at, a verb of `mlcore.workspace.closer` or `erring` each, and what is said meanwhile."""

ERRING = ("rows", "against", "in_time", "calibrators")

SECONDS = 300.0


async def _closer(errand: Errand) -> Done:
    """Args: `run`, `key`, `look` (a key of LOOKS) and what its verb asks for, in `more`."""
    args = errand.job.args
    if args["look"] not in LOOKS:
        raise ChoiceError(args["look"], LOOKS, of="look")
    if not errand.store.model_folder(args["run"], args["key"]).is_dir():
        raise UserError("This model is not there (any more)", remedy="Choose one that finished training.")
    folder = places.run_folder(errand.store.home, args["run"])
    verb = f"mlcore.workspace.{'erring' if args['look'] in ERRING else 'closer'}:{args['look']}"
    more: dict[str, Any] = dict(args.get("more") or {})
    task = Task(
        call=verb,
        title=LOOKS[args["look"]],
        args={"folder": str(folder), "key": args["key"], **more},
        seconds=SECONDS,
    )
    await errand.run(task)
    return Done(result={"run": args["run"], "key": args["key"], "look": args["look"]})


CLOSER = Work(key="closer", queue="quick", carry_out=_closer)
