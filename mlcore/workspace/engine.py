"""Runs one task in one child process, and ends it when it takes too long, too much memory, or is not wanted any more.

A task is a function's name, ids, paths and numbers, never arrays: the process that executes it reads Parquet itself.
This is the seam for a cluster: another engine has the same `run`. `TABLESMITH_ENGINE` chooses; only "local" exists.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from mlcore.errors import UserError
from mlcore.workspace import processes
from mlcore.workspace.task import Outcome, OutcomeState, Task

_LOOK_EVERY = 0.1
_WEIGH_EVERY = 0.25
_BACKSTOP = 4 << 30  # what imports alone reserve of address space, measured 3.1 GiB, without using it


def chosen_engine() -> LocalEngine:
    """The engine that TABLESMITH_ENGINE names."""
    name = os.environ.get("TABLESMITH_ENGINE") or "local"
    if name != "local":
        raise UserError(f"There is no engine {name!r}", where="TABLESMITH_ENGINE", remedy="Leave it out, or say local.")
    return LocalEngine()


class LocalEngine:
    """Children of this machine, forked from one process that has the libraries imported. Safe to use from threads."""

    def __init__(self, *, lanes: int | None = None, preload: tuple[str, ...] = ()) -> None:
        self.lanes = lanes or processes.usable_cores()
        self._preload = preload
        self._lock = threading.Lock()
        self._forker: _Line | None = None
        self._retired: list[_Line] = []  # of a program that was updated since; their children go on
        self._stamp = 0
        # a child may still write while this process leaves
        self._folder = tempfile.TemporaryDirectory(prefix="tablesmith-tasks-", ignore_cleanup_errors=True)
        self._count = 0
        self._share = 0.8 * processes.usable_memory() / self.lanes

    def warm(self) -> None:
        """Begin to import the libraries now instead of with the first task."""
        self._line()

    def run(self, task: Task, wanted: Callable[[], bool] = lambda: True) -> Outcome:
        """Execute the task and wait for it; as soon as `wanted()` is False, it is killed within half a second."""
        line = self._line()
        with self._lock:
            self._count += 1
            number = self._count
        result = Path(self._folder.name) / f"{number}.json"
        limit = task.megabytes * 2**20 if task.megabytes else self._share
        child = line.start(
            number,
            {
                "id": number, "call": task.call, "args": dict(task.args), "result": str(result), "nice": task.nice,
                "address_space": limit + _BACKSTOP,
            },
        )  # fmt: skip
        ended = _watch(child, line, task, limit, wanted)
        try:
            return _outcome(task, child, ended, result)
        finally:
            for path in (result, result.with_suffix(".log")):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """End the forker, and with it every task under way."""
        with self._lock:
            for line in (*self._retired, *([] if self._forker is None else [self._forker])):
                line.close()
            self._forker, self._retired = None, []
        self._folder.cleanup()

    def abandon(self) -> None:
        """Remove temporary files only: this process ends at once, and its children die with it."""
        self._folder.cleanup()

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _line(self) -> _Line:
        with self._lock:
            stamp = processes.program_stamp()
            if self._forker is None or not self._forker.alive or stamp != self._stamp:
                self._retired += [self._forker] if self._forker is not None and self._forker.alive else []
                self._forker, self._stamp = _Line(self._preload), stamp
            return self._forker


@dataclass(eq=False)
class _Child:
    number: int
    pid: int | None = None
    exit: int | None = None
    began: float = 0.0
    peak: float = 0.0
    started: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)


class _Line:
    """The conversation with a forker."""

    def __init__(self, preload: tuple[str, ...]) -> None:
        self._process = subprocess.Popen(
            processes.command("mlcore.workspace.forker", *preload), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=processes.environment(), start_new_session=True,
        )  # fmt: skip
        self._children: dict[int, _Child] = {}
        self._lock = threading.Lock()
        self.alive = True
        self._ready = False
        self._reader = threading.Thread(target=self._read, name="forker", daemon=True)
        self._reader.start()

    def start(self, number: int, request: Mapping[str, Any]) -> _Child:
        child = _Child(number)
        with self._lock:
            self._children[number] = child
        if not self._send(request) or not self.alive:
            self._lose(child)
        return child

    def kill(self, child: _Child) -> None:
        self._send({"kill": child.number})

    def close(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        if not self._ready:  # it still imports, and listens to nobody
            processes.kill_group(self._process.pid)
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            processes.kill_group(self._process.pid)
            self._process.wait()
        self._reader.join()

    def _send(self, message: Mapping[str, Any]) -> bool:
        assert self._process.stdin is not None
        with self._lock:
            try:
                self._process.stdin.write(json.dumps(message).encode() + b"\n")
                self._process.stdin.flush()
            except (BrokenPipeError, ValueError):
                return False
        return True

    def _read(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                self._hear(json.loads(line))
        self.alive = False
        self._process.wait()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        with self._lock:
            left = list(self._children.values())
        for child in left:
            self._lose(child)

    def _hear(self, message: dict[str, Any]) -> None:
        self._ready = True
        with self._lock:
            child = self._children.get(message.get("id", 0))
            if child is not None and "exit" in message:
                del self._children[child.number]
        if child is None:
            return
        if "pid" in message:
            child.pid, child.began = message["pid"], time.monotonic()
            child.started.set()
        else:
            child.exit = message["exit"]
            child.over.set()

    @staticmethod
    def _lose(child: _Child) -> None:
        child.started.set()
        child.over.set()


def _watch(child: _Child, line: _Line, task: Task, limit: float, wanted: Callable[[], bool]) -> OutcomeState | None:
    """Wait for the child, and say why it was ended if it was ended by us."""
    reason: OutcomeState | None = None
    weighed = 0.0
    while not child.over.wait(_LOOK_EVERY):
        now = time.monotonic()
        if child.pid is not None and now - weighed >= _WEIGH_EVERY:
            child.peak, weighed = max(child.peak, _resident(child.pid)), now
        if not wanted():
            reason = reason or "cancelled"
        elif child.pid is not None and task.seconds is not None and now - child.began > task.seconds:
            reason = reason or "late"
        elif child.peak > limit:
            reason = reason or "memory"
        if reason is not None and child.started.is_set():
            line.kill(child)
    return reason


def _resident(process: int) -> float:
    """Bytes of memory the process and its descendants hold; 0 when it is gone."""
    try:
        leader = psutil.Process(process)
        return float(sum(one.memory_info().rss for one in (leader, *leader.children(recursive=True))))
    except psutil.Error:
        return 0.0


def _outcome(task: Task, child: _Child, ended: OutcomeState | None, result: Path) -> Outcome:
    seconds = time.monotonic() - child.began if child.began else 0.0
    measured: dict[str, Any] = {"seconds": seconds, "megabytes": child.peak / 2**20}
    if result.is_file():  # it finished, perhaps while it was being killed
        return _told(task, json.loads(result.read_text(encoding="utf-8")), measured)
    log = result.with_suffix(".log")
    said = log.read_text(encoding="utf-8", errors="replace")[-4000:] if log.is_file() else ""
    if ended is None and "std::bad_alloc" in said:
        ended = "memory"
    state = ended or "crashed"
    detail = f"{task.call} ended with exit code {child.exit}\n{said}".strip()
    return Outcome(state=state, error=_sentence(state, task, child.exit), detail=detail, **measured)


def _told(task: Task, answer: dict[str, Any], measured: dict[str, Any]) -> Outcome:
    if "value" in answer:
        return Outcome(state="done", value=answer["value"], **measured)
    detail = answer["detail"]
    if "refused" in answer:
        return Outcome(state="refused", error=answer["refused"], detail=detail, **measured)
    state: OutcomeState = "memory" if "memory" in answer else "failed"
    return Outcome(state=state, error=_sentence(state, task, answer.get("failed")), detail=detail, **measured)


def _sentence(state: OutcomeState, task: Task, cause: object) -> str:
    what = task.title or "This step"
    if state == "late":
        return f"{what} was ended because it took longer than the {task.seconds:.0f} seconds it had."
    if state == "memory":
        return f"{what} needed more memory than it may use. Try fewer rows or columns, or a machine with more memory."
    if state == "cancelled":
        return f"{what} was cancelled."
    if state == "failed":
        return f"{what} failed with an unexpected error ({cause}). The technical detail says more."
    signal_hint = " It may have run out of memory." if cause == -9 and sys.platform == "linux" else ""
    return f"{what} failed because its process ended unexpectedly.{signal_hint}"
