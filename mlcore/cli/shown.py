"""What the command line shows of a record: the JSON documents of the contract, and the same for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.selection import expected
from mlcore.findings import Finding, worst_first

if TYPE_CHECKING:
    from mlcore.api import Training
    from mlcore.data.profile import Profile
    from mlcore.evaluation.compare import Row
    from mlcore.evaluation.evaluation import Evaluation, Measure
    from mlcore.evaluation.selection import Selection
    from mlcore.handoff.exporting import Exported
    from mlcore.handoff.manifest import OutputProof, Proof

NO_REMEDY = "Nothing to do."


def training_document(trained: Training) -> dict[str, Any]:
    """The document of `train --json`; `baseline`, `best` and `recommended` are keys of the leaderboard's rows.

    `best` is the model that the hold-out score and the bundle are of; `recommended` the simplest of those as good.
    """
    board, goal = trained.leaderboard, trained.plan.goal
    return {
        "run": trained.run.id,
        "task": goal.task,
        "metric": goal.metric,
        "higher_is_better": METRICS[goal.metric].higher_is_better,
        "seconds": round(trained.run.seconds, 2),
        "baseline": board.baseline,
        "best": trained.best,
        "recommended": board.recommended,
        "leaderboard": [_row(row) for row in board.rows],
        "selection": _selection(board.expected_of(trained.best)),
        "holdout": _holdout(trained.holdout, goal.metric),
        "holdout_opened_before": trained.opened_before,
        "findings": [_finding(finding) for finding in worst_first(trained.run.findings)],
        "bundle": None if trained.bundle is None else trained.bundle.path,
    }


def training(trained: Training) -> str:
    """The leaderboard and what came of it, for a terminal."""
    goal, board = trained.plan.goal, trained.leaderboard
    metric = METRICS[goal.metric]
    better = "higher" if metric.higher_is_better else "lower"
    lines = [f"{goal.target}: {metric.title} over {board.n:,} rows by {board.measured}; {better} is better", ""]
    lines += [_line(row, trained.best) for row in board.rows]
    if board.recommended not in (None, trained.best):
        lines += ["", f"As good and simpler: {board.recommended} (take it with --simple)"]
    told = board.expected_of(trained.best)
    if told is not None and told.of > 1:
        lines += ["", expected(told, metric)]
    if board.unbeaten:
        lines += ["", board.unbeaten]
    if trained.holdout is not None and goal.metric in trained.holdout:
        measure = trained.holdout[goal.metric]
        by = "which nothing was chosen" if not trained.opened_before else "which no model of this run was chosen"
        lines += [
            "",
            f"On the {trained.holdout.n:,} locked rows, by {by}: {_interval(measure)}",
            *_earlier(trained),
        ]
    lines += ["", trained.all_rows] if trained.all_rows else []
    lines += _advice(trained.run.findings)
    lines += ["", f"run {trained.run.id}, {trained.run.seconds:.0f} s"]
    if trained.bundle is not None:
        lines.append(f"bundle {trained.bundle.path}, proven on {_proven(trained.bundle.proof)}")
    return "\n".join(lines)


def evaluation_document(found: Evaluation) -> dict[str, Any]:
    """The document of `evaluate --json`."""
    metrics = {m.key: {"value": m.value, "low": m.low, "high": m.high} for m in found.measures}
    return {"n": found.n, "metrics": metrics}


def evaluation(found: Evaluation) -> str:
    """The measures, for a terminal."""
    lines = [f"{found.n:,} rows"]
    lines += [f"  {measure.title:<50} {_interval(measure)}" for measure in found.measures]
    return "\n".join([*lines, *found.notes])


def profile(found: Profile) -> str:
    """The columns and the findings, for a terminal."""
    lines = [f"{found.rows:,} rows, {len(found.columns):,} columns, {found.duplicates:,} repeated rows"]
    lines += [f"  {c.name:<30} {c.storage:<10} {c.missing:,} missing, {c.distinct:,} distinct" for c in found.columns]
    return "\n".join([*lines, *_advice(found.findings)])


def proof(found: Proof) -> str:
    """What was replayed, for a terminal."""
    lines = []
    for path in found.paths:
        lines.append(f"{'ok' if path.ok else 'NO'}  {path.title}: {_gap(path.difference)} {path.note}")
        lines += [f"      {output.column}: {_output(output)}" for output in path.outputs]
    lines += list(found.sentences)
    said = f"verified on {found.rows} golden rows" if found.ok else "NOT verified"
    return "\n".join([line.rstrip() for line in lines] + [said])


def _output(found: OutputProof) -> str:
    if found.difference is None:
        return f"differs in {found.rows} rows"
    return f"{found.difference:.1g}" + (f", beyond the tolerance in {found.rows} rows" if found.rows else "")


def exported(found: Exported) -> str:
    """What was written, how it was replayed, and what to know, for a terminal."""
    lines = [f"{'ok' if path.ok else 'NO'}  {path.title}: {_gap(path.difference)} {path.note}" for path in found.proof]
    return "\n".join([*(line.rstrip() for line in lines), *found.notes, f"Exported: {found.path}"])


def _row(row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "title": row.title,
        "score": row.score,
        "low": row.low,
        "high": row.high,
        "tied": row.tied,
        "gain": row.gain,
        "fit_seconds": row.fit_seconds,
        "ms_per_1000": row.ms_per_1000,
        "size_mb": row.megabytes,
        "error": row.error or None,
    }


def _selection(found: Selection | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"score": found.score, "low": found.low, "high": found.high, "flattered_by": found.flattered_by}


def _finding(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "level": finding.level, "title": finding.title, "columns": list(finding.columns)}


def _holdout(found: Evaluation | None, metric: str) -> dict[str, Any] | None:
    if found is None or metric not in found:
        return None
    measure = found[metric]
    return {"score": measure.value, "low": measure.low, "high": measure.high, "n": found.n}


def _earlier(trained: Training) -> list[str]:
    """That the locked rows are no longer untouched."""
    runs = trained.opened_before
    if not runs:
        return []
    earlier = "an earlier run" if runs == 1 else f"{runs} earlier runs"
    return [f"They were opened for {earlier} too: what was changed because of them flatters this number."]


def _line(row: Row, best: str | None) -> str:
    mark = "→" if row.key == best else " "
    if row.score is None:
        return f"{mark} {row.title:<42} {row.error.removeprefix(row.title).lstrip()}"
    tied = "  tied with the best" if row.tied else ""
    return f"{mark} {row.title:<42} {row.score:10.4g}  ({_bound(row.low)} to {_bound(row.high)}){tied}"


def _interval(measure: Measure) -> str:
    return f"{measure.value:.4g} ({_bound(measure.low)} to {_bound(measure.high)})"


def _bound(value: float | None) -> str:
    return "?" if value is None else f"{value:.4g}"


def _gap(difference: float) -> str:
    return f"largest difference {difference:.1g}" if difference < float("inf") else "differs"


def _proven(found: Proof | None) -> str:
    return "nothing" if found is None else f"{found.rows} golden rows, {_gap(found.difference)}"


def _advice(findings: Iterable[Finding]) -> list[str]:
    lines = [
        f"{one.level:<5} {one.title}: {one.what} {one.remedy.removeprefix(NO_REMEDY)}".rstrip()
        for one in worst_first([*findings])
    ]
    return ["", *lines] if lines else []
