"""A process that has the learning libraries imported and forks a child for each task it is sent.

Run as `python -m mlcore.workspace.forker [module ...]`. It reads one JSON object a line from stdin, and writes one a
line to stdout:

    <- {"id": 7, "call": "package.module:function", "args": {…}, "result": "/…/7.json", "address_space": 8e9, "nice": 5}
    -> {"id": 7, "pid": 4711}          the child is the leader of a session and process group of its own
    <- {"kill": 7}                     kills that group, if the child is still ours
    -> {"id": 7, "exit": -9}           after it was reaped

A child costs milliseconds instead of the seconds of importing. It writes what the function returned to `result`,
whole or not at all. Nothing is pickled. This process runs one thread (an allocator's own aside, which knows forks), so
forking it is safe, and the children's death signal hangs on it: when the engine dies, stdin ends, this process ends,
and the kernel kills the children.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import select
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from mlcore import records
from mlcore.errors import UserError, disk_full
from mlcore.workspace import processes

PRELOAD = (
    "numpy",
    "pandas",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "sklearn.compose",
    "sklearn.ensemble",
    "sklearn.impute",
    "sklearn.linear_model",
    "sklearn.neighbors",
    "sklearn.neural_network",
    "sklearn.pipeline",
    "sklearn.preprocessing",
    "lightgbm",
    "mlcore.workspace.errands",
    "mlcore.learning.train",
    "mlcore.learning.filling",
    "mlcore.learning.levels",
    "mlcore.learning.scant",
    "mlcore.learning.waves",
    "mlcore.evaluation.evaluate",
    "mlcore.learning.forecast",
)
"""Imported before the first task is taken: our own rooms, too, which a child would need a third of a second for; the
engine starts another forker when the program was updated. Not polars: it starts a thread, and threads do not survive a
fork."""

LATER = ("skops.io", "xgboost", "mlcore.handoff.bundle", "onnx", "mlcore.handoff.graph.make")
"""Imported while the first child is busy: no run begins with what stores models or hands them over, and skops alone
takes as long as a third of the others."""


class Forker:
    """Children by the id of their task."""

    def __init__(self, out: int, later: Sequence[str] = ()) -> None:
        self._out = out
        self._later = list(later)
        self._children: dict[int, int] = {}
        self._pending = b""
        self._me = os.getpid()
        self._wake, wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Take requests until stdin ends, then kill what is left."""
        self._say({"ready": True})
        try:
            while self._listen():
                self._reap()
        finally:
            for process in self._children.values():
                processes.kill_group(process)

    def _listen(self) -> bool:
        waits = not (self._later and self._children)
        ready, _, _ = select.select([0, self._wake], [], [], None if waits else 0)
        if not ready:
            self._import_one()
        if self._wake in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake, 4096)
        if 0 not in ready:
            return True
        chunk = os.read(0, 1 << 16)
        *lines, self._pending = (self._pending + chunk).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))
        return bool(chunk)

    def _import_one(self) -> None:
        with contextlib.suppress(Exception):  # whoever needs it will say so
            importlib.import_module(self._later.pop(0))
        gc.freeze()

    def _obey(self, request: dict[str, Any]) -> None:
        if "kill" in request:
            if process := self._children.get(request["kill"]):
                processes.kill_group(process)
            return
        process = os.fork()
        if process == 0:
            _become_child(request, self._me)
        self._children[request["id"]] = process
        self._say({"id": request["id"], "pid": process})

    def _reap(self) -> None:
        for task, process in list(self._children.items()):
            found, status = os.waitpid(process, os.WNOHANG)
            if found:
                processes.kill_group(process)  # what the child itself had started goes with it
                del self._children[task]
                self._say({"id": task, "exit": os.waitstatus_to_exitcode(status)})

    def _say(self, message: dict[str, Any]) -> None:
        os.write(self._out, json.dumps(message).encode() + b"\n")


def _become_child(request: dict[str, Any], forker: int) -> NoReturn:
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        processes.die_with_parent()
        if os.getppid() != forker:
            os._exit(1)
        _limit(request)
        _redirect(Path(request["result"]).with_suffix(".log"))
        records.write(Path(request["result"]), _answer(request["call"], request["args"]))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _limit(request: dict[str, Any]) -> None:
    os.nice(request["nice"])
    with contextlib.suppress(OSError):  # the kernel, when out of memory, shall take the task and not the app
        Path("/proc/self/oom_score_adj").write_text("1000")
    if request["address_space"]:
        space = int(request["address_space"])
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _redirect(log: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(said, 1)
    os.dup2(said, 2)


def _answer(call: str, args: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": _function(call)(**args)}
    except UserError as error:
        return {"refused": str(error), "detail": traceback.format_exc()}
    except MemoryError:
        return {"memory": True, "detail": traceback.format_exc()}
    except Exception as error:
        full = disk_full(error) if isinstance(error, OSError) else None
        if full is not None:
            return {"refused": str(full), "detail": traceback.format_exc()}
        return {"failed": type(error).__name__, "detail": traceback.format_exc()}


def _function(call: str) -> Callable[..., Any]:
    module, _, name = call.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def main(modules: Sequence[str]) -> None:
    """Import, then serve on stdin and on what stdout was; prints of libraries go to stderr."""
    out = os.dup(1)
    os.set_inheritable(out, False)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the engine, which then closes our stdin
    for module in modules or PRELOAD:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    Forker(out, () if modules else LATER).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
