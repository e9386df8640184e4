"""A new run that goes on where another one ended: nothing that was trained is trained again, the old run stays."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from mlcore import records
from mlcore.learning.folder import ENCODED
from mlcore.learning.run import STACK, Run
from mlcore.workspace.errands import LISTING

LEFT = (
    "evaluations", "holdout", "explanations", "beside", "leaderboard.json", "suspects.json", "suspects.parquet",
    "forecast.json", LISTING, ENCODED,
)  # fmt: skip
"""What was measured of the old run's models, and would not be true of the new one's; and what a killed run left."""

ABOUT = ("trials", "closer", "cases", "growth")
"""Folders with a folder for each model; the new run makes ensembles of its own under the same names."""


def take_over(old: Path, new: Path) -> None:
    """Lay out a run folder with the plan, the rows and the trials of another; nothing happens when it is there already.

    Files are linked, not copied: all of them are only ever replaced as a whole. Ensembles are made anew, calibrated
    versions when a person asks again.
    """
    if new.exists() or not (old / "plan.json").is_file() or not (old / "run.json").is_file():
        return
    run = records.read(Run, old / "run.json")
    ensembles = {trial.key for trial in run.trials if trial.weights or trial.of or trial.key == STACK}
    unfinished = new.with_name(f".{new.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    left = {str(old): {*LEFT}} | {str(old / name): ensembles for name in ABOUT}
    shutil.copytree(
        old, unfinished, copy_function=_linked, ignore=lambda folder, names: left.get(folder, set()).intersection(names)
    )
    kept = tuple(trial for trial in run.trials if trial.key not in ensembles)
    records.write(unfinished / "run.json", replace(run, id=new.name, trials=kept, best=None))
    unfinished.rename(new)


def _linked(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
    return target
