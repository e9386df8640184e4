"""What the tabs beside the evaluation share: a closer look is read where it lies, else asked for and followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mlcore.workspace.store import RunCard, Store
from pages.ui import cache, jobs

R = TypeVar("R")


def look(
    read: Callable[[Store], R | None],
    run: RunCard,
    key: str,
    what: str,
    title: str,
    more: Mapping[str, Any] | None = None,
) -> R | None:
    """What was found; while it is being looked for its progress is shown instead, and None is given."""
    found = read(cache.store())
    if found is not None:
        return found
    args = {"run": run.id, "key": key, "look": what, **({"more": dict(more)} if more else {})}
    job = jobs.latest("closer", **args)
    if job is None or job.state in ("cancelled", "done"):
        job = cache.store().job(jobs.ask("closer", title, **args))
    jobs.follow(job)
    return None
