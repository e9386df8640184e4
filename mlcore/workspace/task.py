"""A call to be made in another process, what came of it, and what makes such calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from mlcore.errors import UserError

OutcomeState = Literal["done", "refused", "failed", "late", "memory", "crashed", "cancelled"]
"""`refused`: the task raised a `UserError`. `failed`: it raised another one. `crashed`: its process died."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A call to make elsewhere. `call` is "module:function"; `args` are its keyword arguments, plain JSON.

    `seconds` is how long it may take, `megabytes` how much resident memory it may use; None: the engine's share.
    `title` names it in sentences for people.
    """

    call: str
    title: str
    args: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    megabytes: float | None = None
    nice: int = 0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a task. `error` is one sentence, `detail` the technical text behind it.

    `seconds` it took, waiting not counted; `megabytes` is the largest resident size seen.
    """

    state: OutcomeState
    value: Any = None
    error: str = ""
    detail: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0


class WorkError(UserError):
    """Work that cannot go on. The text is one sentence for people; `outcome` has the technical detail."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.error)
        self.outcome = outcome


def value_of(outcome: Outcome) -> Any:
    """What the task gave back; raises `WorkError` when it gave nothing."""
    if outcome.state != "done":
        raise WorkError(outcome)
    return outcome.value


class Engine(Protocol):
    """Where tasks are executed. `lanes` is how many it can execute at once."""

    lanes: int

    def warm(self) -> None: ...

    def run(self, task: Task, wanted: Callable[[], bool] = ...) -> Outcome: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...
