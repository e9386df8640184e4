from __future__ import annotations

from pathlib import Path

import pytest

from mlcore.api import job as own_job
from mlcore.api.job import OwnJob
from mlcore.workspace.store import Store


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(own_job, "LOOK_SECONDS", 0.0)
    return Store.open(home)


def test_a_job_of_the_command_line_is_listed_and_can_be_stopped_from_the_app(store: Store) -> None:
    job = OwnJob.begin(store, {"dataset": "d"}, "Predict y")
    assert store.job(job.id).state == "running"
    assert store.unsent() == ()  # no worker is offered it
    assert job.wish() is None
    job.tell(0.5, "Training: a forest")
    assert (store.job(job.id).progress, store.job(job.id).message) == (0.5, "Training: a forest")
    store.stop(job.id)
    assert job.wish() == "stop"


def test_a_job_that_a_worker_took_over_is_left_to_it(store: Store) -> None:
    job = OwnJob.begin(store, {"dataset": "d"}, "Predict y")
    store.begin(job.id, "worker")
    assert job.wish() == "lost"
    with job:
        pass
    assert store.job(job.id).state == "running"
    store.finish(job.id, "worker", "done", result={})
    job.wait()


def test_a_failure_and_a_ctrl_c_end_the_job(store: Store) -> None:
    job = OwnJob.begin(store, {"dataset": "d"}, "Predict y")
    with pytest.raises(ValueError, match="no"), job:
        raise ValueError("no")
    assert (store.job(job.id).state, store.job(job.id).error) == ("failed", "no")
    job = OwnJob.begin(store, {"dataset": "d"}, "Predict y")
    with pytest.raises(KeyboardInterrupt), job:
        raise KeyboardInterrupt
    assert store.job(job.id).state == "cancelled"
