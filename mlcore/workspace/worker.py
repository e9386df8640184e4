"""The worker from outside: start one, keep one alive. Light, so that the server of the pages can import it."""

from __future__ import annotations

import subprocess
import sys
import time
from functools import cache
from pathlib import Path

from mlcore.workspace import places, processes

IDLE_SECONDS = 120.0
"""How long a worker that we started stays when nobody keeps it alive and nothing is to do."""

PATIENCE_SECONDS = 10.0
"""How long a worker may take until it is seen to be alive."""


def serve(home: Path | None = None, *, exit_when_idle: float | None = None) -> None:
    """Work until told to end (SIGTERM, Ctrl-C); returns at once when this machine has a worker for the workspace.

    With `exit_when_idle`, ends after so many seconds without a job and without anybody keeping it alive.
    """
    folder = places.home_folder(home)
    with processes.only_one(processes.worker_lock(folder)) as free:
        if free:
            from mlcore.workspace.duty import Duty

            Duty.begin(folder).run(exit_when_idle)


def keep_alive(home: Path | None = None) -> bool:
    """Start a worker when none is alive; True when one was started. Call it every second or two: it never waits."""
    return _watchdog(places.home_folder(home)).look()


def is_alive(home: Path | None = None) -> bool:
    """Whether a worker of this machine has the workspace in hand."""
    return processes.is_held(processes.worker_lock(places.home_folder(home)))


@cache
def _watchdog(home: Path) -> _Watchdog:
    return _Watchdog(home)


class _Watchdog:
    """Remembers the worker it started, to wait for its beginning and to take note of its end."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._started: subprocess.Popen[bytes] | None = None
        self._tried = 0.0

    def look(self) -> bool:
        self._home.mkdir(parents=True, exist_ok=True)
        (self._home / "worker.wanted").touch()
        ended = self._started is None or self._started.poll() is not None
        if is_alive(self._home) or (not ended and time.monotonic() - self._tried < PATIENCE_SECONDS):
            return False
        self._tried = time.monotonic()
        words = processes.command("mlcore.workspace.worker", str(IDLE_SECONDS))
        self._started = processes.start_detached(words, self._home / "worker.log", {"TABLESMITH_HOME": str(self._home)})
        processes.let_go(self._started)
        return True


if __name__ == "__main__":
    serve(exit_when_idle=float(sys.argv[1]) if len(sys.argv) > 1 else None)
