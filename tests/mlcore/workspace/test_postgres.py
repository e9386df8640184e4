"""The same workspace on a real PostgreSQL server, for teams: two workers, one of them killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from mlcore.workspace.store import Store
from tests import servers
from tests.mlcore.workspace.conftest import Start, dataset_of, ended, killed, until
from tests.mlcore.workspace.test_worker import finished, until_trained

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of this test's own; its address without a database name."""
    with servers.postgresql() as port:
        yield f"postgresql://postgres@127.0.0.1:{port}"


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
    run = store.submit(
        "train", {"dataset": table, "seconds": 40, "search": False, "models": ["baseline", "rule", "linear"]}, "Train"
    )
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
