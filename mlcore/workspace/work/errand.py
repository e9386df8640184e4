"""A job in the hands of a worker, and what an entry of the work catalogue is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mlcore.workspace.job import Job, JobKind, JobState
from mlcore.workspace.store import Store
from mlcore.workspace.task import Engine, Task, value_of
from mlcore.workspace.training import Step, Wish

Queue = Literal["quick", "long"]
"""`quick`: someone is waiting in front of the screen. `long`: one at a time, as long as its budget."""


@dataclass(frozen=True, kw_only=True)
class Errand:
    """A job under way: where to read and write, what executes, what a person wishes meanwhile, how to tell progress."""

    job: Job
    store: Store
    engine: Engine
    step: Step
    wish: Callable[[], Wish]
    tell: Callable[[float, str], None]

    async def run(self, task: Task, *, done: float = 0.0) -> Any:
        """Execute one task as one durable step and give back its value; `WorkError` when it has none.

        `done` is the share of the whole errand that lies behind it; 0 where nothing can be counted, so that no page
        shows a share that was made up.
        """
        self.tell(done, task.title)

        def execute() -> Any:
            return value_of(self.engine.run(task, lambda: self.wish() is None))

        return await self.step(task.call.partition(":")[2], execute)


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a job ended well: what `Job.result` shall hold."""

    result: Mapping[str, Any]
    state: JobState = "done"


@dataclass(frozen=True, kw_only=True)
class Work:
    """A kind of job. `carry_out` may be repeated after a crash at any moment: what it writes is whole or absent."""

    key: JobKind
    queue: Queue
    carry_out: Callable[[Errand], Awaitable[Done]]
