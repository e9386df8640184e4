"""What came of a run: the leaderboard's entries, and the trial to recommend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlcore.evaluation.compare import Entry, leaderboard
from mlcore.evaluation.metrics import METRICS
from mlcore.learning.compact import KEY as COMPACT
from mlcore.learning.folder import RunFolder
from mlcore.learning.models import MODELS
from mlcore.learning.results import OutOfFold
from mlcore.learning.run import STACK, Run, RunState, Trial

MOST_COMPLEX = 9


def entries(folder: Path) -> Iterator[Entry]:
    """Every trial that was not given up, as the leaderboard wants it, with its out-of-fold predictions, one by one.

    None that learned again from all rows: nothing was measured of it that is not measured of the one it comes from.
    """
    run = RunFolder(folder)
    return (_entry(run, trial) for trial in run.trials() if trial.state != "skipped" and not trial.all_rows)


def conclude(folder: Path, *, run_id: str = "", state: RunState = "done", seconds: float = 0.0) -> Run:
    """The run with its trials; `best` is the simplest trial that is as good as the best, None when none ended well."""
    run = RunFolder(folder)
    board = leaderboard(entries(folder), METRICS[run.plan.goal.metric], seed=run.plan.seed)
    done = board.recommended is not None
    return Run(
        id=run_id or run.plan.id,
        plan=run.plan.id,
        state=state if done else "failed",
        trials=run.trials(),
        best=board.recommended,
        seconds=seconds,
        findings=run.findings,
        reason="" if done else "No candidate ended well.",
    )


def simplicity(trial: Trial) -> int:
    """How easily a person can follow the trial's model: 1 the easiest, a blend the hardest; its fast version less.

    A calibrated version is less simple than what it is made of."""
    if trial.key == COMPACT:
        return MOST_COMPLEX - 1
    if trial.weights or trial.model not in MODELS:
        return MOST_COMPLEX
    return MODELS[trial.model].simplicity + (1 if trial.of else 0)


def _entry(run: RunFolder, trial: Trial) -> Entry:
    done = trial.state == "done"
    return Entry(
        key=trial.key,
        title=trial.title,
        predictions=OutOfFold.read(run, trial.key).predictions(run) if done else None,
        simplicity=simplicity(trial),
        score=trial.score,
        train_score=trial.train_score,
        fit_seconds=trial.seconds,
        ms_per_1000=trial.ms_per_1000,
        megabytes=trial.megabytes,
        members=tuple(dict.fromkeys(key for key, _ in trial.weights)) if len(trial.weights) > 1 else (),
        cross_fitted=STACK in (trial.key, trial.of),
        error="" if done else trial.reason,
    )
