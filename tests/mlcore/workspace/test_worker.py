"""Jobs survive what happens to workers: killed, stalled, replaced, stopped in order."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from mlcore.workspace import heartbeat, places, processes, worker
from mlcore.workspace.store import Store
from tests.mlcore.workspace.conftest import Start, dataset_of, ended, killed, until


def finished(store: Store, run: str) -> dict[str, float]:
    """When each trial's result was written, by trial."""
    folder = places.run_folder(store.home, run)
    return {path.parent.name: path.stat().st_mtime for path in folder.glob("trials/*/trial.json")}


def until_trained(store: Store, run: str, models: int) -> None:
    """Wait for so many models, or for a failure that says why there are none."""
    until(lambda: len(finished(store, run)) >= models or not store.job(run).active, what="a trained model")
    assert store.job(run).active, (store.job(run), store.detail(run))


def stall(process: subprocess.Popen[bytes], store: Store) -> None:
    """Stop a worker at a moment when it holds neither database: SQLite's locks would outlast everybody's patience."""
    while True:
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(0.1)
        if all(is_free(store.home / name) for name in ("workspace.sqlite", "queue.sqlite")):
            return
        os.kill(process.pid, signal.SIGCONT)
        time.sleep(0.03)


def is_free(database: Path) -> bool:
    """Whether somebody could write now."""
    connection = sqlite3.connect(database, timeout=0.2, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


MODELS = ["rule", "linear"]


@pytest.fixture
def table_id(store: Store, tmp_path: Path) -> str:
    """3,000 rows, so that there are five folds, not repeated, and each candidate takes moments."""
    chance = np.random.default_rng(0)
    table = pd.DataFrame(chance.normal(size=(3_000, 3)).round(3), columns=["a", "b", "c"])
    table["answer"] = np.where(table["a"] + chance.normal(size=3_000) > 0, "yes", "no")
    return dataset_of(store, table, tmp_path, "answer", "binary")


@pytest.mark.slow
def test_a_killed_worker_is_succeeded_and_trains_nothing_twice(store: Store, start: Start, table_id: str) -> None:
    run = store.submit("train", {"dataset": table_id, "seconds": 120, "search": False, "models": MODELS}, "Train")
    first = start()
    until_trained(store, run, 2)
    children = psutil.Process(first.pid).children(recursive=True)
    killed(first)
    before = finished(store, run)
    assert store.job(run).state == "running"
    psutil.wait_procs(children, timeout=30)
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert store.run(run)  # readable at any moment
    start()
    job = ended(store, run)
    assert job.state == "done", store.detail(run)
    after = finished(store, run)
    assert {key: after[key] for key in before} == before
    assert len(after) > len(before)
    assert store.leaderboard(run) is not None


@pytest.mark.slow
def test_a_peer_takes_over_from_a_worker_that_fell_silent(
    store: Store, start: Start, table_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLESMITH_SILENT_SECONDS", "4")
    run = store.submit("train", {"dataset": table_id, "seconds": 120, "search": False, "models": MODELS}, "Train")
    first = start("one")
    until_trained(store, run, 1)
    stall(first, store)
    before = finished(store, run)
    start("two")
    job = ended(store, run)
    assert (job.state, job.worker) == ("done", "two"), store.detail(run)
    assert {key: finished(store, run)[key] for key in before} == before
    os.kill(first.pid, signal.SIGCONT)
    assert first.wait(timeout=60) == 3  # it sees that it was taken for dead


@pytest.mark.slow
def test_a_worker_told_to_end_leaves_its_job_to_the_next(store: Store, start: Start, table_id: str) -> None:
    run = store.submit("train", {"dataset": table_id, "seconds": 120, "search": False, "models": MODELS}, "Train")
    first = start()
    until_trained(store, run, 1)
    first.terminate()
    assert first.wait(timeout=30) == 0
    assert store.job(run).state == "running"
    start()
    assert ended(store, run).state == "done"


@pytest.mark.slow
def test_stop_keeps_what_is_finished_and_makes_a_leaderboard_of_it(store: Store, start: Start, table_id: str) -> None:
    run = store.submit("train", {"dataset": table_id, "seconds": 300}, "Train")
    start()
    until_trained(store, run, 2)
    store.stop(run)
    job = ended(store, run, 120)  # of the 300 s that it has
    assert job.state == "stopped"
    board = store.leaderboard(run)
    assert board is not None
    assert len(board.scored) >= 2
    assert any(trial.state == "skipped" and "stopped" in trial.reason for trial in store.trials(run))


@pytest.mark.alone
def test_cancel_ends_a_run_within_seconds_and_resume_goes_on_from_there(
    store: Store, start: Start, table_id: str
) -> None:
    run = store.submit("train", {"dataset": table_id, "seconds": 120, "search": False, "models": MODELS}, "Train")
    start()
    until_trained(store, run, 1)
    store.cancel(run)
    asked = time.monotonic()
    assert ended(store, run, 10).state == "cancelled"
    assert time.monotonic() - asked < 3
    before = finished(store, run)
    store.resume(run)
    job = ended(store, run)
    assert (job.state, job.attempt) == ("done", 2)
    assert {key: finished(store, run)[key] for key in before} == before


@pytest.mark.slow
def test_quick_work_does_not_wait_behind_training(store: Store, start: Start, table_id: str) -> None:
    run = store.submit("train", {"dataset": table_id, "seconds": 300}, "Train")
    start()
    until(lambda: store.job(run).state == "running", what="training")
    check = store.submit("check", {"dataset": table_id, "target": "answer", "task": "binary"}, "Check")
    job = ended(store, check, 120)
    assert job.state == "done", store.detail(check)
    assert store.job(run).active
    assert store.profile(table_id, "answer") is not None
    assert store.findings(table_id, "answer") is not None
    store.cancel(run)
    ended(store, run)


@pytest.mark.slow
def test_a_goal_that_cannot_be_learned_fails_with_its_own_sentence(
    store: Store, start: Start, iris: pd.DataFrame, tmp_path: Path
) -> None:
    constant = dataset_of(store, iris.assign(same="a"), tmp_path, "same", "multiclass")
    run = store.submit("train", {"dataset": constant}, "Train")
    start()
    job = ended(store, run)
    assert job.state == "failed"
    assert "same" in job.error
    assert "Traceback" not in job.error
    assert "Traceback" in store.detail(run)


def test_a_second_worker_of_the_same_name_leaves_at_once(store: Store, start: Start) -> None:
    start()
    until(lambda: processes.is_held(store.home / "worker-one.lock"), what="the first worker")
    assert start().wait(timeout=60) == 0


def test_keeping_alive_starts_one_worker_and_a_new_one_after_it_died(store: Store) -> None:
    assert worker.keep_alive(store.home)
    assert not worker.keep_alive(store.home)
    until(lambda: worker.is_alive(store.home), what="the worker's start")
    pid = int(processes.worker_lock(store.home).read_text())
    os.kill(pid, signal.SIGKILL)
    until(lambda: not worker.is_alive(store.home), what="the worker's end")
    assert worker.keep_alive(store.home)
    until(lambda: worker.is_alive(store.home), what="the next worker's start")
    os.kill(int(processes.worker_lock(store.home).read_text()), signal.SIGKILL)
    until(lambda: not worker.is_alive(store.home), what="the end of that one, too")


def test_a_heartbeat_names_those_who_fell_silent(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLESMITH_SILENT_SECONDS", "0.2")
    one, two = heartbeat.Heartbeat(store.database, "one"), heartbeat.Heartbeat(store.database, "two")
    one.beat()
    time.sleep(0.3)
    assert two.beat() == ("one",)
    two.forget("one")
    assert two.beat() == ()


def test_a_job_is_adopted_by_one_peer_only(store: Store) -> None:
    job = store.submit("train", {"dataset": "d"}, "Train")
    store.begin(job, "silent")
    assert [store.adopt(job, "silent", name) for name in ("two", "three")] == [True, False]


def test_the_pages_can_keep_a_worker_alive_without_importing_the_queue() -> None:
    code = "import sys, mlcore.workspace.worker\nassert not {'dbos', 'sklearn', 'lightgbm'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


COMMAND_LINE = """
import sys, time
from mlcore.api.job import OwnJob
from mlcore.workspace.store import Store
store = Store.open()
OwnJob.begin(store, {"dataset": sys.argv[1], "seconds": 60, "models": ["rule"]}, "Train")
time.sleep(600)
"""


@pytest.mark.slow
def test_a_worker_goes_on_with_a_training_whose_command_line_was_killed(
    store: Store, start: Start, table_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLESMITH_SILENT_SECONDS", "8")
    command = subprocess.Popen([sys.executable, "-c", COMMAND_LINE, table_id])
    until(lambda: store.jobs(kind="train"), what="the job")
    start()
    until(lambda: processes.is_held(store.home / "worker-one.lock"), what="the worker")
    time.sleep(10)
    run = store.jobs(kind="train")[0].id
    assert finished(store, run) == {}  # as long as the command line lives, it is left alone
    killed(command)
    assert ended(store, run).state == "done", store.detail(run)
