"""The same workspace on a real PostgreSQL server, for teams: two workers, one of them killed."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from mlcore.workspace.store import Store
from tests.mlcore.workspace.conftest import Start, dataset_of, ended, killed, until
from tests.mlcore.workspace.test_worker import finished, until_trained

pytestmark = pytest.mark.slow

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def as_server(*words: str) -> list[str]:
    """The command, under an account PostgreSQL accepts: it refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else list(words)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of this test's own on a free port; its address without a database name."""
    assert PROGRAMS, "PostgreSQL's server is missing; `make test` installs it"
    folder = Path("/tmp") / f"tablesmith-pg-{os.getpid()}"
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, pwd.getpwnam("postgres").pw_uid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    control = str(PROGRAMS[-1] / "pg_ctl")
    quiet = {"stdout": subprocess.DEVNULL, "cwd": folder, "check": True}
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    subprocess.run(as_server(control, "-D", f"{folder}/data", "-o", "-A trust -U postgres", "init"), **quiet)
    subprocess.run(
        as_server(control, "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start"), **quiet
    )
    yield f"postgresql://postgres@127.0.0.1:{port}"
    subprocess.run(as_server(control, "-D", f"{folder}/data", "-m", "immediate", "stop"), **quiet)
    shutil.rmtree(folder)


@pytest.fixture
def store(home: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("TABLESMITH_DATABASE_URL", f"{server}/postgres")
    monkeypatch.setenv("TABLESMITH_SILENT_SECONDS", "6")
    opened = Store.open(home)
    yield opened
    opened.close()


def test_a_peer_goes_on_with_the_run_of_a_killed_worker(
    store: Store, start: Start, tmp_path: Path, iris: pd.DataFrame
) -> None:
    table = dataset_of(store, iris, tmp_path, "species", "multiclass")
    first = start("first")
    run = store.submit("train", {"dataset": table, "seconds": 40, "models": ["baseline", "rule", "linear"]}, "Train")
    until_trained(store, run, 1)
    killed(first)
    before = finished(store, run)
    start("second")
    until(lambda: store.job(run).state != "running" or len(finished(store, run)) > len(before), what="the peer")
    done = ended(store, run)
    assert done.state == "done", (done, store.detail(run))
    assert before.items() <= finished(store, run).items()
    assert store.leaderboard(run) is not None
    assert not (store.home / "workspace.sqlite").exists()
