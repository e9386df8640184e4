"""Judge a model on the locked rows and have it learn again from all rows, in all lanes of an engine."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from mlcore.api.errand import done, side_by_side, task
from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS
from mlcore.learning.again import LEARNED
from mlcore.learning.folder import RunFolder
from mlcore.learning.run import best_first
from mlcore.workspace.task import Engine, Task, value_of

TITLE = "Learning from all rows"
TOLD = (
    "What is handed over has learned from all rows, the locked ones too: the same settings, fitted once more. The "
    "numbers here are of the model that was judged."
)
MOST_LATE = 2.0
"""So many times as long as it may learning again take before it is given up."""


class Beginning:
    """The member that takes longest of the model that scores best, fitted on all rows while models are compared.

    To be used in a `with`, at whose end what goes on is ended, and what was laid down for learning again is gone.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._over = threading.Event()
        self._lane = ThreadPoolExecutor(1)
        self._folder: Path | None = None
        self.key = ""
        self.fit: Future[None] | None = None

    def begin(self, folder: Path, left: float) -> None:
        """Begin in the folder of a run, for which so many seconds are left, and return at once."""
        self._folder = folder
        self.fit = self._lane.submit(self._fitted, folder, left)

    def end(self) -> None:
        """Give up what goes on."""
        self._over.set()

    def _fitted(self, folder: Path, left: float) -> None:
        run = RunFolder(folder)
        best = best_first(run.trials(), METRICS[run.plan.goal.metric])
        if not best or self._engine.lanes < 2:
            return
        model = {"folder": str(folder), "key": best[0].key}
        try:
            keys = _members(self._engine, model, left)
        except UserError:  # it will be said when the model is chosen
            return
        if len(keys) > 1:
            self.key = keys[0]
            fit = task("member_again", TITLE, {**model, "key": self.key}, MOST_LATE * max(left, 1.0))
            self._engine.run(fit, lambda: not self._over.is_set())

    def __enter__(self) -> Beginning:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.end()
        self._lane.shutdown()
        if self._folder is not None:
            shutil.rmtree(self._folder / LEARNED, ignore_errors=True)


def judged_and_learned(
    engine: Engine,
    model: Mapping[str, str],
    judged: Sequence[Task],
    left: float | None,
    begun: Beginning,
) -> tuple[str, str]:
    """The key of the model to hand over, and what came of learning again from all rows as sentences.

    `model` has the folder of the run and the key of the model, which is `judged`. Where `left` seconds allow it (None:
    it is not asked for), its members are fitted on all rows meanwhile, but for what has `begun` already, and put
    together when that is done. Raises `UserError` when it cannot be judged.
    """
    most, refused = MOST_LATE * max(left or 0.0, 1.0), None
    fits: list[Task] = []
    if left is not None:
        try:
            keys = _members(engine, model, left)
            beside = [key for key in keys if key != begun.key] if engine.lanes > 1 and len(keys) > 1 else []
            fits = [task("member_again", TITLE, {**model, "key": key}, most) for key in beside]
        except UserError as error:
            keys, refused = [], error
        if begun.key not in keys:  # another model is the best one after all
            begun.end()
    outcomes = side_by_side(engine, [*judged, *fits], begun.fit)
    for outcome in outcomes[: len(judged)]:
        value_of(outcome)
    if left is None:
        return model["key"], ""
    try:
        if refused is not None:
            raise refused
        for outcome in outcomes[len(judged) :]:
            value_of(outcome)
        return str(done(engine, "again", TITLE, model, most)), TOLD
    except UserError as error:
        return model["key"], f"The model was not learned again from all rows. {error} The one judged is handed over."


def _members(engine: Engine, model: Mapping[str, str], left: float) -> list[str]:
    """The members that can learn again, the longest first; `UserError` when the model cannot in so many seconds."""
    return list(done(engine, "members_again", TITLE, {**model, "seconds": left, "lanes": engine.lanes}))
