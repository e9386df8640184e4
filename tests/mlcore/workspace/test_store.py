"""The store keeps what it is told, for every process, and never shows half of it."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from mlcore import files, records
from mlcore.data.dataset import Dataset, Reading
from mlcore.data.dictionary import Entry
from mlcore.data.load import store_frame
from mlcore.data.schema import Column, Schema
from mlcore.errors import UserError
from mlcore.learning.goal import Goal
from mlcore.learning.run import Run, Trial
from mlcore.workspace import places
from mlcore.workspace.store import Store


def small(folder: Path) -> Dataset:
    path = folder / "source.parquet"
    pd.DataFrame({"zip": [1, 2, 3], "Größe": ["a", "b", None]}).to_parquet(path)
    columns = (
        Column(name="zip", kind="integer", storage="integer"),
        Column(name="Größe", kind="categorical", storage="text"),
    )
    return Dataset(
        name="small", path=str(path), fingerprint=files.sha256(path), rows=3, schema=Schema(columns=columns),
        reading=Reading(format="parquet"),
    )  # fmt: skip


def test_a_dataset_comes_back_with_its_file_in_the_workspace(store: Store, tmp_path: Path) -> None:
    identifier = store.add_dataset(small(tmp_path))
    (tmp_path / "source.parquet").unlink()
    dataset = store.dataset(identifier)
    assert pd.read_parquet(dataset.path).shape == (3, 2)
    assert Path(dataset.path).is_relative_to(store.home)
    assert [card.id for card in store.datasets()] == [identifier]


def test_a_workspace_can_be_moved(store: Store, tmp_path: Path) -> None:
    identifier = store.add_dataset(small(tmp_path))
    store.close()
    store.home.rename(tmp_path / "elsewhere")
    moved = Store.open(tmp_path / "elsewhere")
    assert Path(moved.dataset(identifier).path).is_file()


def test_a_chosen_kind_is_remembered_and_outdates_the_profile(store: Store, tmp_path: Path) -> None:
    identifier = store.add_dataset(small(tmp_path))
    before = store.findings_folder(identifier, None)
    store.set_kind(identifier, "zip", "categorical")
    assert store.dataset(identifier).schema["zip"].kind == "categorical"
    assert store.dataset(identifier).schema["zip"].reason == "chosen by you"
    assert store.findings_folder(identifier, None) != before
    with pytest.raises(UserError, match="There is no column"):
        store.set_kind(identifier, "zipp", "categorical")


def test_findings_are_none_until_the_checks_were_run(store: Store, tmp_path: Path) -> None:
    identifier = store.add_dataset(small(tmp_path))
    assert store.findings(identifier) is None
    files.write_text(store.findings_folder(identifier, None) / "findings.json", "[]")
    assert store.findings(identifier) == ()
    assert store.findings(identifier, "zip") is None


def test_a_goal_comes_back_as_it_was_saved(store: Store, tmp_path: Path) -> None:
    identifier = store.add_dataset(small(tmp_path))
    assert store.goal(identifier) is None
    goal = Goal(target="Größe", task="binary", metric="roc_auc", positive="a", exclude=("zip",))
    store.save_goal(identifier, goal)
    store.save_goal(identifier, goal)
    assert store.goal(identifier) == goal


def test_a_key_makes_submitting_twice_the_same_job(store: Store) -> None:
    first = store.submit("check", {"dataset": "d"}, "Check", key="k")
    assert store.submit("check", {"dataset": "d"}, "Check", key="k") == first
    assert store.begin(first, "w")
    store.finish(first, "w", "failed", error="No.")
    assert store.submit("check", {"dataset": "d"}, "Check", key="k") != first


def test_a_waiting_job_is_cancelled_at_once_and_never_begun(store: Store) -> None:
    job = store.submit("train", {"dataset": "d"}, "Train")
    store.cancel(job)
    assert store.job(job).state == "cancelled"
    assert not store.begin(job, "w")


def test_a_running_job_hears_the_wish_and_a_finished_one_does_not(store: Store) -> None:
    job = store.submit("train", {"dataset": "d"}, "Train")
    store.begin(job, "w")
    store.stop(job)
    assert store.wishes([job], "w") == {job: "stop"}
    assert store.wishes([job], "another") == {job: "lost"}
    store.finish(job, "w", "stopped", result={"best": "linear"})
    store.cancel(job)
    assert store.job(job).state == "stopped"
    assert store.job(job).result == {"best": "linear"}


def test_a_worker_that_lost_its_job_cannot_write_to_it(store: Store) -> None:
    job = store.submit("train", {"dataset": "d"}, "Train")
    store.begin(job, "old")
    store.begin(job, "new")
    store.advance(job, "old", progress=0.9, message="late", used=1.0)
    store.finish(job, "old", "failed", error="late")
    assert store.job(job).state == "running"
    assert store.job(job).message == ""


def test_a_job_that_ended_early_can_be_resumed(store: Store) -> None:
    job = store.submit("train", {"dataset": "d"}, "Train")
    store.begin(job, "w")
    store.finish(job, "w", "failed", error="The machine went down.")
    store.resume(job)
    assert [waiting.id for waiting in store.unsent()] == [job]
    assert store.job(job).attempt == 2
    assert store.job(job).error == ""


def test_jobs_are_listed_newest_first_and_by_what_is_asked(store: Store) -> None:
    first = store.submit("train", {"dataset": "d"}, "Train")
    second = store.submit("evaluate", {"run": first, "key": "linear"}, "Evaluate")
    assert [job.id for job in store.jobs()] == [second, first]
    assert [job.id for job in store.jobs(run=first)] == [second, first]
    assert [job.id for job in store.jobs(kind="train", dataset="d")] == [first]
    assert store.jobs(active=False) == ()


def test_a_run_of_a_dead_job_claims_no_running_trials(store: Store) -> None:
    job = store.submit("train", {"dataset": "d"}, "Train")
    store.begin(job, "w")
    trials = (
        Trial(key="a", model="linear", title="A", state="done", score=0.7),
        Trial(key="b", model="forest", title="B", state="running"),
    )
    records.write(
        places.run_folder(store.home, job) / "run.json", Run(id=job, plan="p", state="running", trials=trials)
    )
    assert [trial.state for trial in store.trials(job)] == ["done", "running"]
    store.finish(job, "w", "cancelled")
    assert [trial.state for trial in store.trials(job)] == ["done", "skipped"]
    assert store.run(job).state == "cancelled"
    assert store.runs("d")[0].run.trials[0].score == 0.7


def test_the_holdout_remembers_its_first_opening(store: Store) -> None:
    run = store.submit("train", {"dataset": "d"}, "Train")
    store.record_opening(run, "linear")
    first = store.opened(run)["linear"]
    store.record_opening(run, "linear")
    assert store.opened(run) == {"linear": first}


@pytest.mark.parametrize("evil", ["../../etc", "..", "a/b", "0123456789ab/../x", "", "0123456789AB"])
def test_an_id_cannot_leave_the_workspace(store: Store, evil: str) -> None:
    for place in (places.run_folder, places.dataset_folder, places.job_folder, places.bundle_folder):
        with pytest.raises(UserError):
            place(store.home, evil)
    with pytest.raises(UserError):
        places.checked_key(evil.replace("0123456789AB", "/"))


def test_settings_come_back(store: Store) -> None:
    assert store.state("theme", "light") == "light"
    store.set_state("theme", {"mode": "dark"})
    assert store.state("theme") == {"mode": "dark"}


def test_a_newer_workspace_is_refused_in_words(store: Store) -> None:
    store.set_state("_format", 99)
    with pytest.raises(UserError, match="newer Tablesmith"):
        Store.open(store.home)


def _submit_many(home: str) -> None:
    store = Store.open(Path(home))
    for number in range(25):
        store.submit("check", {"number": number}, "Check")


@pytest.mark.slow
def test_several_processes_write_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")  # which imports once for all
    context.set_forkserver_preload(["mlcore.workspace.store"])
    writers = [context.Process(target=_submit_many, args=(str(tmp_path / "home"),)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(Store.open(tmp_path / "home").jobs(limit=1000)) == 75


def test_pages_can_open_the_store_without_the_learning_libraries() -> None:
    code = (
        "import sys, mlcore.workspace.store\n"
        "heavy = {'sklearn', 'lightgbm', 'shap', 'skops', 'dbos', 'plotly', 'streamlit'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_dictionary_is_remembered_and_an_expected_range_outdates_the_checks(store: Store, tmp_path: Path) -> None:
    identifier = store.add_dataset(store_frame(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), tmp_path / "d.parquet"))
    before = store.findings_folder(identifier, None)
    store.set_entries(identifier, {"a": Entry(label="Age", unit="years")})
    assert store.dataset(identifier).schema["a"].titled == "Age (years)"
    assert store.findings_folder(identifier, None) == before
    store.set_entries(identifier, {"a": Entry(label="Age", low=0, high=120), "b": Entry(meaning="which one")})
    assert store.findings_folder(identifier, None) != before
    assert store.dictionary(identifier)["a"] == Entry(label="Age", low=0, high=120)
    assert store.datasets()[0].dataset.schema["b"].meaning == "which one"
    store.set_entries(identifier, {"a": Entry()})
    assert "a" not in store.dictionary(identifier)


def test_of_several_entries_all_are_remembered_or_none(store: Store, tmp_path: Path) -> None:
    identifier = store.add_dataset(store_frame(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), tmp_path / "d.parquet"))
    with pytest.raises(UserError, match="does not hold numbers"):
        store.set_entries(identifier, {"a": Entry(label="Age"), "b": Entry(low=1)})
    assert store.dictionary(identifier) == {}


def test_the_checks_see_the_time_and_the_group_of_the_goal(store: Store, tmp_path: Path) -> None:
    days = pd.date_range("2024-01-01", periods=4)
    frame = pd.DataFrame({"day": days, "who": ["a", "a", "b", "b"], "y": [0, 1, 0, 1]})
    identifier = store.add_dataset(store_frame(frame, tmp_path / "t.parquet", "t"))
    before = store.findings_folder(identifier, "y")
    goal = Goal(target="y", task="binary", metric="roc_auc", time="day", group="who")
    store.save_goal(identifier, goal)
    roles = {column.name: column.role for column in store.schema_for(identifier, "y")}
    assert roles == {"day": "time", "who": "group", "y": "feature"}
    assert store.findings_folder(identifier, "y") != before
    assert store.schema_for(identifier, "who") == store.dataset(identifier).schema


def test_a_card_is_read_once_however_often_a_page_asks(store: Store, tmp_path: Path) -> None:
    identifier = store.add_dataset(small(tmp_path))
    columns = store.dataset(identifier).schema.columns
    assert all(one is other for one, other in zip(store.dataset(identifier).schema.columns, columns, strict=True))
    store.set_kind(identifier, "zip", "categorical")
    assert store.dataset(identifier).schema["zip"].kind == "categorical"
