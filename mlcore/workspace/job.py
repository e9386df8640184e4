"""A piece of long work as a person sees it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

JobKind = Literal[
    "browse", "preview", "import", "check", "prepare", "recipe_preview",
    "train", "evaluate", "explain", "open_holdout", "bundle", "export", "score_file", "compact", "gather", "closer",
    "beside", "growth", "probe", "calibrate", "again",
]  # fmt: skip

LOOKS: tuple[JobKind, ...] = ("browse", "preview", "recipe_preview")
"""What they lay down is looked at once."""

JobState = Literal["waiting", "running", "done", "failed", "cancelled", "stopped"]
"""`stopped`: ended early because a person asked, with what was finished kept."""

ACTIVE: tuple[JobState, ...] = ("waiting", "running")


@dataclass(frozen=True, kw_only=True)
class Job:
    """Work that was asked for, and how far it has come.

    `args` are ids and small settings. `result` says where the outcome is, by ids. `progress` is 0 to 1. `error` is one
    sentence for the person who asked; the technical detail lies in the store's `detail(id)`. `created`, `started` and
    `ended` are seconds since 1970. `used` is the time worked, in seconds, over all attempts. `asked` is "stop" or
    "cancel" while such a wish waits to be fulfilled. `worker` is the name of the worker that has the job.
    """

    id: str
    kind: JobKind
    title: str
    state: JobState
    args: Mapping[str, Any] = field(default_factory=dict)
    dataset: str | None = None
    run: str | None = None
    progress: float = 0.0
    message: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    created: float = 0.0
    started: float | None = None
    ended: float | None = None
    used: float = 0.0
    attempt: int = 1
    asked: str | None = None
    worker: str | None = None

    @property
    def active(self) -> bool:
        """Whether it still has work before it."""
        return self.state in ACTIVE

    @property
    def elapsed(self) -> float:
        """Seconds since it was started, or from start to end."""
        if self.started is None:
            return 0.0
        return max(0.0, (self.ended or time.time()) - self.started)
