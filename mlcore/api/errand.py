"""What a verb has done in children of its process: their memory is free again, their libraries are there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.errors import UserError
from mlcore.workspace.task import Engine, Task, value_of

MOST_LATE = 2.0
"""So many times as long as it may may learning again take before it is given up."""


def done(engine: Engine, verb: str, title: str, args: Mapping[str, Any], seconds: float | None = None) -> Any:
    """What an errand gave back. `seconds` is how long it may take; None: the engine's share."""
    return value_of(engine.run(Task(call=f"mlcore.workspace.errands:{verb}", title=title, args=args, seconds=seconds)))


def again(engine: Engine, model: Mapping[str, str], left: float) -> tuple[str, str]:
    """The key of the model to hand over, learned again from all rows where `left` seconds allow it, and what came of
    that as sentences. `model` has the folder of the run and the key of the model that was judged."""
    try:
        args, most = {**model, "seconds": left}, MOST_LATE * max(left, 1.0)
        made = done(engine, "again", "Learning from all rows", args, most)
    except UserError as error:
        return model["key"], f"The model was not learned again from all rows. {error} The one judged is handed over."
    return str(made), (
        "What is handed over has learned from all rows, the locked ones too: the same settings, fitted once more. The "
        "numbers here are of the model that was judged."
    )
