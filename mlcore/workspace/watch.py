"""Keeps a worker alive for the pages: starts one when there is none, and again when it dies."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from mlcore.workspace import places, processes

IDLE_SECONDS = 120.0
"""How long a worker that we started stays when nobody watches over it and nothing is to do."""

_PATIENCE = 10.0


class Watchdog:
    """Call `keep_alive` every second or two; it costs a fraction of a millisecond."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = places.home_folder(home)
        self._started: subprocess.Popen[bytes] | None = None
        self._tried = 0.0

    def keep_alive(self) -> bool:
        """Start a worker when none is alive. True when one was started."""
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "worker.wanted").touch()
        if self.alive or self._is_starting():
            return False
        self._tried = time.monotonic()
        words = processes.command("mlcore.workspace.worker", str(IDLE_SECONDS))
        self._started = processes.start_detached(words, self.home / "worker.log", {"TABLESMITH_HOME": str(self.home)})
        return True

    @property
    def alive(self) -> bool:
        """Whether a worker of this machine has the workspace in hand."""
        return processes.is_held(processes.worker_lock(self.home))

    def _is_starting(self) -> bool:
        if self._started is None or self._started.poll() is not None:
            return False
        return time.monotonic() - self._tried < _PATIENCE
