"""Tables that are not on a person's computer, and tables that are brought again."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from mlcore.data.sources.login import Place
from mlcore.workspace.store import Store
from pages.ui import cache
from tests.pages.working import carry_out, newest

PAGE = "pages/data/import_.py"


def html(at) -> str:
    return "\n".join(str(element.value) for element in at.html)


@pytest.fixture
def store(empty: Path):
    opened = Store.open(empty)
    yield opened
    opened.close()


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the server that an administrator allowed, with a table, a folder and a database in it."""
    folder = tmp_path / "shared <b>"
    (folder / "deeper").mkdir(parents=True)
    (folder / "sales.csv").write_text("day,amount\n2025-01-31,5\n2025-02-28,7\n")
    (folder / "deeper" / "more.csv").write_text("a,b\n1,2\n3,4\n")
    with sqlite3.connect(folder / "shop.db") as base:
        base.execute("CREATE TABLE orders (id INTEGER, price REAL)")
        base.executemany("INSERT INTO orders VALUES (?, ?)", [(n, n * 1.5) for n in range(40)])
    base.close()
    monkeypatch.setenv("TABLESMITH_ALLOWED_PATHS", str(folder))
    return folder


def at_source(app, source: str):
    at = app(PAGE)
    at.segmented_control(key="source").set_value(source).run()
    assert not at.exception
    return at


def test_every_source_is_offered_and_a_barred_one_says_who_can_allow_it(app, store, monkeypatch) -> None:
    monkeypatch.delenv("TABLESMITH_ALLOWED_PATHS", raising=False)
    monkeypatch.delenv("TABLESMITH_ALLOW_URLS", raising=False)
    assert "TABLESMITH_ALLOW_URLS=1" in html(at_source(app, "url"))
    assert "TABLESMITH_ALLOWED_PATHS" in html(at_source(app, "path"))


def test_a_file_of_an_allowed_folder_is_looked_at_and_imported(app, store, shared) -> None:
    at = at_source(app, "path")
    at.selectbox(key=f"file_table_{shared}").select("sales.csv").run()
    at.button(key="look_path").click().run()
    job = newest(store, "preview")
    assert job.args["origin"]["params"] == {"path": str(shared / "sales.csv")}
    carry_out(store, job)
    at.run()
    at.button(key="import_it").click().run()
    made = carry_out(store, newest(store, "import"))
    assert store.dataset(made.result["dataset"]).name == "sales"
    assert not at.run().exception


def test_folders_are_walked_and_never_left(app, store, shared) -> None:
    at = at_source(app, "path")
    at.selectbox(key=f"in_table_{shared}").select("deeper").run()
    assert at.selectbox(key=f"file_table_{shared / 'deeper'}").options == ["more.csv · 0 kB"]
    assert at.selectbox(key=f"in_table_{shared / 'deeper'}").options == [".."]
    at.selectbox(key=f"in_table_{shared / 'deeper'}").select("..").run()
    assert ".." not in at.selectbox(key=f"in_table_{shared}").options
    assert "<b>" not in html(at)


def test_an_address_is_refused_in_words_before_anything_is_asked_for(app, store, monkeypatch) -> None:
    monkeypatch.setenv("TABLESMITH_ALLOW_URLS", "1")
    at = at_source(app, "url")
    at.text_input(key="url").input("ftp://example.org/x.csv")
    at.button(key="look_url").click().run()
    assert "This is not an address" in html(at)
    assert not store.jobs(kind="preview")
    at.text_input(key="url").input("https://example.org/x.csv")
    at.button(key="look_url").click().run()
    assert newest(store, "preview").args["origin"]["params"] == {"url": "https://example.org/x.csv"}


def test_a_server_is_added_and_its_password_never_shown(app, store) -> None:
    at = at_source(app, "sql")
    for key, value in (("host", "db.example.org"), ("base", "shop"), ("user", "reader"), ("password", "s3cret!")):
        at.text_input(key=f"{key}_postgresql").input(value)
    at.button(key="save_postgresql").click().run()
    assert not at.exception
    known = store.connections()[0]
    assert (known.name, known.place.user) == ("shop on db.example.org", "reader")
    assert store.connection_login(known.id).password == "s3cret!"
    assert newest(store, "browse").args == {"connection": known.id}
    assert "s3cret!" not in html(at) + str([field.value for field in at.text_input]) + str(at.session_state)


def test_a_part_that_does_not_fit_is_said_and_nothing_is_kept(app, store) -> None:
    at = at_source(app, "sql")
    at.text_input(key="host_postgresql").input("not a host/..")
    at.button(key="save_postgresql").click().run()
    assert "The host of the connection does not fit" in html(at)
    assert store.connections() == ()


def test_a_database_in_a_file_is_picked_from_an_allowed_folder(app, store, shared) -> None:
    at = at_source(app, "sql")
    at.selectbox(key="database_kind").select("sqlite").run()
    at.selectbox(key=f"file_sqlite_{shared}").select("shop.db").run()
    at.button(key="save_sqlite").click().run()
    assert [one.place.path for one in store.connections()] == [str(shared / "shop.db")]
    assert carry_out(store, newest(store, "browse")).result == {"tables": 1}


def test_a_connection_that_fails_says_why_and_can_be_tried_again(app, store, shared) -> None:
    store.add_connection("gone", Place(database="sqlite", path=str(shared / "gone.db")))
    at = at_source(app, "sql")
    job = carry_out(store, newest(store, "browse"))
    assert job.state == "failed"
    at.run()
    assert job.error.split(".")[0] in html(at)
    at.button(key="browse").click().run()
    assert newest(store, "browse").id != job.id


def connected(app, store, shared):
    store.add_connection("Shop <b>", Place(database="sqlite", path=str(shared / "shop.db")))
    at = at_source(app, "sql")
    carry_out(store, newest(store, "browse"))
    return at.run()


@pytest.mark.slow
def test_a_table_of_a_database_is_looked_at_imported_and_imported_again(app, store, shared) -> None:
    at = connected(app, store, shared)
    at.selectbox(key="sql_table").select(0).run()
    at.button(key="look_sql").click().run()
    carry_out(store, newest(store, "preview"))
    at.run()
    assert not at.exception
    assert "SQLite" in html(at)
    assert "It was read wrongly" not in [expander.label for expander in at.expander]
    at.button(key="import_it").click().run()
    first = carry_out(store, newest(store, "import")).result["dataset"]
    at.run()
    with sqlite3.connect(shared / "shop.db") as base:
        base.execute("INSERT INTO orders VALUES (99, 1)")
        base.execute("ALTER TABLE orders ADD COLUMN paid TEXT")
    base.close()
    at.button(key="another").click().run()
    at.button(key="again").click().run()
    job = carry_out(store, newest(store, "import"))
    assert (job.args["again"], job.result["version"]) == (first, 2)
    at.run()
    assert "What changed since version 1" in [title.value for title in at.header]
    assert "paid" in html(at)
    at.button(key="another").click().run()
    assert len(at.selectbox(key=f"version_{job.id}").options) == 2
    at.selectbox(key=f"version_{job.id}").select(first).run()
    assert at.query_params["table"] in (first, [first])


@pytest.mark.slow
def test_home_shows_the_newest_version_and_brings_the_next(app, store, shared) -> None:
    store.add_connection("Shop", Place(database="sqlite", path=str(shared / "shop.db")))
    origin = {"kind": "sql", "params": {"connection": store.connections()[0].id, "table": "orders"}}
    first = carry_out(store, store.job(store.submit("import", {"origin": origin, "name": "orders"}, "x"))).id
    second = carry_out(store, store.job(store.submit("import", {"again": first}, "x"))).id
    assert [card.id for card in store.newest()] == [second]
    at = app()
    assert "version 2" in html(at)
    assert f"open_{first}" not in [button.key for button in at.button]
    at.button(key=f"again_{second}").click().run()
    third = carry_out(store, newest(store, "import"))
    at.run()
    assert not at.exception
    assert [title.value for title in at.title] == ["Which table do you bring?"]
    assert at.query_params["table"] in (third.id, [third.id])
    assert "What changed since version 2" in [title.value for title in at.header]


def test_a_query_of_ones_own_says_its_limits_and_is_looked_at(app, store, shared) -> None:
    at = connected(app, store, shared)
    at.segmented_control(key="sql_way").set_value("A query of my own").run()
    assert "can only read" in html(at)
    at.text_area(key="sql_query").input("SELECT price FROM orders WHERE id < 10")
    at.text_input(key="sql_name").input("cheap")
    at.number_input(key="sql_rows").set_value(500)
    at.button(key="look_query").click().run()
    job = newest(store, "preview")
    wanted = {"connection": store.connections()[0].id, "query": "SELECT price FROM orders WHERE id < 10"}
    assert job.args["origin"]["params"] == {**wanted, "rows": 500, "seconds": 600.0}
    assert carry_out(store, job).state == "done"
    at.run()
    at.button(key="import_it").click().run()
    made = carry_out(store, newest(store, "import"))
    assert (store.dataset(made.id).name, store.dataset(made.id).rows) == ("cheap", 10)


def test_a_query_that_writes_is_refused_in_words(app, store, shared) -> None:
    at = connected(app, store, shared)
    at.segmented_control(key="sql_way").set_value("A query of my own").run()
    at.text_area(key="sql_query").input("DELETE FROM orders")
    at.button(key="look_query").click().run()
    job = carry_out(store, newest(store, "preview"))
    assert job.state == "failed"
    at.run()
    assert job.error.split(".")[0] in html(at)
    assert "It was read wrongly" not in [expander.label for expander in at.expander]


def test_a_connection_is_forgotten_with_its_password(app, store, shared) -> None:
    at = connected(app, store, shared)
    assert "Shop &lt;b&gt;" not in html(at)
    at.button(key="forget").click().run()
    assert store.connections() == ()
    assert not at.exception


def test_a_newer_file_becomes_the_next_version_and_is_read_alike(app, store) -> None:
    at = app(PAGE)
    at.file_uploader[0].upload("sales.csv", b"a^b\n1^2\n3^4\n").run()
    choices = {"delimiter": "^"}
    first = store.submit("import", {**newest(store, "preview").args, "choices": choices, "name": "sales"}, "x")
    carry_out(store, store.job(first))
    at = app(PAGE, table=first)
    at.file_uploader[1].upload("sales-february.csv", b"a^b^c\n1^2^5\n3^4^6\n5^6^7\n").run()
    job = newest(store, "preview")
    assert (job.args["again"], job.args["choices"]) == (first, choices)
    carry_out(store, job)
    at.run()
    at.button(key="import_it").click().run()
    second = carry_out(store, newest(store, "import"))
    assert (store.dataset(second.id).name, store.version(second.id)) == ("sales", 2)
    at.run()
    assert "What changed since version 1" in [title.value for title in at.header]
    assert cache.table_card(second.id) is not None
