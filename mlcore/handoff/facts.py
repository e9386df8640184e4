"""What is known about a model of a run when it is handed over, gathered from the folder of the run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import mlcore
from mlcore import records
from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.fairness import Fairness
from mlcore.evaluation.stated import sentences
from mlcore.findings import Finding
from mlcore.handoff.card import Facts
from mlcore.learning.again import note
from mlcore.learning.folder import RunFolder
from mlcore.learning.ruling import told
from mlcore.learning.run import Run, Trial

if TYPE_CHECKING:
    from mlcore.learning.scoring import Scorer


def facts_of(run: RunFolder, trial: Trial, scorer: Scorer, *, rows: int, plugins: tuple[str, ...]) -> Facts:
    """Of a model that learned from so many rows, and that takes these files of plug-ins along."""
    titles = {candidate.key: candidate.title for candidate in run.candidates}
    return Facts(
        title=trial.title,
        rows=rows,
        columns=tuple((run.plan.inputs or run.plan.schema)[str(field["name"])] for field in scorer.wanted),
        labels=tuple(scorer.labels),
        ingredients=tuple(f"{titles.get(member, member)} ({percent(weight)})" for member, weight in trial.weights),
        evaluations=_evaluations(run, _judged(trial)),
        expected=_expected(run, _judged(trial)),
        findings=_findings(run),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        run=run.path.name,
        product=f"tablesmith {mlcore.__version__}",
        recipe=tuple(scorer.recipe["text"]) if scorer.recipe is not None else (),
        points=_points(scorer),
        plugins=plugins,
        stacked="stack" in scorer.spec,
        policy=sentences(told(scorer.spec, scorer.policy)),
        compared=_compared(run, _judged(trial)),
        rests_on=note(run) if trial.all_rows else "",
    )


def _judged(trial: Trial) -> str:
    """The key of the model that was measured: the one that this one comes from, where it has learned from all rows."""
    return trial.of if trial.all_rows else trial.key


def _compared(run: RunFolder, key: str) -> tuple[Fairness, ...]:
    """What was computed when somebody compared groups, at the threshold that was looked at last for each column."""
    found = sorted((run.path / "closer" / key).glob("fairness-*.json"), key=lambda path: path.stat().st_mtime_ns)
    made = {one.columns: one for one in (records.read(Fairness, path) for path in found)}
    return tuple(made.values())


def _points(scorer: Scorer) -> tuple[tuple[str, str, int], ...]:
    """The points of a scorecard that stands alone."""
    from mlcore.learning.points import lines_of

    if len(scorer.members) > 1:
        return ()
    lines = lines_of(scorer.members[0][1], scorer.fields)
    return tuple((line.column, line.values, line.points) for line in lines)


def _evaluations(run: RunFolder, key: str) -> tuple[Evaluation, ...]:
    """What cross-validation says, and what the hold-out rows say when a person has opened them."""
    from mlcore.evaluation.evaluate import evaluate
    from mlcore.learning.train import out_of_fold

    judged, opened = run.path / "evaluations" / f"{key}.json", run.path / "holdout" / f"{key}.json"
    if judged.is_file():
        first = records.read(Evaluation, judged)
    else:
        first = evaluate(out_of_fold(run.path, key), threshold=run.plan.goal.threshold, seed=run.plan.seed)
    return (first, records.read(Evaluation, opened)) if opened.is_file() else (first,)


def _expected(run: RunFolder, key: str) -> str:
    """What to expect after the choice, when the model is the one that was chosen."""
    from mlcore.evaluation.compare import Leaderboard
    from mlcore.evaluation.metrics import METRICS
    from mlcore.evaluation.selection import expected

    path = run.path / "leaderboard.json"
    made = records.read(Leaderboard, path).expected_of(key) if path.is_file() else None
    return expected(made, METRICS[run.plan.goal.metric]) if made is not None else ""


def _findings(run: RunFolder) -> tuple[Finding, ...]:
    """What was noticed when the run was planned and prepared."""
    told = run.path / "run.json"
    return records.read(Run, told).findings if told.is_file() else run.findings
