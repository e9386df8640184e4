"""Train and compare models in the workspace, so that the run can be opened in the app too."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from mlcore import records
from mlcore.api.again import Beginning, judged_and_learned
from mlcore.api.asked import Options, goal_of
from mlcore.api.errand import done, task
from mlcore.api.expecting import expectation, foretelling
from mlcore.api.job import OwnJob
from mlcore.api.tables import Table, stored
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.compare import Leaderboard
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.metrics import METRICS
from mlcore.handoff import tracking
from mlcore.handoff.bundle import Bundle, free, proven, prover, unfinished
from mlcore.handoff.proof import CleanProcess
from mlcore.learning.costs import handing, proving
from mlcore.learning.ensemble import KEY as BLEND
from mlcore.learning.estimate import Estimate
from mlcore.learning.goal import Goal
from mlcore.learning.models.asked import kinds_asked
from mlcore.learning.plan import Plan
from mlcore.learning.run import STACK, Run
from mlcore.learning.tasks import TASKS
from mlcore.workspace import graphs, places
from mlcore.workspace.engine import chosen_engine
from mlcore.workspace.store import Store
from mlcore.workspace.task import Engine, Task
from mlcore.workspace.training import carry_out

LOG = logging.getLogger("mlcore.train")

HANDING_SHARE = 0.4
"""The hold-out and the bundle get this share of the budget at most."""

BEYOND = 0.05
"""The share of the budget by which a graph of the model may make it longer."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """A run carried out. `best` is the model it is about: the one with the best score, or the simplest of those as good
    as it when that was asked for. `holdout` is what it says about rows that nothing was chosen by, None when the table
    was too small to lock rows away; `opened_before` counts other runs that some of these rows were opened for.
    `bundle` is None when none was asked for. `handed` is the key of the model that it is of: `best`, or that model
    learned again from all rows; `all_rows` says what came of learning again, empty when it was not asked for.
    """

    run: Run
    plan: Plan
    leaderboard: Leaderboard
    best: str
    holdout: Evaluation | None
    opened_before: int
    bundle: Bundle | None
    handed: str = ""
    all_rows: str = ""


def estimate(table: Table, target: str, **options: Unpack[Options]) -> Estimate:
    """What `train` with the same options would take: configurations, seconds, memory and disk. Trains nothing."""
    _check(options)
    dataset = stored(table)
    goal = goal_of(dataset, target, options)
    return expectation(dataset, goal, float(options.get("seconds", 300.0)), options.get("models"))


def train(table: Table, target: str, *, engine: Engine | None = None, **options: Unpack[Options]) -> Training:
    """Train and compare models of `target`; judge the best one on the hold-out rows and hand it over.

    `engine` is one that was warmed before, and is left open; None: one of its own.
    """
    began = time.monotonic()
    _check(options)
    with _warm() if engine is None else nullcontext(engine) as own, closing(Store.open()) as store:
        dataset = _kept(store, stored(table))
        card = store.dataset(dataset)
        goal = goal_of(card, target, options)
        store.save_goal(dataset, goal)
        with Beginning(own) as begun:
            call = _Call(store=store, engine=own, options=options, began=began, begun=begun)
            return _finished(call, _carried_out(call, dataset, goal))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Call:
    """One call of `train`: what it works with, what it was asked, when it began, what has `begun` before the end."""

    store: Store
    engine: Engine
    options: Options
    began: float
    begun: Beginning

    @property
    def seconds(self) -> float:
        """The budget."""
        return float(self.options.get("seconds", 300.0))

    def until(self, run: str) -> float:
        """When making a bundle must have ended, but for its proof."""
        return self.began + (1 + BEYOND) * self.seconds - proving(len(self.store.plan(run).schema.features))

    def drafting(self, run: str) -> float:
        """Seconds for making a bundle, all but its proof; 0 where none was asked for."""
        if self.options.get("out") is None:
            return 0.0
        card = self.store.dataset(self.store.job(run).dataset or "")
        columns = len(self.store.plan(run).schema.features)
        return handing(card.rows, columns) - proving(columns)

    def meanwhile(self, run: str) -> None:
        """Begin to learn again what is sure to be asked for."""
        asked = self.options
        if asked.get("all_rows", False) and not asked.get("simple", False) and not asked.get("fast", False):
            left = self.until(run) - self.drafting(run) - time.monotonic()
            self.begun.begin(places.run_folder(self.store.home, run), left)


@contextmanager
def _warm() -> Iterator[Engine]:
    """An engine that imports its libraries while the table is read."""
    with chosen_engine() as engine:
        engine.warm()
        yield engine


def _check(options: Options) -> None:
    """Refuse before any work what cannot be: a metric or model that does not exist, a place that is taken."""
    task, metric, out = options.get("task"), options.get("metric"), options.get("out")
    if task is not None:
        TASKS[task]
    if metric is not None:
        METRICS[metric]
    kinds_asked(options.get("models") or ())
    if not 0 < options.get("seconds", 300.0) < float("inf"):
        raise UserError("The budget must be a number of seconds above 0", remedy="Give for example 300.")
    if out is not None:
        free(Path(out))


def _kept(store: Store, dataset: Dataset) -> str:
    """The dataset's id in the workspace; a table that is there already, under the same name, is not stored twice."""
    for card in store.datasets():
        if (card.dataset.fingerprint, card.dataset.name) == (dataset.fingerprint, dataset.name):
            return card.id
    return store.add_dataset(dataset)


def _carried_out(call: _Call, dataset: str, goal: Goal) -> str:
    """The id of the run, carried out in children of this process and listed as a job of the workspace.

    The budget holds from the call to the bundle, so that what came before and what follows is taken off it.
    """
    store, options = call.store, call.options
    args = {
        "dataset": dataset,
        "goal": records.to_json(goal),
        "seconds": call.seconds,
        "seed": options.get("seed", 0),
        "models": options.get("models"),
        "search": options.get("search", True),
    }
    job = OwnJob.begin(store, args, f"Predict {goal.target}")
    request = {
        **store.learnable(dataset),
        **{key: args[key] for key in ("goal", "seconds", "seed", "models", "search")},
    }
    card = store.dataset(dataset)
    tell = foretelling(card, goal, call.seconds, options.get("models"), job.tell)
    handed = 0.0 if options.get("out") is None else handing(card.rows, len(card.schema))
    request["reserved"] = min(handed, HANDING_SHARE * call.seconds)
    request["again"] = options.get("all_rows", False)
    request["used"] = time.monotonic() - call.began
    with job:
        carry_out(
            places.run_folder(store.home, job.id),
            request,
            engine=call.engine,
            wish=job.wish,
            tell=tell,
            meanwhile=lambda: call.meanwhile(job.id),
        )
    job.wait()
    return job.id


def _faster(store: Store, run: str, engine: Engine) -> str | None:
    """The key of the fast version of the best model; None when that is a single one, or needs all of its members."""
    board = store.leaderboard(run)
    if board is None or board.best not in (BLEND, STACK):
        return None
    try:
        made = done(engine, "compact", "Making a fast version", {"folder": str(places.run_folder(store.home, run))})
    except UserError as error:
        LOG.info("%s", error)
        return None
    return str(made["key"])


def _finished(call: _Call, run: str) -> Training:
    store, engine, options, out = call.store, call.engine, call.options, call.options.get("out")
    started = time.monotonic()
    fast = _faster(store, run, engine) if options.get("fast", False) else None
    ended, board = store.run(run), store.leaderboard(run)
    best = fast or (None if board is None else board.recommended if options.get("simple", False) else board.best)
    if best is None or board is None:
        raise UserError(f"The run did not come to an end: {ended.reason or ended.state}", remedy="Train once more.")
    until = call.until(run) + (time.monotonic() - started if fast else 0.0)  # making one comes after the budget
    plan, folder = store.plan(run), places.run_folder(store.home, run)
    model = {"folder": str(folder), "key": best}
    with ExitStack() as stack:
        process = None if out is None else stack.enter_context(prover(folder, best))
        judging = _opening(store, run, model) if plan.validation.holdout else ()
        left = until - call.drafting(run) - time.monotonic() if options.get("all_rows", False) else None
        handed, told = judged_and_learned(engine, model, judging, left, call.begun)
        made = None
        if process is not None:
            made = _bundled(engine, {**model, "key": handed}, Path(str(out)).resolve(), process, until)
    if tracking.wanted():
        _note(engine, run, str(folder), out)
    return Training(
        run=store.run(run) if handed != best else ended,
        plan=plan,
        leaderboard=board,
        best=best,
        holdout=store.holdout(run, best),
        opened_before=len(store.opened_before(run)) if plan.validation.holdout else 0,
        bundle=made,
        handed=handed,
        all_rows=told,
    )


def _opening(store: Store, run: str, model: Mapping[str, str]) -> tuple[Task]:
    """What opens the hold-out for a model; that it was opened is noted before anyone can see what it says."""
    store.record_opening(run, model["key"])
    return (task("open_holdout", "Judging on the hold-out rows", model),)


def _bundled(engine: Engine, model: Mapping[str, str], out: Path, process: CleanProcess, until: float) -> Bundle:
    """The bundle at `out`, proven in a process that has its libraries imported while the model was made."""
    with unfinished(out) as place:
        left = until - time.monotonic()
        done(engine, "draft", "Making the bundle", {**model, "place": str(place), "seconds": left})
        made = proven(place, out, process)
    graphs.keep(Path(model["folder"]) / "trials" / model["key"] / "model", out, made.manifest.files)
    return made


def _note(engine: Engine, run: str, folder: str, out: str | Path | None) -> None:
    """Note the run at MLflow; what came of it is in the log, and never an error of the training."""
    bundle = None if out is None else str(Path(out).resolve())
    told = {"folder": folder, "run": run, "bundle": bundle}
    try:
        LOG.warning("%s", done(engine, "note_at_mlflow", "Noting it at MLflow", told))
    except UserError as error:
        LOG.warning("%s", error)
