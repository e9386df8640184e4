"""The runs of a workspace: what was planned, what came of it, what was measured and handed over."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from mlcore import files, records
from mlcore.data.dictionary import Entry, titles, told
from mlcore.data.schema import Schema
from mlcore.errors import UserError
from mlcore.learning.plan import Candidate, Plan
from mlcore.learning.run import Run, Trial
from mlcore.workspace import places
from mlcore.workspace.database import BUNDLES, JOBS, OPENINGS, Database
from mlcore.workspace.job import Job
from mlcore.workspace.jobs import Jobs

if TYPE_CHECKING:
    from mlcore.evaluation.beside import Beside
    from mlcore.evaluation.compare import Leaderboard
    from mlcore.evaluation.evaluation import Evaluation
    from mlcore.evaluation.growing import Growth
    from mlcore.learning.forecast import Forecast
    from mlcore.learning.suspects import Suspects

R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class RunCard:
    """A run in the workspace's list. `job` says how the work goes, `run` what has come of it."""

    id: str
    dataset: str
    job: Job
    run: Run
    plan: Plan | None


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A proven bundle, ready for download. `proof` is what was checked on the unpacked zip, with numbers."""

    id: str
    run: str
    model: str
    path: str
    sha256: str
    created: float
    proof: Mapping[str, Any] = field(default_factory=dict)


def titles_of(plan: Plan, entries: Mapping[str, Entry]) -> dict[str, str]:
    """What people call the columns that a run reads and the one it predicts, each with its unit.

    `entries` are those of the data dictionary now, which may say more than it did when the run was planned.
    """
    known = {column.name: column for column in (*plan.asked, *plan.schema)}
    schema = told(Schema(columns=tuple(known.values())), entries)
    return titles(schema, schema.names, unit=True)


class Runs:
    """Runs by id; a run's id is the id of the training job that makes it."""

    def __init__(self, database: Database, home: Path, jobs: Jobs) -> None:
        self.database = database
        self.home = home
        self._jobs = jobs

    def run(self, run: str) -> Run:
        """The run as it is now, finished or not; a trial that is neither done nor failed says how it stands."""
        return self._run(self._jobs.job(run))

    def runs(self, dataset: str | None = None, limit: int = 50) -> tuple[RunCard, ...]:
        """The newest runs first."""
        listed = self._jobs.jobs(kind="train", dataset=dataset, limit=limit)
        return tuple(
            RunCard(id=job.id, dataset=job.dataset or "", job=job, run=self._run(job), plan=self._plan(job.id))
            for job in listed
        )

    def plan(self, run: str) -> Plan:
        """The plan of a run; raises `UserError` while it is still being made."""
        plan = self._plan(run)
        if plan is None:
            raise UserError("The plan of this run is not ready yet", remedy="Wait until its first model is trained.")
        return plan

    def trials(self, run: str) -> tuple[Trial, ...]:
        """Every candidate of the run, with what has come of it so far."""
        return self.run(run).trials

    def candidate(self, run: str, key: str) -> Candidate | None:
        """A candidate with its settings, planned or found by the search; None for what was made of several."""
        planned = next((one for one in self.plan(run).candidates if one.key == key), None)
        path = places.run_folder(self.home, run) / "trials" / places.checked_key(key) / "candidate.json"
        return planned or _read(Candidate, path)

    def leaderboard(self, run: str) -> Leaderboard | None:
        """The compared candidates; None until the first one is finished."""
        from mlcore.evaluation.compare import Leaderboard

        return _read(Leaderboard, places.run_folder(self.home, run) / "leaderboard.json")

    def evaluation(self, run: str, key: str) -> Evaluation | None:
        """What cross-validation says about one model; None until it was measured."""
        from mlcore.evaluation.evaluation import Evaluation

        return _read(Evaluation, self.evaluation_path(run, key))

    def holdout(self, run: str, key: str) -> Evaluation | None:
        """What the hold-out rows say about one model; None until a person opened it."""
        from mlcore.evaluation.evaluation import Evaluation

        return _read(Evaluation, self.holdout_path(run, key))

    def forecast(self, run: str) -> Forecast | None:
        """What twice the time would bring; None until the run was judged."""
        from mlcore.learning.forecast import FILE, Forecast

        return _read(Forecast, places.run_folder(self.home, run) / FILE)

    def beside(self, run: str, keys: Sequence[str]) -> Beside | None:
        """These models side by side, in this order; None until they were compared so."""
        from mlcore.evaluation.beside import Beside
        from mlcore.learning.beside import FILE

        return _read(Beside, self.beside_place(run, keys) / FILE)

    def beside_place(self, run: str, keys: Sequence[str]) -> Path:
        """Where the comparison of these models lies: the record, and as Parquet the rows that differ most."""
        from mlcore.learning.beside import place_of

        return place_of(places.run_folder(self.home, run), keys)

    def growth(self, run: str, key: str) -> Growth | None:
        """What more rows would bring to one model; None until it was measured."""
        from mlcore.evaluation.growing import Growth

        return _read(Growth, places.run_folder(self.home, run) / "growth" / places.checked_key(key) / "growth.json")

    def suspects(self, run: str) -> Suspects | None:
        """The rows whose outcome the recommended model doubts; None until it was judged."""
        from mlcore.learning.suspects import FILE, Suspects

        return _read(Suspects, places.run_folder(self.home, run) / FILE)

    def suspects_rows(self, run: str) -> Path:
        """Where these rows lie as Parquet, in the order in which they are listed."""
        from mlcore.learning.suspects import ROWS

        return places.run_folder(self.home, run) / ROWS

    def opened(self, run: str) -> dict[str, float]:
        """When the hold-out was opened, by model, in seconds since 1970."""
        with self.database.reading() as connection:
            rows = connection.execute(sa.select(OPENINGS).where(OPENINGS.c.run == run).order_by(OPENINGS.c.opened))
            return {row.model: row.opened for row in rows}

    def opened_before(self, run: str) -> tuple[str, ...]:
        """Other runs on the table, for the same target, whose hold-out was opened and had rows of this run's hold-out.

        What the locked rows said then may have had a part in what was tried since.
        """
        target = self.plan(run).goal.target
        query = sa.select(OPENINGS.c.run).distinct().join(JOBS, JOBS.c.id == OPENINGS.c.run)
        with self.database.reading() as connection:
            others = connection.scalars(query.where(JOBS.c.dataset == self._jobs.job(run).dataset)).all()
        plans = {other: self._plan(other) for other in others if other != run}
        alike = [other for other, plan in plans.items() if plan is not None and plan.goal.target == target]
        locked = self._locked(run) if alike else frozenset()
        return tuple(other for other in alike if not locked.isdisjoint(self._locked(other)))

    def record_opening(self, run: str, key: str) -> None:
        """Note for ever that the hold-out was looked at for this model; the first time counts."""
        with self.database.writing() as connection:
            known = sa.select(OPENINGS.c.run).where(OPENINGS.c.run == run, OPENINGS.c.model == key)
            if connection.execute(known).first() is None:
                connection.execute(sa.insert(OPENINGS).values(run=run, model=key, opened=time.time()))

    def explanation_folder(self, run: str, key: str) -> Path | None:
        """Where the explanation of one model lies, for `mlcore.explanation.read`; None until it was made."""
        folder = self.explanation_place(run, key)
        return folder if folder.is_dir() else None

    def bundles(self, run: str | None = None) -> tuple[Bundle, ...]:
        """Proven bundles, the newest first."""
        query = sa.select(BUNDLES).order_by(BUNDLES.c.created.desc())
        if run is not None:
            query = query.where(BUNDLES.c.run == run)
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(self._bundle(row) for row in rows)

    def add_bundle(self, bundle: str, *, run: str, model: str, file: str, proof: Mapping[str, Any]) -> None:
        """List a bundle that was proven; `file` is its name in the bundle's own folder."""
        sha256 = files.sha256(places.bundle_folder(self.home, bundle) / file)
        with self.database.writing() as connection:
            connection.execute(sa.delete(BUNDLES).where(BUNDLES.c.id == bundle))
            connection.execute(
                sa.insert(BUNDLES).values(
                    id=bundle,
                    run=run,
                    model=model,
                    file=file,
                    sha256=sha256,
                    proof=records.text(proof),
                    created=time.time(),
                )
            )

    def model_folder(self, run: str, key: str) -> Path:
        """Where the fitted model of a trial lies."""
        return places.model_folder(self.home, run, key)

    def evaluation_path(self, run: str, key: str) -> Path:
        """Where the evaluation of one model is written."""
        return places.run_folder(self.home, run) / "evaluations" / f"{places.checked_key(key)}.json"

    def holdout_path(self, run: str, key: str) -> Path:
        """Where the evaluation of one model on the hold-out rows is written."""
        return places.run_folder(self.home, run) / "holdout" / f"{places.checked_key(key)}.json"

    def explanation_place(self, run: str, key: str) -> Path:
        """Where the explanation of one model is written."""
        return places.run_folder(self.home, run) / "explanations" / places.checked_key(key)

    def probe_path(self, run: str, key: str) -> Path:
        """Where a closer look at one model is written, a `mlcore.explanation.probe.Probe`."""
        return places.run_folder(self.home, run) / "explanations" / f"{places.checked_key(key)}.json"

    def _run(self, job: Job) -> Run:
        run = _read(Run, places.run_folder(self.home, job.id) / "run.json") or Run(id=job.id, plan="", state="waiting")
        return replace(_settled(run, job), id=job.id, state=job.state, reason=job.error or run.reason)

    def _plan(self, run: str) -> Plan | None:
        return _read(Plan, places.run_folder(self.home, run) / "plan.json")

    def _locked(self, run: str) -> frozenset[int]:
        """The rows of the table that are this run's hold-out."""
        import pyarrow.parquet as pq

        from mlcore.learning.folder import SPLIT

        split = pq.read_table(places.run_folder(self.home, run) / SPLIT, columns=["row", "holdout"])
        return frozenset(split.filter(split["holdout"])["row"].to_pylist())

    def _bundle(self, row: sa.Row[tuple[object, ...]]) -> Bundle:
        path = places.bundle_folder(self.home, row.id) / row.file
        return Bundle(
            id=row.id,
            run=row.run,
            model=row.model,
            path=str(path),
            sha256=row.sha256,
            created=row.created,
            proof=json.loads(row.proof),
        )


def _settled(run: Run, job: Job) -> Run:
    """The run without trials that claim to be under way in a job that is not."""
    if job.state == "running":
        return run
    left: Mapping[str, Any] = {"state": "waiting"} if job.active else {"state": "skipped", "reason": "the run ended"}
    trials = (replace(trial, **left) if trial.state in ("running", "waiting") else trial for trial in run.trials)
    return replace(run, trials=tuple(trials))


def _read(kind: type[R], path: Path) -> R | None:
    return records.read(kind, path) if path.is_file() else None
