"""The candidates of a run in little room: what runs, what comes next, the best so far, what failed or was left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.metrics.metric import Metric
from mlcore.findings import Finding
from mlcore.learning.folder import ADDED
from mlcore.learning.plan import Plan
from mlcore.learning.run import Run, Trial, best_first
from pages.ui import markup, words
from pages.ui.markup import Head, esc

SHOWN = 8
NEXT = 3
NAMED = 4
LATE = ("ran out of time", "because it took longer than the")


def overview(run: Run, plan: Plan | None) -> str:
    """What came of the candidates, the finished ones first."""
    metric = METRICS[plan.goal.metric] if plan is not None else None
    if not run.trials:
        return '<p class="ts-note">The table is being split and the candidates are being chosen.</p>'
    return _finished(run.trials, metric) + _failed(run.trials) + _not_tried(run)


def under_way(run: Run) -> str:
    """What runs now and what comes next; nothing when all is over."""
    now = [trial.title for trial in run.trials if trial.state == "running"]
    then = [trial.title for trial in run.trials if trial.state == "waiting"]
    if not now and not then:
        return ""
    more = f" and {len(then) - NEXT} more" if len(then) > NEXT else ""
    lines = [("Now", ", ".join(now) or "–"), ("Next", ", ".join(then[:NEXT]) + more if then else "nothing is waiting")]
    made = "".join(f"<dt>{esc(name)}</dt><dd>{esc(said)}</dd>" for name, said in lines)
    return f'<dl class="ts-turns">{made}</dl>'


def tally(run: Run) -> str:
    """How many candidates were tried, and how many wait for their turn."""
    over = sum(trial.state in ("done", "failed") or given_up(trial) for trial in run.trials)
    waiting = sum(trial.state == "waiting" for trial in run.trials)
    if not run.trials:
        return ""
    searching = any(trial.state == "running" and ADDED in trial.key for trial in run.trials)
    then = f"{waiting} waiting" if waiting else "searching near the best" if searching else "none waiting"
    return f"{words.count(over, 'candidate')} tried, {then}"


def given_up(trial: Trial) -> bool:
    """Whether it was begun, and ended as soon as it was clear that it would be no better."""
    return trial.state == "skipped" and trial.seconds > 0


def _finished(trials: Sequence[Trial], metric: Metric | None) -> str:
    """The best candidates with their score; all others folded below them."""
    done = _ordered([trial for trial in trials if trial.state == "done"], metric)
    if not done:
        return ""
    shown = _table(done[:SHOWN], metric, "The best candidates so far")
    rest = done[SHOWN:]
    if not rest:
        return shown
    title = f"{words.count(len(rest), 'more candidate')} with a score"
    return shown + markup.folded(title, _table(rest, metric, "More candidates"))


def _table(trials: Sequence[Trial], metric: Metric | None, caption: str) -> str:
    score = Head(metric.term, metric.direction, numeric=True) if metric else Head("Score", numeric=True)
    heads = (
        Head("Candidate", name=True),
        score,
        Head("Training", numeric=True),
        Head("Finished", "since the start", numeric=True),
    )
    return markup.table(heads, [(_cells(trial, metric), "") for trial in trials], caption=caption)


def _cells(trial: Trial, metric: Metric | None) -> tuple[str, ...]:
    return (
        f"<b>{esc(trial.title)}</b>",
        esc(metric.shown(trial.score) if metric is not None else words.number(trial.score)),
        esc(words.duration(trial.seconds)),
        esc(words.duration(trial.ended)),
    )


def _ordered(trials: list[Trial], metric: Metric | None) -> list[Trial]:
    return trials if metric is None else best_first(trials, metric)


def _failed(trials: Sequence[Trial]) -> str:
    """Candidates that went wrong, each with its reason; to be given up for want of time is not to go wrong."""
    failed = [trial for trial in trials if trial.state == "failed"]
    late = [trial for trial in failed if any(said in trial.reason for said in LATE)]
    wrong = [trial for trial in failed if trial not in late]
    worse = [trial for trial in trials if given_up(trial)]
    parts = [(wrong, "failed"), (late, "out of time"), (worse, "given up early")]
    return "".join(
        markup.folded(f"{words.count(len(those), 'candidate')} {said}", _reasons(those, said.capitalize()))
        for those, said in parts
        if those
    )


def _not_tried(run: Run) -> str:
    """Candidates whose turn did not come, and kinds of models that do not suit the table."""
    skipped = [trial for trial in run.trials if trial.state == "skipped" and not given_up(trial)]
    kinds = left_out(run.findings)
    rows = [*_rows(skipped), *((esc(one.title.removesuffix(" is not tried")), esc(one.what)) for one in kinds)]
    if not rows:
        return ""
    said = [words.count(len(skipped), "candidate")] if skipped else []
    said += [words.count(len(kinds), "kind of model", "kinds of models")] if kinds else []
    return markup.folded(f"{' and '.join(said)} not tried", _listed(rows, "Candidates that were not tried"))


def left_out(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that say which kinds of models do not suit the table."""
    return [one for one in findings if one.code == "model_skipped"]


def _reasons(trials: Sequence[Trial], caption: str) -> str:
    return _listed(_rows(trials), caption)


def _listed(rows: Iterable[tuple[str, str]], caption: str) -> str:
    heads = (Head("Candidate", name=True), Head("Why", name=True))
    return markup.table(heads, [(row, "") for row in rows], caption=caption)


def _rows(trials: Sequence[Trial]) -> list[tuple[str, str]]:
    """One row for each reason, with the candidates it holds for."""
    by: dict[str, list[str]] = {}
    for trial in trials:
        reason = trial.reason.removeprefix(f"{trial.title} ")
        by.setdefault(reason or "No reason was given.", []).append(trial.title)
    return [(_names(titles), esc(reason[:1].upper() + reason[1:])) for reason, titles in by.items()]


def _names(titles: Sequence[str]) -> str:
    more = f" and {len(titles) - NAMED} more" if len(titles) > NAMED else ""
    return f'<span title="{esc(", ".join(titles))}">{esc(", ".join(titles[:NAMED]))}{more}</span>'
