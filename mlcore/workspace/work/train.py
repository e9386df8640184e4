"""Train: a run from the plan to the leaderboard; one durable step for each candidate."""

from __future__ import annotations

from typing import Any

from mlcore.errors import UserError
from mlcore.workspace import places
from mlcore.workspace.continuing import take_over
from mlcore.workspace.training import Training
from mlcore.workspace.work.errand import Done, Errand, Work
from mlcore.workspace.work.noted import noted

BUDGET_SECONDS = 300.0
NICE = 10
"""How far training steps back behind the pages, which share the machine."""


async def _carry_out(errand: Errand) -> Done:
    """Args: `dataset`, `goal`, and optionally `seconds`, `seed`, `models`, `search`, and `continues`: the run that is
    gone on with, whose time counts."""
    folder = places.run_folder(errand.store.home, errand.job.id)
    if errand.job.args.get("continues"):
        take_over(places.run_folder(errand.store.home, errand.job.args["continues"]), folder)
    training = Training(folder, errand.engine, wish=errand.wish, tell=errand.tell, nice=NICE)
    run = await training.carry_out(_request(errand), errand.step)
    if run.best is not None:
        _explain_next(errand, run.best)
        await noted(errand, errand.job.id)
    return Done(result={"run": errand.job.id, "best": run.best}, state=run.state)


def _request(errand: Errand) -> dict[str, Any]:
    args = errand.job.args
    if args.get("goal") is None:
        raise UserError("There is no goal for this table yet", remedy="Say what to predict first.")
    return {
        **errand.store.learnable(args["dataset"]),
        "goal": args["goal"],
        "seconds": float(args.get("seconds", BUDGET_SECONDS)),
        "seed": int(args.get("seed", 0)),
        "models": args.get("models"),
        "search": bool(args.get("search", True)),
    }


def _explain_next(errand: Errand, key: str) -> None:
    """Have the recommended model explained by the time someone looks; it is not part of the budget."""
    run = errand.job.id
    errand.store.submit("explain", {"run": run, "key": key}, "Explaining the model", key=f"explain {run} {key}")


TRAIN = Work(key="train", queue="long", carry_out=_carry_out)
