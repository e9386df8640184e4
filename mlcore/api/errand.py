"""What a verb has done in children of its process: their memory is free again, their libraries are there already."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from mlcore.workspace.task import Engine, Outcome, Task, value_of


def done(engine: Engine, verb: str, title: str, args: Mapping[str, Any], seconds: float | None = None) -> Any:
    """What an errand gave back. `seconds` is how long it may take; None: the engine's share."""
    return value_of(engine.run(task(verb, title, args, seconds)))


def task(verb: str, title: str, args: Mapping[str, Any], seconds: float | None = None) -> Task:
    """An errand to be done."""
    return Task(call=f"mlcore.workspace.errands:{verb}", title=title, args=args, seconds=seconds)


def side_by_side(engine: Engine, tasks: Sequence[Task], beside: Future[None] | None = None) -> list[Outcome]:
    """What came of errands, begun in their order, as many at once as the engine has lanes; one lane is that of what
    goes on `beside` them already, as long as it does.

    When this process is interrupted, they are ended.
    """
    over = threading.Event()
    with ThreadPoolExecutor(engine.lanes) as lanes:
        if beside is not None:
            lanes.submit(beside.result)
        begun = [lanes.submit(engine.run, one, lambda: not over.is_set()) for one in tasks]
        try:
            return [one.result() for one in begun]
        except BaseException:
            over.set()
            raise
