"""Jobs as rows: asked for and watched by pages, moved forward by the worker."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mlcore import files, records
from mlcore.errors import UserError
from mlcore.workspace import places
from mlcore.workspace.database import JOBS, Database
from mlcore.workspace.job import ACTIVE, LOOKS, Job, JobKind, JobState


class Jobs:
    """The list of jobs. Nothing here waits for a job: asking and telling are single short transactions."""

    def __init__(self, database: Database, home: Path) -> None:
        self.database = database
        self.home = home

    def submit(
        self, kind: JobKind, args: Mapping[str, Any], title: str, *, key: str | None = None, worker: str | None = None
    ) -> str:
        """Ask for work and get the job's id at once; a worker takes it up within half a second.

        With `key`, a second submission returns the first job as long as that one is under way or done. A training
        job's id is also the id of its run. With `worker`, the job is under way from the start, in the hands of whoever
        has that name and a heartbeat.
        """
        taken: dict[str, Any] = {} if worker is None else {"worker": worker, "sent": 1, "started": time.time()}
        job = places.new_id()
        run = job if kind == "train" else args.get("run")
        with self.database.writing() as connection:
            if key is not None:
                same = connection.execute(sa.select(JOBS.c.id, JOBS.c.state).where(JOBS.c.key == key)).first()
                if same is not None and same.state in (*ACTIVE, "done"):
                    return str(same.id)
                connection.execute(sa.update(JOBS).where(JOBS.c.key == key).values(key=None))
            connection.execute(
                sa.insert(JOBS).values(
                    id=job,
                    kind=kind,
                    title=title,
                    args=records.text(args),
                    dataset=args.get("dataset"),
                    run=run,
                    key=key,
                    state="waiting" if worker is None else "running",
                    created=time.time(),
                    **taken,
                )
            )
        return job

    def job(self, job: str) -> Job:
        """The job as it is now."""
        with self.database.reading() as connection:
            row = connection.execute(sa.select(JOBS).where(JOBS.c.id == job)).first()
        if row is None:
            raise UserError(f"There is no job {job!r}", remedy="It may belong to another workspace folder.")
        return _job(row)

    def jobs(
        self,
        *,
        active: bool | None = None,
        kind: JobKind | None = None,
        dataset: str | None = None,
        run: str | None = None,
        limit: int = 50,
    ) -> tuple[Job, ...]:
        """The newest jobs first; None means all."""
        query = sa.select(JOBS).order_by(JOBS.c.created.desc()).limit(limit)
        if active is not None:
            query = query.where(JOBS.c.state.in_(ACTIVE) if active else JOBS.c.state.not_in(ACTIVE))
        for column, wanted in ((JOBS.c.kind, kind), (JOBS.c.dataset, dataset), (JOBS.c.run, run)):
            if wanted is not None:
                query = query.where(column == wanted)
        with self.database.reading() as connection:
            return tuple(_job(row) for row in connection.execute(query))

    def detail(self, job: str) -> str:
        """The technical detail of a failure, for the folded part of the page; empty when there is none."""
        path = places.job_folder(self.home, job) / "detail.txt"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def forget_looks(self, before: float) -> None:
        """Delete what looks at tables have laid down that were asked for before this time, in seconds since 1970."""
        old = sa.and_(JOBS.c.kind.in_(LOOKS), JOBS.c.state.not_in(ACTIVE), JOBS.c.created < before)
        with self.database.reading() as connection:
            for job in connection.execute(sa.select(JOBS.c.id).where(old)).scalars():
                shutil.rmtree(places.job_folder(self.home, job), ignore_errors=True)

    def cancel(self, job: str) -> None:
        """End the job's processes within a second; what was finished stays readable, nothing else is made of it."""
        self._ask(job, "cancel")

    def stop(self, job: str) -> None:
        """End the search and make the best of what is finished: leaderboard, ensemble, evaluation."""
        self._ask(job, "stop")

    def resume(self, job: str) -> None:
        """Take up a job that ended early; a training job goes on after its last finished candidate."""
        with self.database.writing() as connection:
            connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.id == job, JOBS.c.state.in_(("failed", "cancelled", "stopped")))
                .values(
                    state="waiting",
                    asked=None,
                    error="",
                    ended=None,
                    sent=0,
                    worker=None,
                    attempt=JOBS.c.attempt + 1,
                    message="Waiting to go on",
                )
            )

    # The worker's side.

    def unsent(self) -> tuple[Job, ...]:
        """Jobs nobody has taken up yet, oldest first."""
        query = sa.select(JOBS).where(JOBS.c.state == "waiting", JOBS.c.sent == 0).order_by(JOBS.c.created)
        with self.database.reading() as connection:
            return tuple(_job(row) for row in connection.execute(query))

    def claim(self, job: str, worker: str) -> bool:
        """Take a waiting job; True for exactly one of the workers that try."""
        with self.database.writing() as connection:
            changed = connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.id == job, JOBS.c.state == "waiting", JOBS.c.sent == 0)
                .values(sent=1, worker=worker)
            )
        return changed.rowcount == 1

    def begin(self, job: str, worker: str) -> bool:
        """Take the job for this worker. False when it was cancelled or has ended meanwhile: then leave it alone."""
        with self.database.writing() as connection:
            changed = connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.id == job, JOBS.c.state.in_(ACTIVE))
                .values(state="running", worker=worker, started=sa.func.coalesce(JOBS.c.started, time.time()))
            )
        return changed.rowcount == 1

    def advance(self, job: str, worker: str, *, progress: float, message: str, used: float) -> None:
        """Tell how far the job has come; nothing happens when another worker has taken it over."""
        with self.database.writing() as connection:
            connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.id == job, JOBS.c.worker == worker, JOBS.c.state == "running")
                .values(progress=min(max(progress, 0.0), 1.0), message=message, used=used)
            )

    def finish(
        self, job: str, worker: str, state: JobState, *, result: Mapping[str, Any] | None = None, error: str = ""
    ) -> None:
        """End the job; nothing happens when another worker has taken it over."""
        values: dict[str, Any] = {"state": state, "ended": time.time(), "error": error, "asked": None, "message": ""}
        if state in ("done", "stopped"):
            values |= {"result": records.text(result or {}), "progress": 1.0}
        with self.database.writing() as connection:
            connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.id == job, JOBS.c.worker == worker, JOBS.c.state == "running")
                .values(**values)
            )

    def keep_detail(self, job: str, detail: str) -> None:
        """Store the technical detail of a failure beside the job."""
        files.write_text(places.job_folder(self.home, job) / "detail.txt", detail)

    def wishes(self, jobs: Collection[str], worker: str) -> dict[str, str]:
        """By job: "stop" or "cancel" when a person asked for it, "lost" when another worker has taken it over."""
        query = sa.select(JOBS.c.id, JOBS.c.asked, JOBS.c.worker).where(JOBS.c.id.in_(jobs))
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        said = {row.id: "lost" if row.worker != worker else row.asked for row in rows}
        return {job: wish for job, wish in said.items() if wish is not None}

    def adopt(self, job: str, silent: str, worker: str) -> bool:
        """Take over a job of a worker that has fallen silent; True for exactly one of those who try."""
        with self.database.writing() as connection:
            changed = connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.id == job, JOBS.c.state.in_(ACTIVE), sa.func.coalesce(JOBS.c.worker, silent) == silent)
                .values(worker=worker)
            )
        return changed.rowcount == 1

    def held(self, worker: str) -> tuple[Job, ...]:
        """Active jobs that this worker has taken."""
        query = sa.select(JOBS).where(JOBS.c.state.in_(ACTIVE), JOBS.c.worker == worker)
        with self.database.reading() as connection:
            return tuple(_job(row) for row in connection.execute(query))

    def send_again(self, job: str) -> None:
        """Let a worker take up the job anew, because the one that took it never began."""
        with self.database.writing() as connection:
            connection.execute(sa.update(JOBS).where(JOBS.c.id == job).values(state="waiting", sent=0, worker=None))

    def _ask(self, job: str, wish: str) -> None:
        with self.database.writing() as connection:
            connection.execute(
                sa.update(JOBS)
                .where(JOBS.c.id == job, JOBS.c.state == "waiting")
                .values(state="cancelled", ended=time.time(), message="")
            )
            connection.execute(sa.update(JOBS).where(JOBS.c.id == job, JOBS.c.state == "running").values(asked=wish))


def _job(row: sa.Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        title=row.title,
        state=row.state,
        args=json.loads(row.args),
        dataset=row.dataset,
        run=row.run,
        progress=row.progress,
        message=row.message,
        result=json.loads(row.result),
        error=row.error,
        created=row.created,
        started=row.started,
        ended=row.ended,
        used=row.used,
        attempt=row.attempt,
        asked=row.asked,
        worker=row.worker,
    )
