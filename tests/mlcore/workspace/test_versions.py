"""The same place brought again: the next version, with what was said about the one before and what is different."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlcore import records
from mlcore.data.changes import changes
from mlcore.data.dataset import Dataset
from mlcore.data.dictionary import Entry
from mlcore.data.load import load, read_table
from mlcore.data.origin import Origin
from mlcore.data.sources.login import Place
from mlcore.learning.goal import Goal
from mlcore.workspace import places, processes
from mlcore.workspace.carrying import carried
from mlcore.workspace.hints import Hints
from mlcore.workspace.store import Job, Store
from tests.mlcore.workspace.conftest import ended, killed, until

SECRET = "canary-91b2"


def table(folder: Path, text: str, name: str = "t") -> Dataset:
    (folder / f"{name}.csv").write_text(text)
    return load(folder / f"{name}.csv", out=folder / f"{name}.parquet")


def rows(count: int, columns: str = "a,b,when,y") -> str:
    def cells(i: int) -> dict[str, str]:
        return {"a": str(i * 3 % 50), "b": f"w{i % 7}", "when": f"2025-01-{i % 28 + 1:02d}", "y": "yn"[i % 2]}

    lines = [",".join(cells(i).get(column, "z") for column in columns.split(",")) for i in range(count)]
    return "\n".join([columns, *lines]) + "\n"


def test_what_changed_between_two_tables_is_said(tmp_path: Path) -> None:
    old = table(tmp_path, rows(200), "old")
    new = table(tmp_path, rows(100, "a,when,y,extra").replace("\n3,", "\nthree,"), "new")
    found = {finding.code: finding for finding in changes(old, new)}
    assert found["columns_removed"].columns == ("b",)
    assert found["columns_added"].columns == ("extra",)
    assert found["kind_changed"].columns == ("a",)
    assert found["rows_changed"].what == "100 rows, 200 before."
    assert found["rows_changed"].level == "watch"
    assert [finding.code for finding in changes(old, old)] == ["unchanged"]


def test_versions_of_a_family_are_listed_the_oldest_first(store: Store, tmp_path: Path) -> None:
    first, other = (store.add_dataset(table(tmp_path, rows(50), name)) for name in ("one", "other"))
    place = Origin(kind="file", params={"name": "x.csv"}, title="x.csv")
    second, third = (store.add_dataset(table(tmp_path, rows(60), name)) for name in ("two", "three"))
    assert store.set_origin(second, place, again=first, choices={"delimiter": ";"}) == 2
    assert store.set_origin(third, place, again=first) == 3
    assert store.set_origin(third, place, again=first) == 3
    assert [card.id for card in store.versions(second)] == [first, second, third]
    assert [card.id for card in store.versions(other)] == [other]
    assert (store.origin(second), store.origin(first), store.choices(second)) == (place, None, {"delimiter": ";"})
    store.remove_dataset(first)
    assert [card.id for card in store.versions(third)] == [second, third]
    assert store.changes(third) == ()


def test_kinds_and_goal_go_over_where_the_columns_still_exist(store: Store, tmp_path: Path) -> None:
    old = store.add_dataset(table(tmp_path, rows(60), "old"))
    new = store.add_dataset(table(tmp_path, rows(60, "a,y,when,extra"), "new"))
    for column, kind in (("a", "categorical"), ("b", "text")):
        store.set_kind(old, column, kind)  # type: ignore[arg-type]
    goal = Goal(target="y", task="binary", metric="", positive="y", time="when", group="b", exclude=("b", "a"))
    store.save_goal(old, goal)
    store.set_entries(old, {"a": Entry(label="Age", unit="years", low=0), "b": Entry(label="Word")})
    store.set_hint(old, Hints(exclude=("b", "a"), time="when", group="b"))
    found = carried(store, old, new)
    assert store.kinds(new) == {"a": "categorical"}
    assert store.dictionary(new) == {"a": Entry(label="Age", unit="years", low=0)}
    assert store.hints(new) == Hints(exclude=("a",), time="when")
    kept = store.goal(new)
    assert kept is not None
    assert (kept.target, kept.time, kept.group, kept.exclude) == ("y", "when", None, ("a",))
    assert [(finding.code, finding.columns) for finding in found] == [("goal_not_carried", ("b",))]


def test_a_goal_goes_over_without_what_it_demands_of_columns_that_are_gone(store: Store, tmp_path: Path) -> None:
    old = store.add_dataset(table(tmp_path, rows(60, "a,b,when,y,w,part"), "old"))
    new = store.add_dataset(table(tmp_path, rows(60, "a,y"), "new"))
    said = Goal(target="y", task="binary", metric="", time="when", gap=60.0, recent=60.0, weight="w", split="part")
    store.save_goal(old, replace(said, monotone={"a": "up", "b": "down"}))
    found = carried(store, old, new)
    assert store.goal(new) == Goal(target="y", task="binary", metric="", monotone={"a": "up"})
    assert [(finding.code, finding.columns) for finding in found] == [("goal_not_carried", ("b", "part", "w", "when"))]


def test_a_goal_without_its_target_stays_behind_and_a_kind_that_does_not_fit_too(store: Store, tmp_path: Path) -> None:
    old = store.add_dataset(table(tmp_path, rows(60), "old"))
    new = store.add_dataset(table(tmp_path, rows(60, "a,b,when").replace("\n3,", "\nthree,"), "new"))
    store.set_kind(old, "a", "numeric")
    store.save_goal(old, Goal(target="y", task="binary", metric=""))
    found = {finding.code: finding.columns for finding in carried(store, old, new)}
    assert found == {"kind_not_carried": ("a",), "goal_not_carried": ("y",)}
    assert (store.goal(new), store.kinds(new)) == (None, {})


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Path]]:
    """A workspace with a worker, and a folder of the server that its administrator allowed."""
    base = tmp_path_factory.mktemp("shop")
    allowed = base / "allowed"
    allowed.mkdir()
    store = Store.open(base / "home")
    variables = {
        "TABLESMITH_HOME": str(store.home), "TABLESMITH_WORKER_NAME": "versions",
        "TABLESMITH_ALLOWED_PATHS": str(allowed), "TABLESMITH_ALLOW_URLS": "1",
    }  # fmt: skip
    worker = processes.start_detached(processes.command("mlcore.workspace.worker"), base / "log", variables)
    try:
        yield store, allowed
    finally:
        killed(worker)
        log = (base / "log").read_text()
        store.close()
    assert "canary" not in log


@pytest.fixture(autouse=True)
def allowed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "shop" in request.fixturenames:
        monkeypatch.setenv("TABLESMITH_ALLOWED_PATHS", str(request.getfixturevalue("shop")[1]))


def done(store: Store, kind: Any, **args: Any) -> Job:
    job = ended(store, store.submit(kind, args, kind), 120)
    assert job.state == "done", (job.error, store.detail(job.id))
    return job


def failed(store: Store, kind: Any, **args: Any) -> Job:
    job = ended(store, store.submit(kind, args, kind), 120)
    assert job.state == "failed", job.result
    assert "Traceback" not in job.error
    return job


@pytest.mark.slow
def test_a_file_of_the_server_is_brought_again_with_its_choices_and_its_goal(shop: tuple[Store, Path]) -> None:
    store, folder = shop
    path = folder / "sales.csv"
    path.write_text(rows(100).replace(",", ";"))
    origin = {"kind": "path", "params": {"path": str(path)}}
    first = done(store, "import", origin=origin, choices={"delimiter": ";"}, name="Sales").result["dataset"]
    store.set_kind(first, "a", "categorical")
    store.save_goal(first, Goal(target="y", task="binary", metric=""))
    path.write_text(rows(150, "a,b,y,more").replace(",", ";"))
    job = done(store, "import", again=first)
    second = job.result["dataset"]
    assert (job.result["version"], store.version(second)) == (2, 2)
    assert [card.id for card in store.versions(first)] == [first, second]
    assert (store.dataset(second).name, store.dataset(second).rows) == ("Sales", 150)
    assert store.choices(second) == {"delimiter": ";"}
    assert store.kinds(second) == {"a": "categorical"}
    assert store.goal(second) == store.goal(first)
    codes = [finding.code for finding in store.changes(second)]
    assert codes == ["columns_removed", "columns_added", "rows_changed"]
    assert job.result["changes"] == len(codes)
    assert store.findings(second) is not None
    assert store.origin(second) == Origin(kind="path", params={"path": str(path)}, title="sales.csv")


def test_an_uploaded_file_can_only_be_brought_again_as_a_new_file(shop: tuple[Store, Path], tmp_path: Path) -> None:
    store, _ = shop
    (tmp_path / "upload").write_text(rows(30))
    first = done(store, "import", path=str(tmp_path / "upload"), file="mine.csv", name="mine").result["dataset"]
    found = store.origin(first)
    assert found is not None
    assert (found.kind, found.title, store.dataset(first).source) == ("file", "mine.csv", "mine.csv")
    assert "Bring the new file" in failed(store, "import", again=first).error
    job = done(store, "import", again=first, path=str(tmp_path / "upload"), file="new.csv")
    assert job.result["version"] == 2
    assert [finding.code for finding in store.changes(job.result["dataset"])] == ["unchanged"]
    assert store.dataset(job.result["dataset"]).name == "mine"


def test_a_sample_knows_where_it_came_from(shop: tuple[Store, Path]) -> None:
    store, _ = shop
    dataset = done(store, "import", sample="penguins").result["dataset"]
    assert store.dataset(dataset).source == "sample:penguins"
    assert store.dataset(dataset).name == "Penguins of the Palmer Archipelago"
    found = store.origin(dataset)
    assert found is not None
    assert found.params == {"sample": "penguins"}


@pytest.mark.slow
def test_a_database_is_browsed_previewed_and_imported_by_jobs(shop: tuple[Store, Path]) -> None:
    store, folder = shop
    line = sqlite3.connect(folder / "shop.sqlite")
    line.execute("CREATE TABLE sales (a INTEGER, y TEXT)")
    line.executemany("INSERT INTO sales VALUES (?, ?)", [(i, "yn"[i % 2]) for i in range(500)])
    line.commit()
    line.close()
    place = Place(database="sqlite", path=str(folder / "shop.sqlite"))
    connection = store.add_connection("The shop", place, SECRET)
    job = done(store, "browse", connection=connection)
    assert job.result == {"tables": 1}
    listed = store.tables(job.id)
    assert listed is not None
    assert [found.name for found in listed] == ["sales"]
    origin = {"kind": "sql", "params": {"connection": connection, "table": "sales"}}
    seen = store.preview(done(store, "preview", origin=origin).id)
    assert seen is not None
    assert (seen.schema.names, seen.rows, seen.reading.format) == (("a", "y"), 500, "sqlite")
    dataset = done(store, "import", origin=origin).result["dataset"]
    assert store.dataset(dataset).name == "sales of The shop"
    assert read_table(store.dataset(dataset))["a"].sum() == sum(range(500))
    asked = {"kind": "sql", "params": {"connection": connection, "query": "SELECT a FROM sales WHERE a < 10"}}
    smaller = done(store, "import", origin=asked, name="Ten").result["dataset"]
    assert store.dataset(smaller).rows == 10
    store.remove_connection(connection)
    assert "no such connection" in failed(store, "import", again=smaller).error
    for kind in ("browse", "preview", "import"):
        assert SECRET not in records.text(store.jobs(kind=kind, limit=1000))


@pytest.mark.slow
def test_what_fails_leaves_nothing_behind(shop: tuple[Store, Path]) -> None:
    store, folder = shop
    before = {card.id for card in store.datasets()}
    place = Place(database="postgresql", host="127.0.0.1", port=1, name="x", user="someone")
    unreachable = store.add_connection("Nowhere", place, SECRET)
    for origin in (
        {"kind": "sql", "params": {"connection": unreachable, "table": "t"}},
        {"kind": "sql", "params": {"connection": unreachable, "query": "DROP TABLE t"}},
        {"kind": "path", "params": {"path": "/etc/passwd"}},
        {"kind": "path", "params": {"path": str(folder / "absent.csv")}},
        {"kind": "url", "params": {"url": "http://127.0.0.1/x.csv"}},
        {"kind": "nonsense", "params": {}},
    ):
        for kind in ("preview", "import"):
            job = failed(store, kind, origin=origin)
            assert SECRET not in job.error + store.detail(job.id)
            assert not places.dataset_folder(store.home, job.id).exists()
            assert not places.upload_folder(store.home, job.id).exists()
    assert SECRET not in failed(store, "browse", connection=unreachable).error
    assert {card.id for card in store.datasets()} == before


def test_an_import_that_is_cancelled_leaves_nothing_behind(shop: tuple[Store, Path]) -> None:
    store, folder = shop
    sqlite3.connect(folder / "endless.sqlite").execute("CREATE TABLE t (a)").connection.close()
    connection = store.add_connection("Endless", Place(database="sqlite", path=str(folder / "endless.sqlite")))
    query = "WITH RECURSIVE c(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM c) SELECT g FROM c"
    origin = {"kind": "sql", "params": {"connection": connection, "query": query, "rows": 100_000_000}}
    job = store.submit("import", {"origin": origin}, "endless")
    spool = places.upload_folder(store.home, job)
    until(lambda: spool.exists() and any(spool.rglob("*.parquet")), 60, "the first rows")
    store.cancel(job)
    assert ended(store, job).state == "cancelled"
    assert not spool.exists()
    assert not places.dataset_folder(store.home, job).exists()
