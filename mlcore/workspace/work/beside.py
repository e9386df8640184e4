"""Work behind the comparison of models: several side by side, and what more rows would bring to one."""

from __future__ import annotations

from pathlib import Path

from mlcore.errors import UserError
from mlcore.workspace import places, processes
from mlcore.workspace.task import Task
from mlcore.workspace.work.errand import Done, Errand, Work

SECONDS = 600.0
GROWING_SECONDS = 60.0
"""What boosted models may take to grow on the parts of one fold."""


async def _beside(errand: Errand) -> Done:
    """Args: `run`, and `keys`: two to four models, the one first that differences are counted from."""
    run, keys = errand.job.args["run"], list(errand.job.args["keys"])
    for key in keys:
        _model(errand, key)
    args = {"folder": str(_folder(errand)), "keys": keys}
    await errand.run(
        Task(call="mlcore.workspace.comparing:beside", title="Comparing the models", args=args, seconds=SECONDS)
    )
    return Done(result={"run": run, "keys": keys})


async def _growth(errand: Errand) -> Done:
    """Args: `run`, `key`. A step for each fold: what was learned stays when the errand is ended early."""
    run, key = errand.job.args["run"], errand.job.args["key"]
    _model(errand, key)
    args = {"folder": str(_folder(errand)), "key": key}
    folds = await errand.run(
        Task(call="mlcore.workspace.comparing:folds_to_grow", title="Looking at the folds", args=args, seconds=SECONDS)
    )
    for place, fold in enumerate(folds):
        more = {"fold": fold, "seconds": GROWING_SECONDS, "threads": processes.usable_cores()}
        title = f"Learning from parts of the rows, fold {place + 1} of {len(folds)}"
        task = Task(call="mlcore.workspace.comparing:grow", title=title, args={**args, **more}, seconds=SECONDS)
        await errand.run(task, done=0.9 * place / len(folds))
    last = Task(
        call="mlcore.workspace.comparing:conclude_growth", title="Fitting the curve", args=args, seconds=SECONDS
    )
    await errand.run(last, done=0.9)
    return Done(result={"run": run, "key": key})


def _folder(errand: Errand) -> Path:
    return places.run_folder(errand.store.home, errand.job.args["run"])


def _model(errand: Errand, key: str) -> None:
    if not errand.store.model_folder(errand.job.args["run"], key).is_dir():
        raise UserError("This model is not there (any more)", remedy="Choose one that finished training.")


BESIDE = Work(key="beside", queue="quick", carry_out=_beside)
GROWTH = Work(key="growth", queue="quick", carry_out=_growth)
