"""What the trials of a run said, read from its folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.predictions import Predictions
from mlcore.learning.folder import RunFolder
from mlcore.learning.run import Trial
from mlcore.learning.scoring import Scorer


def trials(folder: Path) -> tuple[Trial, ...]:
    """The trials that ended, in the plan's order, ensembles last."""
    return RunFolder(folder).trials()


def out_of_fold(folder: Path, key: str) -> Predictions:
    """What the trial said about rows it had not been trained on; repeats are averaged row by row."""
    run = RunFolder(folder)
    with np.load(run.trial_folder(key) / "oof.npz") as stored:
        predictions = run.predictions(stored["values"], stored["chosen"], run.measured)
        if "low" in stored:
            predictions = replace(predictions, low=stored["low"], high=stored["high"])
    return predictions


def holdout(folder: Path, key: str) -> Predictions:
    """What the trial's final model says about the locked rows; `UserError` when none are locked."""
    run = RunFolder(folder)
    chosen = np.flatnonzero(run.split.holdout)
    if len(chosen) == 0:
        raise UserError("No rows were locked away in this run", remedy=run.plan.validation.reason.capitalize() + ".")
    scorer = Scorer.load(run.trial_folder(key) / "model")
    predictions = run.predictions(scorer.values_of(run.features.iloc[chosen]), chosen, "hold-out")
    return with_interval(predictions, scorer.spec.get("interval"))


def with_interval(predictions: Predictions, interval: dict[str, float] | None) -> Predictions:
    """The same predictions with the model's interval around each; labels have none."""
    if interval is None:
        return predictions
    values = predictions.values
    return replace(predictions, low=values + interval["low"], high=values + interval["high"])
