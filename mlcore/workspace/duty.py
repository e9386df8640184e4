"""The worker at work: takes jobs up, has them executed in children, survives being killed at any moment.

DBOS is the memory of finished steps. Decided by test (tests/mlcore/workspace/test_worker.py): after
SIGKILL in the middle of a run, a worker of the same name goes on after the last finished candidate within seconds, and
a peer takes a dead worker's jobs over through the heartbeat below and `DBOS.resume_workflow`; so the lease table that
stood ready as a fallback was not needed. What DBOS leaves open is closed here:

- Pages do not import it (0.8 s, threads). They write a row to our own list of jobs, which is also what they read; this
  loop claims a new row as soon as it has room for it and starts a workflow under an id made of job and attempt. DBOS's
  own queues are not used: polling them as often as people expect cost 5 % of a core with nothing to do.
- It marks a cancelled workflow but does not interrupt it: wishes are read five times a second and passed to whoever
  waits for a child, who then kills the child's process group.
- It pickles: our serializer is JSON, and only ids and small records pass through it.
- It recovers by application version: ours is the format of jobs, not a hash of the code.
- Errors are values: a step never raises, so nothing but JSON is ever replayed.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from dbos import DBOS, DBOSConfig, Serializer, SetWorkflowID

from mlcore import records
from mlcore.errors import UserError, disk_full
from mlcore.workspace import processes
from mlcore.workspace.engine import chosen_engine
from mlcore.workspace.heartbeat import Heartbeat
from mlcore.workspace.job import Job
from mlcore.workspace.store import Store
from mlcore.workspace.task import Engine, Outcome, WorkError
from mlcore.workspace.training import Wish
from mlcore.workspace.work import WORK, Done, Errand, Queue

JOB_FORMAT = "jobs-1"
AT_ONCE: dict[Queue, int] = {"quick": 3, "long": 1}
"""How many jobs of each queue one worker has under way."""

LOOK_SECONDS = 0.2
BEAT_SECONDS = 2.0
TELL_SECONDS = 0.5
NICE = 5


class Duty:
    """What the one worker process of this machine does; it knows which jobs it has under way."""

    @classmethod
    def begin(cls, home: Path) -> Duty:
        """On duty for a workspace folder, under this machine's name."""
        return cls(Store.open(home), processes.worker_name(), chosen_engine())

    def __init__(self, store: Store, name: str, engine: Engine) -> None:
        self._store = store
        self._name = name
        self._engine = engine
        self._wishes: dict[str, Wish] = {}
        self._busy: dict[str, Queue] = {}
        self._active = time.monotonic()
        self._ending = threading.Event()
        self._heartbeat = Heartbeat(store.database, name)

    def run(self, exit_when_idle: float | None) -> None:
        """Take jobs up until told to end. Ends the process: what is under way is taken up by the next worker."""
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, lambda *_: self._ending.set())
        os.nice(NICE)
        self._engine.warm()
        work = self._launch()
        self._inherit(self._name)
        beat = 0.0
        while not self._ending.wait(LOOK_SECONDS):
            self._take_up(work)
            self._listen()
            if time.monotonic() - beat > BEAT_SECONDS:
                beat = time.monotonic()
                self._beat()
                if exit_when_idle is not None and self._idle_for() > exit_when_idle:
                    break
        self._leave(0)

    def _launch(self) -> Callable[[str], Any]:
        config: DBOSConfig = {
            "name": "tablesmith",
            "system_database_url": _queue_address(self._store),
            "application_version": JOB_FORMAT,
            "executor_id": self._name,
            "serializer": _Json(),
            "log_level": "WARNING",
            "run_migrations": True,
            "scheduler_polling_interval_sec": 3600.0,
        }
        DBOS(config=config)

        @DBOS.workflow(name="work", max_recovery_attempts=20)
        async def work(attempt: str) -> str:
            return await self._work(_job_of(attempt))

        DBOS.launch()
        return work

    def _take_up(self, work: Callable[[str], Any]) -> None:
        for job in self._store.unsent():
            queue = WORK[job.kind].queue
            if list(self._busy.values()).count(queue) < AT_ONCE[queue] and self._store.claim(job.id, self._name):
                self._busy[job.id] = queue
                with SetWorkflowID(_attempt(job)):
                    DBOS.start_workflow(work, _attempt(job))

    def _listen(self) -> None:
        said = self._store.wishes(tuple(self._busy), self._name) if self._busy else {}
        if "lost" in said.values():  # we were taken for dead: end as such, before two write to one run
            self._leave(3)
        self._wishes = cast("dict[str, Wish]", said)

    def _beat(self) -> None:
        for silent in self._heartbeat.beat():
            self._inherit(silent)
            self._heartbeat.forget(silent)

    def _inherit(self, worker: str) -> None:
        """See to the jobs that a worker left when it ended: another one, or the one of our name before us."""
        for job in self._store.held(worker):
            status = DBOS.get_workflow_status(_attempt(job))
            if status is None:
                self._store.send_again(job.id)
            elif status.status not in ("PENDING", "ENQUEUED"):
                self._fail(job, f"queue state {status.status}: {status.error!r}")
            elif status.executor_id != self._name and self._store.adopt(job.id, worker, self._name):
                DBOS.resume_workflow(status.workflow_id)

    def _fail(self, job: Job, detail: str) -> None:
        self._store.begin(job.id, self._name)
        self._store.keep_detail(job.id, detail)
        self._store.finish(job.id, self._name, "failed", error="The job ended unexpectedly. It can be resumed.")

    def _idle_for(self) -> float:
        if self._busy or self._store.jobs(active=True, limit=1):
            self._active = time.monotonic()
        wanted = self._store.home / "worker.wanted"
        since = time.time() - wanted.stat().st_mtime if wanted.is_file() else float("inf")
        return min(time.monotonic() - self._active, since)

    def _leave(self, code: int) -> None:
        """End at once; closing the queue in order would record what is under way as ended."""
        self._engine.abandon()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    async def _work(self, job: str) -> str:
        if not await asyncio.to_thread(self._store.begin, job, self._name):
            return "left alone"
        taken = self._store.job(job)
        self._busy[job] = WORK[taken.kind].queue
        try:
            return await self._carried_out(taken)
        finally:  # also when DBOS itself found out that another worker has the job
            if self._store.job(job).worker != self._name:
                self._leave(3)
            del self._busy[job]

    async def _carried_out(self, job: Job) -> str:
        errand = Errand(
            job=job,
            store=self._store,
            engine=self._engine,
            step=_durable,
            wish=lambda: self._wishes.get(job.id),
            tell=_Teller(self._store, job, self._name),
        )
        try:
            done = await WORK[job.kind].carry_out(errand)
        except Exception as error:
            done = None
            await asyncio.to_thread(self._give_up, job, error)
        if done is not None:
            await asyncio.to_thread(self._finish, job, done)
        return "ended"

    def _finish(self, job: Job, done: Done) -> None:
        self._store.finish(job.id, self._name, done.state, result=done.result)

    def _give_up(self, job: Job, error: Exception) -> None:
        now = self._store.job(job.id)
        if now.worker != self._name:
            return
        if now.asked is not None:
            self._store.finish(job.id, self._name, "cancelled")
            return
        detail = error.outcome.detail if isinstance(error, WorkError) else "".join(traceback.format_exception(error))
        self._store.keep_detail(job.id, detail)
        said = str(error) if isinstance(error, UserError) else _unexpected(error)
        self._store.finish(job.id, self._name, "failed", error=said)


class _Teller:
    """Writes progress to the job's row, but not more often than anybody looks."""

    def __init__(self, store: Store, job: Job, worker: str) -> None:
        self._store = store
        self._job = job
        self._worker = worker
        self._began = time.monotonic()
        self._told = 0.0
        self._lock = threading.Lock()

    def __call__(self, progress: float, message: str) -> None:
        now = time.monotonic()
        with self._lock:
            if now - self._told < TELL_SECONDS:
                return
            self._told = now
        used = self._job.used + now - self._began
        self._store.advance(self._job.id, self._worker, progress=progress, message=message, used=used)


class _Json(Serializer):
    """Ids and small records as JSON; an exception becomes its text."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=repr)

    def deserialize(cls, serialized_data: str) -> Any:  # noqa: N805 - the name that DBOS gave it
        return json.loads(serialized_data)

    def name(self) -> str:
        return "tablesmith_json"


async def _durable(name: str, function: Callable[[], Any]) -> Any:
    """Run the function once in the life of the workflow; its value, or the error it ended with, is kept."""

    async def execute() -> dict[str, Any]:
        try:
            return {"value": await asyncio.to_thread(function)}
        except WorkError as error:
            outcome = error.outcome
        except Exception as error:
            outcome = Outcome(state="failed", error=_unexpected(error), detail=traceback.format_exc())
        return {"outcome": records.to_json(outcome)}

    told = await DBOS.run_step_async({"name": name}, execute)
    if "outcome" in told:
        raise WorkError(records.from_json(Outcome, told["outcome"]))
    return told["value"]


def _attempt(job: Job) -> str:
    return f"{job.id}-{job.attempt}"


def _job_of(attempt: str) -> str:
    return attempt.partition("-")[0]


def _unexpected(error: Exception) -> str:
    full = disk_full(error) if isinstance(error, OSError) else None
    if full is not None:
        return str(full)
    return f"The job failed with an unexpected error ({type(error).__name__}). The technical detail says more."


def _queue_address(store: Store) -> str:
    url = store.database.url
    return f"sqlite:///{store.home / 'queue.sqlite'}" if url.startswith("sqlite") else url
