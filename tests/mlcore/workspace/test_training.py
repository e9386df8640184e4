"""The run loop keeps its budget, survives what candidates do, and starts nothing twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.data.load import load
from mlcore.errors import UserError
from mlcore.evaluation.compare import Leaderboard
from mlcore.evaluation.evaluation import Evaluation
from mlcore.learning.costs import kept_free
from mlcore.learning.goal import Goal
from mlcore.workspace import training
from mlcore.workspace.engine import LocalEngine
from mlcore.workspace.task import Engine, Outcome, Task
from mlcore.workspace.training import carry_out
from tests.kept import InlineEngine, KeptEngine


def request_for(
    folder: Path,
    *,
    rows: int = 2_500,
    seconds: float = 60,
    models: tuple[str, ...] | None = ("rule", "linear"),
    search: bool = False,
) -> dict[str, Any]:
    """What a run is asked for; of 2,500 rows so many are left for training that one round of folds is enough."""
    chance = np.random.default_rng(1)
    table = pd.DataFrame(chance.normal(size=(rows, 3)).round(3), columns=["a", "b", "c"])
    table["answer"] = np.where(table["a"] + chance.normal(size=rows) > 0, "yes", "no")
    table.to_csv(folder / "given.csv", index=False)
    dataset = load(folder / "given.csv", out=folder / "given.parquet")
    goal = Goal(target="answer", task="binary", metric="roc_auc")
    return {
        "table": dataset.path, "schema": records.to_json(dataset.schema), "fingerprint": dataset.fingerprint,
        "goal": records.to_json(goal), "seconds": seconds, "seed": 0, "models": models, "search": search,
    }  # fmt: skip


class Unreliable:
    """An engine in which some candidates hang, crash or need too much memory; the rest is another's."""

    lanes = 2

    def __init__(self, real: Engine, bad: dict[str, str]) -> None:
        self.real = real
        self.bad = bad
        self.asked: list[str] = []

    def warm(self) -> None:
        self.real.warm()

    def run(self, task: Task, wanted: Callable[[], bool] = lambda: True) -> Outcome:
        key = task.args.get("key", task.call.partition(":")[2])
        self.asked.append(key)
        if key in self.bad:
            seconds = 1 if self.bad[key] == "hang" else 30
            call = f"tests.mlcore.workspace.tasks:{self.bad[key]}"
            return self.real.run(Task(call=call, title=task.title, seconds=seconds, megabytes=400), wanted)
        return self.real.run(task, wanted)

    def close(self) -> None: ...

    def abandon(self) -> None: ...


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    kept = KeptEngine()
    yield kept
    kept.end()


@pytest.fixture
def inline(one_round: None) -> InlineEngine:
    """For what a run does whoever executes its tasks."""
    return InlineEngine()


@pytest.mark.slow
def test_a_run_ends_with_a_leaderboard_and_the_evaluation_of_the_best(engine: LocalEngine, tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    run = carry_out(
        tmp_path / "run", request_for(tmp_path), engine=engine, tell=lambda share, text: told.append((share, text))
    )
    assert run.state == "done"
    assert run.best is not None
    board = records.read(Leaderboard, tmp_path / "run" / "leaderboard.json")
    assert board.recommended == run.best
    assert records.read(Evaluation, tmp_path / "run" / "evaluations" / f"{run.best}.json").n > 0
    untried = {trial.key: trial.reason for trial in run.trials if trial.state != "done"}
    assert list(untried) == ["stack"], untried
    assert "by ROC AUC blends chosen for it were as good" in untried["stack"]
    assert any("Training:" in text for _, text in told)
    assert all(0 < trial.ended <= run.seconds for trial in run.trials if trial.ended is not None)
    assert all(trial.ended is not None for trial in run.trials)
    assert (tmp_path / "run" / "forecast.json").is_file()


@pytest.mark.slow
def test_bad_candidates_are_rows_with_a_reason_and_the_run_goes_on(engine: LocalEngine, tmp_path: Path) -> None:
    bad = {"rule": "hang", "linear-curves": "crash", "linear-smooth": "swell"}
    run = carry_out(tmp_path / "run", request_for(tmp_path), engine=Unreliable(engine, bad))
    assert run.state == "done"
    reasons = {trial.key: trial.reason for trial in run.trials if trial.state == "failed"}
    assert set(reasons) == set(bad)
    assert "longer" in reasons["rule"]
    assert "unexpectedly" in reasons["linear-curves"]
    assert "memory" in reasons["linear-smooth"]
    assert run["linear"].state == "done"


def test_a_run_taken_up_again_trains_nothing_twice(inline: InlineEngine, tmp_path: Path) -> None:
    wished: list[str] = []
    request = request_for(tmp_path, rows=600)

    def cancel_after_two() -> Any:
        done = len(list((tmp_path / "run").glob("trials/*/trial.json")))
        return "cancel" if done >= 2 and not wished else None

    first = carry_out(tmp_path / "run", request, engine=inline, wish=cancel_after_two)
    assert first.state == "cancelled"
    finished = {trial.key for trial in first.trials if trial.state == "done"}
    wished.append("no more")
    counting = Unreliable(inline, {})
    second = carry_out(tmp_path / "run", request, engine=counting)
    assert second.state == "done"
    assert not finished & set(counting.asked)
    assert second.seconds > first.seconds


def test_candidates_begin_in_the_plans_order(inline: InlineEngine, tmp_path: Path) -> None:
    counting = Unreliable(inline, {})
    carry_out(tmp_path / "run", request_for(tmp_path, rows=600), engine=counting)
    assert counting.asked[:4] == ["prepare", "baseline", "rule", "linear"]
    assert counting.asked[-2:] == ["blend", "judge"]


@pytest.mark.slow
def test_time_that_is_left_goes_into_variations_of_the_leaders(inline: InlineEngine, tmp_path: Path) -> None:
    request = request_for(tmp_path, rows=600, models=("linear",), search=True)
    enough = 2

    def stop_when_enough() -> Any:
        return "stop" if len(list((tmp_path / "run").glob("trials/*~*/trial.json"))) >= enough else None

    run = carry_out(tmp_path / "run", request, engine=inline, wish=stop_when_enough)
    added = [trial for trial in run.trials if "~" in trial.key]
    assert len(added) == enough
    assert all(trial.model == "linear" for trial in added)

    enough = 4
    longer = carry_out(tmp_path / "run", {**request, "seconds": 120}, engine=inline, wish=stop_when_enough)
    assert {trial.key for trial in run.trials} < {trial.key for trial in longer.trials}
    assert longer.seconds > run.seconds


@pytest.mark.alone
def test_the_budget_is_kept_within_a_tenth(engine: LocalEngine, tmp_path: Path) -> None:
    budget = 20.0
    request = request_for(tmp_path, seconds=budget, models=None, search=True)
    began = time.monotonic()
    run = carry_out(tmp_path / "run", request, engine=engine)
    assert run.state == "done"
    assert time.monotonic() - began < 1.1 * budget


@pytest.mark.slow
def test_no_candidate_waits_for_a_library_that_it_does_not_need(
    engine: LocalEngine, inline: InlineEngine, tmp_path: Path
) -> None:
    run = carry_out(tmp_path / "run", request_for(tmp_path, rows=600, models=("linear",)), engine=inline)
    assert run.best is not None
    model = {"folder": str(tmp_path / "run"), "key": run.best}
    for verb, args in (
        ("fit", {**model, "seconds": 60}),
        ("judge", {"folder": model["folder"]}),
        ("open_holdout", model),
    ):
        asked = {"verb": verb, "args": args, "name": "polars"}
        outcome = engine.run(Task(call="tests.mlcore.workspace.tasks:loaded_by", title=verb, args=asked))
        assert outcome.value is False, (verb, outcome)


def test_a_run_in_which_nothing_can_be_trained_says_why(engine: LocalEngine, tmp_path: Path) -> None:
    everything = dict.fromkeys(("baseline", "rule"), "crash")
    with pytest.raises(UserError, match=r"No model could be trained: .* ended unexpectedly"):
        carry_out(tmp_path / "run", request_for(tmp_path, models=("rule",)), engine=Unreliable(engine, everything))


@pytest.mark.parametrize(("waited", "kept"), [(1.0, 10.0), (1.3, 13.0), (9.0, 15.0)])
def test_more_is_kept_free_for_the_end_where_others_use_the_machine_too(
    inline: InlineEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited: float, kept: float
) -> None:
    found: list[float] = []

    def run(task: Task, wanted: Callable[[], bool] = lambda: True) -> Outcome:
        outcome = InlineEngine.run(inline, task, wanted)
        if task.call.endswith(":prepare"):
            assert outcome.value["waited"] >= 1
            return replace(outcome, value={**outcome.value, "waited": waited})
        return outcome

    def counted(seconds: float, *, judging: float, before: float, after: float) -> float:
        found.append(after)
        return kept_free(seconds, judging=judging, before=before, after=after)

    monkeypatch.setattr(inline, "run", run)
    monkeypatch.setattr(training, "kept_free", counted)
    request = request_for(tmp_path, rows=300, models=("rule",))
    carry_out(tmp_path / "run", {**request, "reserved": 10.0}, engine=inline)
    assert found
    assert found == pytest.approx([kept] * len(found))


@pytest.mark.slow
def test_it_works_inside_a_running_event_loop(engine: LocalEngine, tmp_path: Path) -> None:
    async def notebook() -> Any:
        return carry_out(tmp_path / "run", request_for(tmp_path, models=("rule",)), engine=engine)

    assert asyncio.run(notebook()).state == "done"
