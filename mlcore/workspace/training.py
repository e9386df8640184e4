"""Carries out a plan within its budget: the run loop that the worker and the command line share.

Candidates go to child processes, as many at once as the engine has lanes, in the plan's order and then as the search
proposes; what a candidate leaves in the run folder is its checkpoint, so a run that is taken up again, or given more
time, trains nothing twice. `run.json` in the folder always says how the run stands. The budget covers everything from
the first call to the leaderboard.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import shutil
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from mlcore import files, records
from mlcore.evaluation.metrics import METRICS
from mlcore.findings import Finding
from mlcore.learning.costs import JUDGING_SECONDS, Shape, candidate_seconds, kept_free, learning_again
from mlcore.learning.folder import ENCODED, RunFolder
from mlcore.learning.models import MODELS
from mlcore.learning.plan import Candidate, Plan
from mlcore.learning.rounds import part_kept
from mlcore.learning.run import Run, RunState, Trial, best_first
from mlcore.learning.search import fit_seconds
from mlcore.workspace.engine import chosen_engine
from mlcore.workspace.schedule import Standing, Turn
from mlcore.workspace.task import Engine, Outcome, Task, value_of

Wish = Literal["stop", "cancel", "lost"] | None
"""What a person asked of work under way; "lost": another process has taken it over, so leave it alone."""

Step = Callable[[str, Callable[[], Any]], Awaitable[Any]]
"""Runs a blocking function under a name. A durable one gives back the stored result of a name that ran before."""

FIRST_LOOK_SECONDS = 8.0
"""When the first leaderboard is made, at the latest when a quarter of the budget is used."""

MOST_WAITED = 1.5
"""So many times longer than on an idle machine may the end take; where others use it even more, a run ends late."""

AGAIN_SHARE = 0.07
"""Learning again from all rows gets this share of the budget at most: its members were fitted on every fold, too."""

LEADERS = 5
"""So many of the best are taken to be what learns again."""


class Training:
    """One run under way: its clock, its trials so far, its children. `tell` hears progress (0 to 1) and a sentence,
    `meanwhile` begins what goes on beside the last comparison."""

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        *,
        wish: Callable[[], Wish] = lambda: None,
        tell: Callable[[float, str], None] = lambda _progress, _message: None,
        meanwhile: Callable[[], None] = lambda: None,
        nice: int = 0,
    ) -> None:
        self.folder = folder
        self._engine = engine
        self._wish = wish
        self._tell = tell
        self._meanwhile = meanwhile
        self._nice = nice
        self._lock = threading.Lock()
        self._known: Run | None = _read_run(folder)
        self._before = self._known.seconds if self._known is not None else 0.0
        self._began = time.monotonic()
        self._trials: dict[str, Trial] = {}
        self._ended = {t.key: t.ended for t in self._known.trials if t.ended is not None} if self._known else {}
        self._judging = 0.0
        self._used = self._spoken_for = 0.0
        self._again = False
        self._whole = 0.0
        self._judged_once = False

    @property
    def seconds(self) -> float:
        """Wall-clock time spent on this run, over all times it was taken up."""
        return self._before + time.monotonic() - self._began

    async def carry_out(self, request: Mapping[str, Any], step: Step) -> Run:
        """Prepare, try the candidates, blend, judge; `request` as in the function of the same name."""
        prepared = await step("prepare", lambda: self._prepared(request))
        plan = records.read(Plan, self.folder / "plan.json")
        waited = min(MOST_WAITED, prepared.get("waited", 1.0))
        self._used, self._spoken_for = float(request.get("used", 0.0)), waited * float(request.get("reserved", 0.0))
        self._again = bool(request.get("again", False))
        self._open(plan, prepared, float(request["seconds"]))
        await step("search", self._search)
        self._read_trials()
        if self._wish() in ("cancel", "lost"):
            return self._write("cancelled")
        await step("blend", self._blended)
        self._read_trials()
        judged = await step("judge", self._judged)
        stopped = self._wish() == "stop"
        return self._write("stopped" if stopped else "done", best=judged["recommended"])

    def _prepared(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._tell(0.0, "Preparing the table")
        asked = {key: value for key, value in request.items() if key not in ("used", "reserved", "again")}
        args = asked | {"folder": str(self.folder)}
        outcome = self._run("prepare", "Preparing the run", args, seconds=max(600.0, request["seconds"]))
        return dict(value_of(outcome))

    def _open(self, plan: Plan, prepared: Mapping[str, Any], seconds: float) -> None:
        """`seconds` are more than the plan's when a run that has ended is given more time."""
        findings = tuple(records.from_json(Finding, finding) for finding in prepared["findings"])
        run = RunFolder(self.folder)
        self._plan = replace(plan, seconds=max(plan.seconds, seconds))
        self._candidates = list(run.candidates)
        self._rows = len(run.split.training)
        shape = Shape(
            rows=len(run.truth), columns=plan.schema.features, labels=len(run.labels), validation=plan.validation
        )
        self._costs = {candidate.key: candidate_seconds(shape, candidate) for candidate in self._candidates}
        self._trials = {candidate.key: _trial(candidate, "waiting") for candidate in self._candidates}
        self._judging = min(prepared["seconds"], JUDGING_SECONDS)
        self._known = Run(id=self.folder.name, plan=plan.id, state="running", findings=findings)
        if seconds > plan.seconds:
            _forget_the_late(run)
        self._read_trials()

    def _read_trials(self) -> None:
        """What lies in the folder: all there is to know of what was done before, by whichever process."""
        for trial in RunFolder(self.folder).trials():
            self._trials[trial.key] = replace(trial, ended=self._ended.setdefault(trial.key, self.seconds))
        self._write("running")

    def _search(self) -> None:
        """Every lane takes the next turn until there is none."""
        with contextlib.suppress(OSError):  # a full disk: then nothing is kept
            (self.folder / ENCODED).mkdir(exist_ok=True)
        try:
            with ThreadPoolExecutor(self._engine.lanes) as lanes:
                for lane in [lanes.submit(self._lane) for _ in range(self._engine.lanes)]:
                    lane.result()
        finally:
            shutil.rmtree(self.folder / ENCODED, ignore_errors=True)
        for trial in list(self._trials.values()):
            if trial.state == "waiting":
                self._note(replace(trial, state="skipped", reason=self._why_not(trial)))

    def _lane(self) -> None:
        while (turn := self._next()) is not None:
            self._note(self._tried(turn))
            if not self._judged_once and self.seconds > min(self._plan.seconds / 4, FIRST_LOOK_SECONDS):
                self._judge_so_far()

    def _next(self) -> Turn | None:
        """Whose turn it is; it counts as running from here on."""
        if self._wish() is not None:
            return None
        with self._lock:
            left = self._plan.seconds - self._reserve() - self.seconds
            self._whole = self._whole or left
            standing = Standing(
                plan=self._plan,
                candidates=self._candidates,
                costs=self._costs,
                trials=self._trials,
                rows=self._rows,
                left=left,
                whole=self._whole,
                lanes=self._engine.lanes,
            )
            turn = standing.next()
            if turn is None:
                return None
            if turn.candidate.key not in self._trials:
                RunFolder(self.folder).add(turn.candidate)
                self._candidates.append(turn.candidate)
            self._trials[turn.candidate.key] = _trial(turn.candidate, "running")
        self._write("running")
        return turn

    def _why_not(self, trial: Trial) -> str:
        if self._wish() is not None:
            return "The search was stopped before its turn."
        if MODELS[trial.model].grow is not None:
            return "The time that was left would not have let it grow enough to be worth having."
        return "It would not have ended within the time that was left."

    def _judge_so_far(self) -> None:
        """A first leaderboard to look at; it also says how much time must be kept for the last one."""
        with self._lock:
            if self._judged_once:
                return
            self._judged_once = True
            done = sum(trial.state == "done" for trial in self._trials.values())
        if done > 1:
            outcome = self._run("judge", "Comparing the models", {"folder": str(self.folder)}, seconds=600)
            self._judging = 1.5 * outcome.seconds

    def _tried(self, turn: Turn) -> Trial:
        candidate = turn.candidate
        args = {"folder": str(self.folder), "key": candidate.key, "seconds": turn.seconds, "fair": turn.fair}
        args |= {"threads": turn.threads}
        seconds = turn.seconds + max(0.5, 0.04 * self._plan.seconds)
        outcome = self._run("fit", candidate.title, args, seconds=seconds)
        if outcome.state == "cancelled":
            return _trial(candidate, "skipped", "The search was stopped while it was trained.")
        finished = _finished(self.folder, candidate.key)
        if finished is not None:
            return finished
        failed = replace(_trial(candidate, "failed", outcome.error), seconds=outcome.seconds)
        records.write(self.folder / "trials" / candidate.key / "trial.json", failed)
        files.write_text(self.folder / "trials" / candidate.key / "detail.txt", outcome.detail)
        return failed

    def _reserve(self) -> float:
        after = self._spoken_for + self._learning_again()
        return kept_free(self._plan.seconds, judging=self._judging, before=self._used, after=after)

    def _learning_again(self) -> float:
        """What it will take the leaders to learn again from all rows, where the caller wants that."""
        plan = self._plan
        if not self._again or part_kept(plan.validation, self._rows, len(plan.schema.features)):
            return 0.0
        leaders = best_first((trial for trial in self._trials.values() if not trial.weights), METRICS[plan.goal.metric])
        fits = (fit_seconds(trial, plan.validation) for trial in leaders[:LEADERS])
        return min(AGAIN_SHARE * plan.seconds, learning_again(fits, lanes=self._engine.lanes))

    def _blended(self) -> Any:
        done = [trial for trial in self._trials.values() if trial.state == "done"]
        if len(done) < 2:
            return None
        self._tell(0.92, "Combining the best models")
        left = 60.0
        if self._wish() is None:
            left = 1.05 * self._plan.seconds - self._used - self._spoken_for - self.seconds - self._judging
            left -= self._learning_again()
            left = max(1.0, left)
        args = {"folder": str(self.folder), "seconds": left}
        outcome = self._run("blend", "The ensemble", args, seconds=left, stoppable=False)
        return outcome.value if outcome.state == "done" else None

    def _judged(self) -> dict[str, Any]:
        self._tell(0.95, "Comparing the models")
        if self._wish() is None:
            self._meanwhile()
        outcome = self._run("judge", "Comparing the models", {"folder": str(self.folder)}, seconds=600, stoppable=False)
        return dict(value_of(outcome))

    def _run(
        self, verb: str, title: str, args: Mapping[str, Any], *, seconds: float, stoppable: bool = True
    ) -> Outcome:
        ending = ("stop", "cancel", "lost") if stoppable else ("cancel", "lost")
        task = Task(
            call=f"mlcore.workspace.errands:{verb}", title=title, args=args, seconds=math.ceil(seconds), nice=self._nice
        )
        return self._engine.run(task, lambda: self._wish() not in ending)

    def _note(self, trial: Trial) -> None:
        with self._lock:
            if trial.state in ("done", "failed"):
                trial = replace(trial, ended=self._ended.setdefault(trial.key, self.seconds))
            self._trials[trial.key] = trial
        self._write("running")

    def _write(self, state: RunState, best: str | None = None) -> Run:
        assert self._known is not None
        with self._lock:
            trials = tuple(self._trials.values())
            self._known = replace(self._known, state=state, trials=trials, seconds=self.seconds, best=best)
            if self._wish() != "lost":
                records.write(self.folder / "run.json", self._known)
        ended = sum(trial.state not in ("waiting", "running") for trial in trials)
        busy = ", ".join(trial.title for trial in trials if trial.state == "running")
        self._tell(0.9 * ended / max(1, len(trials)), f"Training: {busy}" if busy else "Training")
        return self._known


def carry_out(
    folder: Path,
    request: Mapping[str, Any],
    *,
    engine: Engine | None = None,
    wish: Callable[[], Wish] = lambda: None,
    tell: Callable[[float, str], None] = lambda _progress, _message: None,
    meanwhile: Callable[[], None] = lambda: None,
) -> Run:
    """Carry out a run in this process's children and wait for it; works inside a running event loop, too.

    `request`: table (path of the canonical Parquet), schema, fingerprint, goal (as JSON), seconds, seed, models, and
    search (False: end when the plan's candidates have been tried), used and reserved (seconds of the budget that the
    caller has used, and will need, for itself), and again (True: the caller will have the best one learn again). A
    folder in which a run has ended goes on when `seconds` are more than it has used. `meanwhile` begins what can be
    done beside the last comparison, and returns at once.
    Raises `WorkError` when there is no run at all: the goal was refused, or no candidate could be trained.
    """
    with ThreadPoolExecutor(1) as thread:
        own = engine or chosen_engine()
        try:
            training = Training(folder, own, wish=wish, tell=tell, meanwhile=meanwhile)
            return thread.submit(asyncio.run, training.carry_out(request, in_a_thread)).result()
        finally:
            if engine is None:
                own.close()


async def in_a_thread(_name: str, function: Callable[[], Any]) -> Any:
    """The step that is not durable: the run folder is."""
    return await asyncio.to_thread(function)


def _trial(candidate: Candidate, state: Literal["waiting", "running", "skipped", "failed"], reason: str = "") -> Trial:
    return Trial(key=candidate.key, model=candidate.model, title=candidate.title, state=state, reason=reason)


def _finished(folder: Path, key: str) -> Trial | None:
    path = folder / "trials" / key / "trial.json"
    return records.read(Trial, path) if path.is_file() else None


def _forget_the_late(run: RunFolder) -> None:
    """What ran out of time gets another turn."""
    for trial in run.trials():
        if trial.state == "failed" and trial.round_seconds is not None:
            (run.trial_folder(trial.key) / "trial.json").unlink()


def _read_run(folder: Path) -> Run | None:
    path = folder / "run.json"
    return records.from_json(Run, json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None
