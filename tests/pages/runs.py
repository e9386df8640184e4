"""Runs that were never carried out, for pages that only read what is stored: as many candidates as wanted, at once."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mlcore import records
from mlcore.findings import Finding
from mlcore.learning.goal import Goal
from mlcore.learning.plan import Candidate, Plan, Validation
from mlcore.learning.run import Run, RunState, Trial
from mlcore.workspace import places
from mlcore.workspace.store import Store

KINDS = ("lightgbm", "linear", "extra", "histogram", "forest", "catboost", "net", "xgboost", "neighbours")
SECONDS = 60.0


def invented(
    store: Store,
    table: str,
    goal: Goal,
    trials: Sequence[Trial],
    *,
    state: RunState,
    error: str = "",
    before: float = 0,
) -> str:
    """List a run with these trials in this state; its id. `before`: it goes on where another ended after so long."""
    args = {"dataset": table, "goal": records.to_json(goal), "seconds": SECONDS * (2 if before else 1), "seed": 0}
    args |= {"before": before} if before else {}
    run = store.submit("train", args, f"Predict {goal.target}")
    store.begin(run, "test")
    spent = max((trial.ended or 0.0 for trial in trials), default=0.0)
    store.advance(run, "test", progress=0.5, message="Training", used=spent)
    folder = places.run_folder(store.home, run)
    folder.mkdir(parents=True)
    candidates = tuple(Candidate(key=one.key, model=one.model, title=one.title) for one in trials if "~" not in one.key)
    plan = Plan(
        goal=goal,
        schema=store.dataset(table).schema,
        fingerprint="",
        validation=Validation(method="folds", folds=5, reason="Five folds."),
        candidates=candidates,
        seconds=SECONDS,
    )
    records.write(folder / "plan.json", plan)
    made = Run(id=run, plan=plan.id, state=state, trials=tuple(trials), seconds=spent, findings=(skipped(),))
    records.write(folder / "run.json", made)
    if state not in ("waiting", "running"):
        store.finish(run, "test", state, error=error)
    return run


def skipped() -> Finding:
    """A kind of model that the planning left out."""
    return Finding(
        code="model_skipped",
        level="note",
        title="Nearest neighbours is not tried",
        what="It is meant for 60 to 20,000 rows, here are 54,000.",
        why="It would take too long.",
        remedy="Nothing to do.",
    )


def finished(many: int, *, best: float = 0.9) -> list[Trial]:
    """The baseline and `many` candidates that ended one after the other, better and better, an ensemble at the end."""
    trials = [trial("baseline", "baseline", 0.5, 1.0, title="Always the average")]
    for place in range(1, many + 1):
        model = KINDS[place % len(KINDS)]
        score = best - 0.12 * math.exp(-place / 6) - 0.004 * (place % 5)
        key, title = (model, f"Kind {model}") if place < 10 else (f"{model}~{place}", f"Kind {model}, searched {place}")
        trials.append(trial(key, model, score, 1.0 + 55.0 * place / many, title=title))
    return trials


def trial(key: str, model: str, score: float, ended: float, *, title: str) -> Trial:
    """A candidate that ended well."""
    return Trial(
        key=key, model=model, title=title, state="done", score=score, seconds=2.5, ended=ended, ms_per_1000=12.0,
        megabytes=0.8,
    )  # fmt: skip


def other(key: str, state: str, reason: str = "") -> Trial:
    """A candidate that is waiting, running, skipped or failed."""
    model = key.partition("~")[0]
    return Trial(key=key, model=model, title=f"Other {key}", state=state, reason=reason)  # type: ignore[arg-type]
