"""What comes after a run where MLflow's server is named: one errand of its own, which can never cost the run."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlcore.handoff import tracking
from mlcore.workspace import errands
from mlcore.workspace.store import Store
from mlcore.workspace.task import Outcome, Task
from mlcore.workspace.work.errand import Errand
from mlcore.workspace.work.noted import noted
from tests.kept import InlineEngine


class Recording(InlineEngine):
    """Notes what it is to do, and gives the same outcome for all."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome
        self.tasks: list[Task] = []

    def run(self, task: Task, wanted: Callable[[], bool] = lambda: True) -> Outcome:
        """What was said it would be."""
        del wanted
        self.tasks.append(task)
        return self.outcome


async def at_once(_: str, function: Any) -> Any:
    return function()


def note(store: Store, outcome: Outcome, bundle: Path | None = None) -> list[Task]:
    """What the engine was asked for."""
    engine = Recording(outcome)
    job = store.job(store.submit("train", {}, "Predict y"))
    errand = Errand(job=job, store=store, engine=engine, step=at_once, wish=lambda: None, tell=lambda *_: None)
    asyncio.run(noted(errand, job.id, bundle))
    return engine.tasks


def test_nothing_is_noted_where_no_server_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tracking.VARIABLE, raising=False)
    assert note(store, Outcome(state="done", value="Noted.")) == []


def test_a_run_is_noted_with_its_bundle_and_the_log_says_so(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(tracking.VARIABLE, "http://127.0.0.1:1")
    (task,) = note(store, Outcome(state="done", value="Noted at http://127.0.0.1:1."), tmp_path / "b.zip")
    assert hasattr(errands, task.call.partition(":")[2])
    assert task.args["bundle"] == str(tmp_path / "b.zip")
    assert Path(task.args["folder"]).name == task.args["run"]
    assert "Noted at http://127.0.0.1:1." in caplog.text


@pytest.mark.parametrize("state", ["failed", "late", "crashed", "cancelled"])
def test_a_run_ends_well_whatever_becomes_of_the_note(
    state: str, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(tracking.VARIABLE, "http://127.0.0.1:1")
    caplog.set_level(logging.WARNING)
    assert len(note(store, Outcome(state=state, error="It took too long."))) == 1  # type: ignore[arg-type]
