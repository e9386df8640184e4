"""A training that this process carries out itself, listed in the workspace like any other job."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, cast

from mlcore.workspace.heartbeat import Heartbeat
from mlcore.workspace.store import Store
from mlcore.workspace.training import Wish

LOG = logging.getLogger("mlcore.train")
LOOK_SECONDS = 0.3
BEAT_SECONDS = 2.0


class OwnJob:
    """A job under this process's name. The app can watch, stop and cancel it.

    While it lasts, this process has a heartbeat as a worker has: when it is killed or falls silent, a worker takes the
    job over and goes on after the last finished candidate. A process that comes back then leaves the work to it.
    """

    def __init__(self, store: Store, job: str, name: str) -> None:
        self.id = job
        self._store = store
        self._name = name
        self._began = self._looked = time.monotonic()
        self._said = ""
        self._wish: Wish = None
        self._over = threading.Event()
        self._pulse = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._pulse.start()

    @classmethod
    def begin(cls, store: Store, args: Mapping[str, Any], title: str) -> OwnJob:
        """List a training job as taken by this process."""
        name = f"command line {socket.gethostname()} {os.getpid()}"
        Heartbeat(store.database, name).beat()
        return cls(store, store.submit("train", args, title, worker=name), name)

    def wish(self) -> Wish:
        """What a person asked for meanwhile, or "lost"; asked of the database a few times a second."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._looked = time.monotonic()
            self._wish = cast("Wish", self._store.wishes((self.id,), self._name).get(self.id))
        return self._wish

    def tell(self, progress: float, message: str) -> None:
        """Log what is new, and tell it to whoever watches the job."""
        if message != self._said:
            self._said = message
            LOG.info("%3.0f %%  %s", 100 * progress, message)
        used = time.monotonic() - self._began
        self._store.advance(self.id, self._name, progress=progress, message=message, used=used)

    def wait(self) -> None:
        """Return when the job has ended: at once, unless a worker has taken it over."""
        while self._store.job(self.id).active:
            time.sleep(LOOK_SECONDS)

    def __enter__(self) -> OwnJob:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        self._pulse.join()
        if error is None:
            run = self._store.run(self.id)
            result = {"run": self.id, "best": run.best}
            self._store.finish(self.id, self._name, "done" if run.best else "cancelled", result=result)
        elif isinstance(error, Exception):
            self._store.finish(self.id, self._name, "failed", error=str(error) or type(error).__name__)
        else:  # Ctrl-C
            self._store.finish(self.id, self._name, "cancelled")

    def _beat(self) -> None:
        heartbeat = Heartbeat(self._store.database, self._name)
        while not self._over.wait(BEAT_SECONDS):
            heartbeat.beat()
        heartbeat.forget(self._name)
