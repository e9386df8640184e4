"""Processes of our own: how they are started, what they may use, and that only one of a kind runs."""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import mlcore

_PR_SET_PDEATHSIG = 1
_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_ALLOCATOR = {"ARROW_DEFAULT_MEMORY_POOL": "jemalloc"} if sys.platform == "linux" else {}
"""Arrow's usual one keeps what was freed: of a million rows of 50 columns 300 MB more."""


def command(module: str, *words: str) -> list[str]:
    """The command that runs one of our modules with this interpreter."""
    return [sys.executable, "-m", module, *words]


def environment() -> dict[str, str]:
    """Our environment for a child: it finds this very mlcore, and its libraries keep to one thread."""
    root = str(Path(mlcore.__file__).resolve().parent.parent)
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    own = {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONUNBUFFERED": "1"}
    return {**_ALLOCATOR, **os.environ, **dict.fromkeys(_THREAD_LIMITS, "1"), **own}


def program_stamp() -> int:
    """Another number when a file of this program was changed, added or removed; takes milliseconds."""
    files = Path(mlcore.__file__).parent.rglob("*.py")
    return hash(tuple(sorted((str(file), file.stat().st_mtime_ns) for file in files)))


def worker_name() -> str:
    """TABLESMITH_WORKER_NAME, or the name of this machine: stable, because a worker takes up what its namesake left."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", os.environ.get("TABLESMITH_WORKER_NAME") or socket.gethostname())


def worker_lock(home: Path) -> Path:
    """Held by the living worker of this name."""
    return home / f"worker-{worker_name()}.lock"


def start_detached(words: Sequence[str], log: Path, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one, in a session of its own; what it says goes to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env={**environment(), **variables},
            start_new_session=True,
        )


def let_go(process: subprocess.Popen[bytes]) -> None:
    """Wait for a detached process in the background, so that it leaves no zombie."""
    threading.Thread(target=process.wait, name="reaper", daemon=True).start()


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the thread that forked it ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def kill_group(process: int) -> None:
    """Kill a session leader and all it has started; nothing happens when it is gone."""
    try:
        os.killpg(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def usable_cores() -> int:
    """Cores this process may use: its affinity and its container's quota counted."""
    import joblib

    return int(joblib.cpu_count())


def usable_memory() -> int:
    """Bytes this machine, or the container we are in, can give."""
    import psutil

    total = int(psutil.virtual_memory().total)
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.is_file() and (text := limit.read_text().strip()).isdigit():
        return min(total, int(text))
    return total


@contextmanager
def only_one(path: Path) -> Iterator[bool]:
    """Hold the lock file for the block; False when another living process holds it. The kernel frees it at death."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as stream:
        if not _locked_soon(stream):
            yield False
            return
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield True


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Hold the lock file for the block, after whoever holds it now. The kernel frees it at death."""
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock file."""
    if not path.is_file():
        return False
    with path.open("a+") as stream:
        return not _locked(stream)


def _locked_soon(stream: IO[str]) -> bool:
    """Try for half a second: somebody who looks with `is_held` has the lock for a moment."""
    for _ in range(5):
        if _locked(stream):
            return True
        time.sleep(0.1)
    return False


def _locked(stream: IO[str]) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
