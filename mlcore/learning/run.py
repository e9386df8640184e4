"""What came of a plan: a trial for each candidate, and the run they belong to."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mlcore.errors import UserError
from mlcore.evaluation.metrics.metric import Metric
from mlcore.findings import Finding
from mlcore.learning.models import MODELS
from mlcore.records import added

STACK = "stack"
"""The key of the trial that a second layer over the others is."""

TrialState = Literal["waiting", "running", "done", "failed", "skipped"]
RunState = Literal["waiting", "running", "done", "stopped", "cancelled", "failed"]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One candidate tried, or the reason it was not.

    `score` is the goal's metric over all out-of-fold predictions, `fold_scores` the same by fold. `seconds` is the
    time it took altogether, `ms_per_1000` the time to predict 1,000 rows, `megabytes` the size of the stored model.
    `weights` are the members of an ensemble with their weights, which sum to 1. `ended` is when it ended, in seconds of
    the run's own clock; `round_seconds` what one round of folds with its final model takes. `rounds` is how often the
    final model was boosted, or passed through its rows; None where it does not grow. `part` says whether it stayed as
    it grew on some of its rows, beside those it was stopped by (None: not known). `of` is the key of the trial that
    this one is the calibrated version of, or the one that learned again; then `all_rows` is from how many rows, the
    locked ones among them, and its scores are those of that trial.
    """

    key: str
    model: str
    title: str
    state: TrialState
    reason: str = ""
    score: float | None = None
    train_score: float | None = None
    fold_scores: tuple[float, ...] = ()
    seconds: float = 0.0
    round_seconds: float | None = None
    ended: float | None = None
    ms_per_1000: float | None = None
    megabytes: float | None = None
    weights: tuple[tuple[str, float], ...] = ()
    notes: tuple[str, ...] = ()
    rounds: int | None = added(None)
    of: str = added("")
    part: bool | None = added(None)
    all_rows: int = added(0)

    @property
    def knows_locked(self) -> str:
        """Why the locked rows cannot be opened for this model; empty when they can."""
        return f"“{self.title}”: these rows cannot judge what has learned from them" if self.all_rows else ""

    def check_locked(self) -> None:
        """Raise `UserError` when the locked rows cannot be opened for this model."""
        if self.knows_locked:
            raise UserError(self.knows_locked, remedy="Look at what they said of the model that it comes from.")


@dataclass(frozen=True, kw_only=True)
class Run:
    """A plan carried out. `best` is the key of the recommended trial. `seconds` is the wall-clock time spent."""

    id: str
    plan: str
    state: RunState
    trials: tuple[Trial, ...] = ()
    best: str | None = None
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    reason: str = ""

    def __getitem__(self, key: str) -> Trial:
        for trial in self.trials:
            if trial.key == key:
                return trial
        raise KeyError(key)


def has_model(trials: Iterable[Trial]) -> bool:
    """Whether something better than a yardstick has ended well."""
    done = (trial.model for trial in trials if trial.state == "done" and trial.model in MODELS)
    return any(MODELS[model].family != "baseline" for model in done)


def best_first(trials: Iterable[Trial], metric: Metric) -> list[Trial]:
    """Those that ended well with a score, the best first; of equal ones the earlier."""
    able = [(trial.score, trial) for trial in trials if trial.state == "done" and trial.score is not None]
    able = [(score, trial) for score, trial in able if math.isfinite(score)]
    return [trial for _, trial in sorted(able, key=lambda one: -metric.gain(one[0], 0.0))]
