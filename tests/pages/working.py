"""A worker inside the test: jobs are carried out here and now, by the same work catalogue."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcore import records
from mlcore.errors import UserError
from mlcore.workspace import scorer
from mlcore.workspace.store import Job, Store
from mlcore.workspace.task import WorkError
from mlcore.workspace.work import WORK, Errand
from tests.kept import InlineEngine


def carry_out(store: Store, job: Job) -> Job:
    """What a worker would do with a job; the job as it is then."""

    async def step(_name: str, function: Any) -> Any:
        return function()

    assert store.begin(job.id, "test")
    errand = Errand(
        job=job, store=store, engine=InlineEngine(), step=step, wish=lambda: None, tell=lambda _progress, _message: None
    )
    try:
        done = asyncio.run(WORK[job.kind].carry_out(errand))
    except (UserError, WorkError) as error:
        store.finish(job.id, "test", "failed", error=str(error))
    else:
        store.finish(job.id, "test", done.state, result=done.result)
    return store.job(job.id)


class Answering(scorer.Client):
    """A scorer in this process."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._scorer = scorer.Scorer(home)

    def _ask(self, question: Mapping[str, Any]) -> Any:
        answer = json.loads(json.dumps(self._scorer.answer(json.dumps(records.to_json(question)).encode())))
        if "error" in answer:
            raise UserError(answer["error"])
        return answer["value"]


def newest(store: Store, kind: Any) -> Job:
    """The job of this kind that was asked for last."""
    return store.jobs(kind=kind)[0]
