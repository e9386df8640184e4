"""What comes after a run or a bundle where a tracking server of MLflow is named: noting it there, come what may."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from mlcore.handoff import tracking
from mlcore.workspace import places
from mlcore.workspace.task import Task, WorkError
from mlcore.workspace.work.errand import Errand

LOG = logging.getLogger(__name__)


async def noted(errand: Errand, run: str, bundle: Path | None = None) -> None:
    """Note the run, and the model of its bundle; what came of it is in the log, and never an error of the job."""
    if not tracking.wanted():
        return
    folder = places.run_folder(errand.store.home, run)
    args = {"folder": str(folder), "run": run, "bundle": None if bundle is None else str(bundle)}
    task = Task(call="mlcore.workspace.errands:note_at_mlflow", title="Noting it at MLflow", args=args, seconds=300)
    with contextlib.suppress(WorkError):
        LOG.warning("%s", await errand.run(task, done=0.95))
