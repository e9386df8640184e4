"""Look closer at one model of a run: its worst segments, and a column or two as slices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlcore.errors import ChoiceError, UserError
from mlcore.workspace import acting, closer, places
from mlcore.workspace.task import Task, value_of
from mlcore.workspace.work.errand import Done, Errand, Work

LOOKS: Mapping[str, str] = {
    "segments": "Looking for the worst segment",
    "slices": "Measuring each slice",
    "fairness": "Comparing the groups",
    "evened": "Trying a threshold for each group",
    "stress": "Fitting it again without the rows it is tried on",
    "rows": "Laying the rows beside what was said",
    "against": "Laying residuals along the column",
    "in_time": "Measuring the error over time",
    "calibrators": "Trying calibrators",
    "actions": "Searching row by row",
}
"""What can be looked at, a verb of `mlcore.workspace.closer`, `erring` or `acting` each, and what is said meanwhile."""

MODULES = {**dict.fromkeys(("rows", "against", "in_time", "calibrators"), "erring"), "actions": "acting"}
GROWING = ("stress", "actions")
"""What they leave behind tells how far they have come."""

SECONDS = 300.0
STRESS_SECONDS = 30.0
MOST_SECONDS = 1800.0  # to fit it again and to try it


async def _closer(errand: Errand) -> Done:
    """Args: `run`, `key`, `look` (a key of LOOKS) and what its verb asks for, in `more`."""
    args = errand.job.args
    if args["look"] not in LOOKS:
        raise ChoiceError(args["look"], LOOKS, of="look")
    if not errand.store.model_folder(args["run"], args["key"]).is_dir():
        raise UserError("This model is not there (any more)", remedy="Choose one that finished training.")
    folder = places.run_folder(errand.store.home, args["run"])
    verb = f"mlcore.workspace.{MODULES.get(args['look'], 'closer')}:{args['look']}"
    more: dict[str, Any] = dict(args.get("more") or {})
    if args["look"] == "stress":
        more = {"seconds": STRESS_SECONDS, **more, "opened": args["key"] in errand.store.opened(args["run"])}
    task = Task(
        call=verb,
        title=LOOKS[args["look"]],
        args={"folder": str(folder), "key": args["key"], **more},
        seconds=MOST_SECONDS if args["look"] in GROWING else SECONDS,
    )
    await (_growing(errand, task) if args["look"] in GROWING else errand.run(task))
    return Done(result={"run": args["run"], "key": args["key"], "look": args["look"]})


async def _growing(errand: Errand, task: Task) -> Any:
    """Execute the task; how far it has come stands in what it leaves behind while it goes on."""
    seen = 0.0
    errand.tell(seen, task.title)

    def wanted() -> bool:
        nonlocal seen
        made = _so_far(errand)
        if made is not None and made.progress > seen:
            seen = made.progress
            errand.tell(min(0.99, seen), SAID[errand.job.args["look"]](made))
        return errand.wish() is None

    return await errand.step(errand.job.args["look"], lambda: value_of(errand.engine.run(task, wanted)))


def _so_far(errand: Errand) -> Any:
    args = errand.job.args
    if args["look"] == "stress":
        return closer.read_stress(errand.store, args["run"], args["key"])
    return acting.read_actions(errand.store, args["run"], args["key"], args["more"]["question"])


SAID: Mapping[str, Callable[[Any], str]] = {
    "stress": lambda _: "Trying worse input",
    "actions": lambda made: f"Row {len(made.actions):,} of {made.rows:,}",
}


CLOSER = Work(key="closer", queue="quick", carry_out=_closer)
