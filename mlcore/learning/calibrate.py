"""A calibrated version of a model, as a trial of its own beside it.

What it is scored on are calibrators that each fold gets from the others of its round; the one that is stored learned
from all out-of-fold predictions. The fitted pipelines are those of the model, untouched.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from mlcore import files, records
from mlcore.errors import UserError
from mlcore.evaluation.policy import FILE as POLICY
from mlcore.learning.calibrators import WAYS, Calibration, Way, crossed, tried
from mlcore.learning.folder import RunFolder
from mlcore.learning.results import OutOfFold
from mlcore.learning.run import Trial
from mlcore.learning.trial import save_out_of_fold, scored

SAID: dict[Way, str] = {"platt": "a line in the log-odds (Platt scaling)", "isotonic": "rising steps (isotonic)"}


def key_of(key: str) -> str:
    """The key of the calibrated version of a trial."""
    return f"{key}_calibrated"


def calibrate(folder: Path, key: str) -> Trial:
    """Make the calibrated version of a trial by the calibrator that helps most, and store it as a trial of its own.

    Raises `UserError` when none helps beyond chance, or none can be tried.
    """
    start = time.monotonic()
    run = RunFolder(folder)
    whole = next(trial for trial in run.trials() if trial.key == key)
    if whole.all_rows:
        raise UserError(
            f"“{whole.title}” cannot be calibrated: no rows are left that could say whether it helps",
            remedy="Calibrate the model it comes from, and let that version learn from all rows.",
        )
    found = tried(run, key)
    way = found.helpful
    if way is None:
        raise UserError(
            (found.why_not or "No calibrator lowers log loss beyond chance").rstrip("."),
            remedy="Its probabilities can be taken as they are.",
        )
    said = OutOfFold.read(run, key)
    truth = run.truth[said.chosen].astype(np.int64)
    name, title = key_of(key), f"{whole.title}, calibrated"
    shutil.rmtree(run.trial_folder(name), ignore_errors=True)
    left = save_out_of_fold(run, name, replace(said, values=crossed(way, said, truth)))
    _store(run, whole, (name, title), WAYS[way](said.values, truth))
    best = next(one for one in found.tried if one.key == way)
    note = (
        f"The probabilities of “{whole.title}” put right by {SAID[way]}: log loss {found.loss:.4f} → {best.loss:.4f} "
        "on rows that the calibrator was not fitted on."
    )
    made = replace(whole, key=name, title=title, of=key, notes=(note, *whole.notes), ended=None, round_seconds=None)
    made = scored(run, made, left)
    return run.write_trial(replace(made, seconds=whole.seconds + time.monotonic() - start))


def _store(run: RunFolder, whole: Trial, named: tuple[str, str], calibration: Calibration) -> None:
    """The model's folder again, with the calibration; not its policy, whose threshold is one of other probabilities."""
    name, title = named
    folder = run.trial_folder(name) / "model"
    shutil.copytree(run.trial_folder(whole.key) / "model", folder, ignore=shutil.ignore_patterns(POLICY))
    path = folder / "scoring.json"
    spec = json.loads(path.read_text(encoding="utf-8"))
    card = {**spec["card"], "key": name, "title": title}
    files.write_text(path, records.readable({**spec, "card": card, "calibration": dict(calibration)}))
