"""A plug-in that hangs, raises, swells, dies or predicts nonsense costs itself only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mlcore.learning.plugins import source
from mlcore.workspace import training
from mlcore.workspace.engine import LocalEngine
from mlcore.workspace.task import Outcome, Task
from tests import plugged
from tests.mlcore.workspace.test_training import request_for

SAID = {
    "odd_raises": "it had a bad day (RuntimeError)",
    "odd_hangs": "took longer than the",
    "odd_swells": "more memory than it may use",
    "odd_dies": "its process ended unexpectedly",
    "odd_gaps": "it predicted something that is not a number",
    "odd_narrow": "the model gave an array of shape",
    "odd_heavy": "do not add up to 1",
}


class Impatient:
    """A real engine with little time and memory for what does not end by itself."""

    lanes = 2

    def __init__(self, real: LocalEngine) -> None:
        self.real = real

    def warm(self) -> None:
        self.real.warm()

    def run(self, task: Task, wanted: Callable[[], bool] = lambda: True) -> Outcome:
        if task.args.get("key") == "odd_hangs":
            task = replace(task, seconds=6.0)
        if task.args.get("key") == "odd_swells":
            task = replace(task, megabytes=900.0)
        return self.real.run(task, wanted)

    def close(self) -> None:
        self.real.close()

    def abandon(self) -> None: ...


@pytest.mark.slow
def test_plugins_that_misbehave_cost_themselves_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir(mode=0o755)
    plugged.written(folder, "odd.py", plugged.MISBEHAVING)
    monkeypatch.setenv(source.VARIABLE, str(folder))
    engine = Impatient(LocalEngine())  # started after the folder was allowed, unlike the one that tests share
    try:
        request = request_for(tmp_path, seconds=120, models=("linear", "odd_fine", *SAID))
        run = training.carry_out(tmp_path / "run", request, engine=engine)
    finally:
        engine.close()
    assert run.state == "done"
    assert run["odd_fine"].state == "done"
    assert run["linear"].state == "done", [(trial.key, trial.reason) for trial in run.trials]
    assert run.best not in (None, "baseline", "odd_fine")
    for key, reason in SAID.items():
        assert run[key].state == "failed", key
        assert reason in run[key].reason, key
