"""What a verb has done in children of its process: their memory is free again, their libraries are there already."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mlcore.errors import UserError
from mlcore.workspace.task import Engine, Outcome, Task, value_of

AGAIN = "Learning from all rows"
LEARNED = (
    "What is handed over has learned from all rows, the locked ones too: the same settings, fitted once more. The "
    "numbers here are of the model that was judged."
)
MOST_LATE = 2.0
"""So many times as long as it may learning again take before it is given up."""


def done(engine: Engine, verb: str, title: str, args: Mapping[str, Any], seconds: float | None = None) -> Any:
    """What an errand gave back. `seconds` is how long it may take; None: the engine's share."""
    return value_of(engine.run(task(verb, title, args, seconds)))


def task(verb: str, title: str, args: Mapping[str, Any], seconds: float | None = None) -> Task:
    """An errand to be done."""
    return Task(call=f"mlcore.workspace.errands:{verb}", title=title, args=args, seconds=seconds)


def side_by_side(engine: Engine, tasks: Sequence[Task]) -> list[Outcome]:
    """What came of errands, begun in their order, as many at once as the engine has lanes.

    When this process is interrupted, they are ended.
    """
    over = threading.Event()
    with ThreadPoolExecutor(engine.lanes) as lanes:
        begun = [lanes.submit(engine.run, one, lambda: not over.is_set()) for one in tasks]
        try:
            return [one.result() for one in begun]
        except BaseException:
            over.set()
            raise


def judged_and_learned(
    engine: Engine, model: Mapping[str, str], judged: Sequence[Task], left: float | None
) -> tuple[str, str]:
    """The key of the model to hand over, and what came of learning again from all rows as sentences.

    `model` has the folder of the run and the key of the model, which is `judged`. Where `left` seconds allow it (None:
    it is not asked for), its members are fitted on all rows meanwhile, and put together when that is done. Raises
    `UserError` when it cannot be judged.
    """
    most, refused = MOST_LATE * max(left or 0.0, 1.0), None
    fits: list[Task] = []
    if left is not None:
        try:
            keys = done(engine, "members_again", AGAIN, {**model, "seconds": left, "lanes": engine.lanes})
            together = engine.lanes > 1 and len(keys) > 1
            fits = [task("member_again", AGAIN, {**model, "key": key}, most) for key in keys if together]
        except UserError as error:
            refused = error
    outcomes = side_by_side(engine, [*judged, *fits])
    for outcome in outcomes[: len(judged)]:
        value_of(outcome)
    if left is None:
        return model["key"], ""
    try:
        if refused is not None:
            raise refused
        for outcome in outcomes[len(judged) :]:
            value_of(outcome)
        return str(done(engine, "again", AGAIN, model, most)), LEARNED
    except UserError as error:
        return model["key"], f"The model was not learned again from all rows. {error} The one judged is handed over."
