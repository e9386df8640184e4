"""A task that hangs, crashes or eats memory costs itself and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from mlcore.errors import UserError
from mlcore.workspace import processes
from mlcore.workspace.engine import LocalEngine, chosen_engine
from mlcore.workspace.forker import LATER, PRELOAD
from mlcore.workspace.task import Task
from tests.kept import InlineEngine

TASKS = "tests.mlcore.workspace.tasks"


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine(lanes=2, preload=("numpy",)) as engine:
        yield engine


def task(name: str, *, seconds: float | None = 20, megabytes: float | None = None, **args: object) -> Task:
    return Task(call=f"{TASKS}:{name}", title="The test", args=args, seconds=seconds, megabytes=megabytes)


def test_a_task_gives_back_what_its_function_returned(engine: LocalEngine) -> None:
    outcome = engine.run(task("add", a=1, b=2))
    assert (outcome.state, outcome.value) == ("done", 3)


def test_a_task_starts_in_milliseconds_once_the_forker_is_warm(engine: LocalEngine) -> None:
    engine.run(task("add", a=1, b=2))
    began = time.monotonic()
    engine.run(task("add", a=1, b=2))
    assert time.monotonic() - began < 0.5


def test_a_hanging_task_is_ended_at_its_deadline(engine: LocalEngine) -> None:
    began = time.monotonic()
    outcome = engine.run(task("hang", seconds=1))
    assert outcome.state == "late"
    assert "longer than the 1 seconds" in outcome.error
    assert 0.9 < time.monotonic() - began < 2


def test_a_crash_is_an_outcome_with_a_sentence(engine: LocalEngine) -> None:
    outcome = engine.run(task("crash"))
    assert outcome.state == "crashed"
    assert "process ended unexpectedly" in outcome.error
    assert "exit code -11" in outcome.detail
    assert "last words" in outcome.detail


def test_a_memory_hog_is_ended_before_the_machine_suffers(engine: LocalEngine) -> None:
    outcome = engine.run(task("swell", megabytes=300))
    assert outcome.state == "memory"
    assert "more memory than it may use" in outcome.error
    assert outcome.megabytes < 2000


def test_an_allocation_far_beyond_the_limit_is_refused_at_once(engine: LocalEngine) -> None:
    assert engine.run(task("allocate", gigabytes=64, megabytes=300)).state == "memory"


@pytest.mark.parametrize("name", ["add", "refuse", "fail", "numbers", "fill_the_disk"])
def test_the_engine_of_other_tests_answers_as_a_child_does(engine: LocalEngine, name: str) -> None:
    asked = task(name, **({"a": 1, "b": 2} if name == "add" else {}))
    real, double = engine.run(asked), InlineEngine().run(asked)
    assert (double.state, double.value, double.error) == (real.state, real.value, real.error)
    assert engine.run(asked, lambda: False).state in ("cancelled", real.state)
    assert InlineEngine().run(asked, lambda: False).state == "cancelled"


def test_a_mistake_of_the_user_keeps_its_own_sentence(engine: LocalEngine) -> None:
    outcome = engine.run(task("refuse"))
    assert (outcome.state, outcome.error) == ("refused", "The table is empty (line 1). Choose another.")


def test_a_full_disk_is_said_in_words(engine: LocalEngine) -> None:
    outcome = engine.run(task("fill_the_disk"))
    assert outcome.state == "refused"
    assert outcome.error.startswith("The disk of the workspace is full.")


def test_an_unexpected_error_has_a_sentence_and_its_traceback_beside_it(engine: LocalEngine) -> None:
    outcome = engine.run(task("fail"))
    assert outcome.state == "failed"
    assert "Traceback" not in outcome.error
    assert "ZeroDivisionError" in outcome.error
    assert "Traceback" in outcome.detail


def test_a_cancelled_task_is_gone_within_half_a_second_with_all_it_started(engine: LocalEngine, tmp_path) -> None:
    wanted = threading.Event()
    wanted.set()
    threading.Timer(0.5, wanted.clear).start()
    note = tmp_path / "grandchild"
    began = time.monotonic()
    outcome = engine.run(task("spawn", note=str(note)), wanted.is_set)
    assert outcome.state == "cancelled"
    assert time.monotonic() - began < 1.2
    grandchild = int(note.read_text())
    assert _gone(grandchild)


def test_a_task_that_leaves_a_process_behind_has_it_swept_away(engine: LocalEngine, tmp_path) -> None:
    note = tmp_path / "grandchild"
    assert engine.run(task("spawn_and_return", note=str(note))).state == "done"
    assert _gone(int(note.read_text()))


def test_tasks_run_side_by_side(engine: LocalEngine) -> None:
    began = time.monotonic()
    threads = [threading.Thread(target=engine.run, args=(task("sleep", seconds_long=0.8),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 1.5


def test_a_killed_forker_loses_its_task_and_is_replaced() -> None:
    with LocalEngine(preload=("json",)) as engine:
        engine.run(task("add", a=1, b=1))
        forker = engine._line()._process.pid
        threading.Timer(0.4, os.kill, (forker, signal.SIGKILL)).start()
        outcome = engine.run(task("hang"))
        assert outcome.state == "crashed"
        assert engine.run(task("add", a=1, b=1)).value == 2


def test_after_the_program_was_updated_tasks_run_in_a_process_that_has_read_it_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with LocalEngine(preload=("json",)) as engine:
        first = engine._line()
        assert engine._line() is first
        monkeypatch.setattr(processes, "program_stamp", lambda: -1)
        assert engine._line() is not first
        assert engine.run(task("add", a=1, b=1)).value == 2
    assert not first.alive


def test_when_the_engine_is_killed_nothing_of_it_lives_on(tmp_path) -> None:
    note = tmp_path / "child"
    code = (
        "from mlcore.workspace.engine import LocalEngine, Task\n"
        "LocalEngine(preload=('json',)).run("
        f"Task(call='{TASKS}:note_and_hang', title='t', args={{'note': {str(note)!r}}}))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env=processes.environment())
    deadline = time.monotonic() + 20
    while not note.is_file() and time.monotonic() < deadline:
        time.sleep(0.05)
    child = int(note.read_text())
    process.kill()
    process.wait()
    assert _gone(child)


@pytest.mark.slow
def test_the_forker_runs_one_thread_beside_the_allocators_so_that_forking_is_safe() -> None:
    with LocalEngine() as engine:
        assert engine.run(task("absent", names=[*PRELOAD, "skops"])).value == ["skops"], "no run begins with it"
        deadline = time.monotonic() + 20
        while engine.run(task("absent", names=list(LATER))).value and time.monotonic() < deadline:
            engine.run(task("sleep", seconds_long=0.05))
        assert engine.run(task("absent", names=list(LATER))).value == []
        names = engine.run(task("threads_of_the_forker")).value
        assert len([name for name in names if name != "jemalloc_bg_thd"]) == 1


def test_an_unknown_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLESMITH_ENGINE", "dask:tls://host:8786")
    with pytest.raises(UserError, match="There is no engine"):
        chosen_engine()


def _gone(process: int) -> bool:
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        try:
            if psutil.Process(process).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


def test_an_engine_that_still_imports_ends_at_once() -> None:
    engine = LocalEngine(preload=("tests.mlcore.workspace.slow_import",))
    engine.warm()
    began = time.monotonic()
    engine.close()
    assert time.monotonic() - began < 1.5
