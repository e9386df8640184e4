"""A workspace with small real tables in it, and a worker of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from mlcore.data.load import load
from mlcore.learning.goal import Goal
from mlcore.workspace import processes
from mlcore.workspace.job import Job
from mlcore.workspace.store import Store

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    opened = Store.open(home)
    yield opened
    opened.close()


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Starts a worker of a name; whatever is left of it is killed after the test."""
    begun: list[subprocess.Popen[bytes]] = []

    def started(name: str = "one") -> subprocess.Popen[bytes]:
        variables = {"TABLESMITH_WORKER_NAME": name, "TABLESMITH_HOME": str(home)}
        words = processes.command("mlcore.workspace.worker")
        begun.append(processes.start_detached(words, home / f"log-{name}", variables))
        return begun[-1]

    yield started
    for process in begun:
        killed(process)


def killed(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL, as the kernel's out-of-memory killer or a person would."""
    if process.poll() is None:
        os.kill(process.pid, signal.SIGCONT)
        process.kill()
    process.wait()


def dataset_of(store: Store, frame: pd.DataFrame, folder: Path, target: str, task: str) -> str:
    """The frame as a dataset of the workspace with its goal saved."""
    frame.to_csv(folder / "given.csv", index=False)
    identifier = store.add_dataset(load(folder / "given.csv", out=folder / "given.parquet"))
    store.save_goal(identifier, Goal(target=target, task=task, metric=""))  # type: ignore[arg-type]
    return identifier


def until(condition: Callable[[], bool], seconds: float = 120, what: str = "it") -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.05)


def ended(store: Store, job: str, seconds: float = 200) -> Job:
    """The job, after it has ended."""
    until(lambda: not store.job(job).active, seconds, f"the end of {store.job(job).title!r}")
    return store.job(job)
