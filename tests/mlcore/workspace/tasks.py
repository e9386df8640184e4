"""Functions that tests send to the engine: good ones, and every kind of bad one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from mlcore.errors import TableError


def add(a: int, b: int) -> int:
    return a + b


def sleep(seconds_long: float) -> None:
    time.sleep(seconds_long)


def hang() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)


def crash() -> None:
    print("last words", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGSEGV)


def swell() -> None:
    held = []
    while True:
        held.append(b"x" * (20 << 20))
        time.sleep(0.02)


def allocate(gigabytes: int) -> None:
    bytearray(gigabytes << 30)


def fill_the_disk() -> None:
    with Path("/dev/full").open("w") as stream:
        stream.write("x" * 100_000)


def refuse() -> None:
    raise TableError("The table is empty", where="line 1", remedy="Choose another.")


def numbers() -> dict[str, object]:
    return {"pair": (1, 2.5), "none": float("nan"), "7": {8: None}}


def fail() -> float:
    return 1 / 0


def spawn(note: str) -> None:
    _grandchild(note).wait()


def spawn_and_return(note: str) -> None:
    _grandchild(note)


def note_and_hang(note: str) -> None:
    Path(note + ".part").write_text(str(os.getpid()))
    Path(note + ".part").rename(note)
    hang()


def threads_of_the_forker() -> list[str]:
    threads = Path(f"/proc/{os.getppid()}/task").iterdir()
    return [(thread / "comm").read_text().strip() for thread in threads]


def absent(names: list[str]) -> list[str]:
    """Those of these modules that are not imported here."""
    return [name for name in names if name not in sys.modules]


def loaded_by(verb: str, args: dict[str, object], name: str) -> bool:
    """Whether an errand, carried out here, makes this process import a library of that name."""
    from mlcore.workspace import errands

    getattr(errands, verb)(**args)
    return name in sys.modules


def _grandchild(note: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(["sleep", "60"])
    Path(note).write_text(str(process.pid))
    return process
