"""What the trials of a run said, read from its folder."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.predictions import Floats, Integers, Predictions
from mlcore.learning.folder import RunFolder
from mlcore.learning.run import Trial
from mlcore.learning.scoring import Scorer
from mlcore.learning.store import bounds


@dataclass(frozen=True, kw_only=True, eq=False)
class OutOfFold:
    """m predictions of rows by models that were not trained on them.

    `chosen` are positions among the run's n rows, each once in a round; `fold` numbers the fits and `round` the rounds
    of folds, from 0. `low` and `high` are there for numbers.
    """

    values: Floats
    chosen: Integers
    fold: Integers
    round: Integers
    low: Floats | None = None
    high: Floats | None = None

    @classmethod
    def read(cls, run: RunFolder, key: str) -> OutOfFold:
        """What a trial left."""
        with np.load(run.trial_folder(key) / "oof.npz") as stored:
            arrays = {name: _plain(stored[name]) for name in stored.files}
        arrays.setdefault("round", np.zeros_like(arrays["fold"]))  # until 2026-11 rounds were averaged
        return cls(**arrays)

    def arrays(self) -> dict[str, Any]:
        """The arrays that are there, by name."""
        return {field.name: array for field in fields(self) if (array := getattr(self, field.name)) is not None}

    def take(self, places: Integers) -> OutOfFold:
        """Those at these places, in this order."""
        return OutOfFold(**{name: array[places] for name, array in self.arrays().items()})

    def in_order(self) -> OutOfFold:
        """By round, then in the order of the rows: the same for every trial of a run with as many rounds."""
        return self.take(np.lexsort((self.chosen, self.round)))

    def rounds(self, count: int) -> OutOfFold:
        """Only the first rounds."""
        return self.take(np.flatnonzero(self.round < count))

    def bounded(self, residuals: Floats) -> OutOfFold:
        """With an interval for each, from the residuals of the other folds of its round."""
        low, high = np.empty_like(self.values), np.empty_like(self.values)
        for number in np.unique(self.round):
            here = self.round == number
            low[here], high[here] = bounds(self.values[here], residuals[here], self.fold[here])
        return replace(self, low=low, high=high)

    def predictions(self, run: RunFolder) -> Predictions:
        """Beside the truth. A row is there once a round: a score is that of single models, not of their mean."""
        return replace(run.predictions(self.values, self.chosen, run.measured), low=self.low, high=self.high)


def _plain(array: Any) -> Any:
    return array.astype(np.int64) if array.dtype.kind in "iu" else array


def trials(folder: Path) -> tuple[Trial, ...]:
    """The trials that ended, in the plan's order, ensembles last."""
    return RunFolder(folder).trials()


def out_of_fold(folder: Path, key: str) -> Predictions:
    """What the trial said about rows it had not been trained on, once for every round of folds."""
    run = RunFolder(folder)
    return OutOfFold.read(run, key).predictions(run)


def holdout(folder: Path, key: str) -> Predictions:
    """What the trial's final model says about the locked rows; `UserError` when none are locked, or it knows them."""
    run = RunFolder(folder)
    for trial in run.trials():
        if trial.key == key:
            trial.check_locked()
    chosen = np.flatnonzero(run.split.holdout & run.split.scored)
    if len(chosen) == 0:
        reason = run.plan.validation.reason
        raise UserError("No rows were locked away in this run", remedy=f"{reason[:1].upper()}{reason[1:]}.")
    scorer = Scorer.load(run.trial_folder(key) / "model")
    predictions = run.predictions(scorer.values_of(run.ready_of(chosen)), chosen, "hold-out")
    return with_interval(predictions, scorer.spec.get("interval"))


def with_interval(predictions: Predictions, interval: dict[str, float] | None) -> Predictions:
    """The same predictions with the model's interval around each; labels have none."""
    if interval is None:
        return predictions
    values = predictions.values
    return replace(predictions, low=values + interval["low"], high=values + interval["high"])
