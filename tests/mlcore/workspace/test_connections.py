"""Databases a workspace knows: checked part by part, their passwords nowhere in clear."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest

from mlcore import records
from mlcore.data.sources import SOURCES, url
from mlcore.data.sources.login import Login, Place, checked_place
from mlcore.errors import SourceError
from mlcore.workspace import bringing, sealing
from mlcore.workspace.store import Store
from mlcore.workspace.work.asked import place_of

SECRET = "canary-7f3a p@ss%word"
PLACE = Place(database="postgresql", host="db.example.org", name="shop", user="reader")


def test_a_connection_is_listed_without_its_password_and_its_login_has_it(store: Store) -> None:
    identifier = store.add_connection("Shop", PLACE, SECRET)
    listed = store.connections()
    assert [(one.id, one.name, one.place) for one in listed] == [(identifier, "Shop", PLACE)]
    assert SECRET not in repr(listed) + records.text(listed)
    login = store.connection_login(identifier)
    assert (login.place, login.password) == (PLACE, SECRET)


def test_the_password_is_nowhere_in_clear_on_disk(store: Store) -> None:
    store.add_connection("Shop", PLACE, SECRET)
    for path in store.home.rglob("*"):
        if path.is_file():
            assert b"canary" not in path.read_bytes(), path.name


def test_a_login_shows_no_password_and_cannot_be_written_down() -> None:
    import pickle

    login = Login(PLACE, SECRET)
    assert SECRET not in f"{login!r} {login!s} {login.place}"
    with pytest.raises(TypeError):
        pickle.dumps(login)
    with pytest.raises(TypeError):
        json.dumps(records.to_json({"login": login}))


def test_the_key_lies_in_a_file_only_its_owner_may_read(store: Store) -> None:
    store.add_connection("Shop", PLACE, SECRET)
    mode = stat.S_IMODE((store.home / "secret.key").stat().st_mode)
    assert mode == 0o600


def test_one_key_is_made_however_many_ask_for_it_at_once(home: Path) -> None:
    home.mkdir(parents=True)
    tokens: list[str] = []
    threads = [threading.Thread(target=lambda: tokens.append(sealing.sealed(home, SECRET))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {sealing.unsealed(home, token) for token in tokens} == {SECRET}
    assert not list(home.glob(".secret*"))


def test_a_key_of_the_environment_is_used_instead_of_a_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLESMITH_SECRET_KEY", "sixteen characters and more")
    identifier = store.add_connection("Shop", PLACE, SECRET)
    assert store.connection_login(identifier).password == SECRET
    assert not (store.home / "secret.key").exists()
    monkeypatch.setenv("TABLESMITH_SECRET_KEY", "another one, just as long")
    with pytest.raises(SourceError, match="cannot be read with the key") as caught:
        store.connection_login(identifier)
    assert SECRET not in str(caught.value)
    monkeypatch.setenv("TABLESMITH_SECRET_KEY", "short")
    with pytest.raises(SourceError, match="too short"):
        store.add_connection("Shop", PLACE, SECRET)


def test_a_removed_connection_is_gone_with_its_password(store: Store) -> None:
    identifier = store.add_connection("Shop", PLACE, SECRET)
    store.remove_connection(identifier)
    assert store.connections() == ()
    for ask in (store.connection, store.connection_login):
        with pytest.raises(SourceError, match="no such connection"):
            ask(identifier)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("host", ""), ("host", "a b"), ("host", "/var/run"), ("host", "h,other"), ("host", "h host=evil"),
        ("host", "h?sslkey=/etc/x"), ("host", "user@h"), ("host", "h/x"), ("host", "h\nx"), ("host", "-h"),
        ("host", "h=1"), ("name", ""), ("name", "a\x00b"), ("name", "x" * 200), ("user", ""), ("user", "a\nb"),
        ("port", 0), ("port", 70_000), ("tls", "off"), ("database", "oracle"), ("database", "sqlite"),
    ],
)  # fmt: skip
def test_a_part_that_does_not_belong_is_refused(store: Store, part: str, value: object) -> None:
    with pytest.raises(SourceError):
        store.add_connection("x", records.from_json(Place, {**records.to_json(PLACE), part: value}), SECRET)
    assert store.connections() == ()


@pytest.mark.parametrize("host", ["db", "db.example.org", "10.0.0.1", "::1", "[2001:db8::1]", "my-db_1.internal."])
def test_usual_hosts_are_taken(host: str) -> None:
    from dataclasses import replace

    assert checked_place(replace(PLACE, host=host)).host == host.strip("[]")


def test_parts_that_look_like_parameters_stay_a_name(store: Store) -> None:
    """A database called `x?sslmode=disable` is one of that name; nothing is made of it."""
    place = Place(database="postgresql", host="h", name="x?options=-c%20x", user="u")
    identifier = store.add_connection("", place, "")
    assert store.connection(identifier).place.name == "x?options=-c%20x"
    assert store.connection(identifier).name == "x?options=-c%20x on h"


def test_an_old_workspace_gets_the_new_tables(home: Path) -> None:
    import sqlite3

    Store.open(home).close()
    line = sqlite3.connect(home / "workspace.sqlite")
    for name in ("connections", "origins"):
        line.execute(f"DROP TABLE {name}")
    line.commit()
    line.close()
    store = Store.open(home)
    assert store.connections() == ()
    store.close()


def test_the_key_in_a_signed_link_is_nowhere_in_clear_and_reaches_only_who_fetches(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLESMITH_ALLOW_URLS", "1")
    asked = {"url": "https://example.org/rows.csv?sig=canary%2B1&x=ä#part"}
    looked = store.job(store.submit("preview", {"origin": {"kind": "url", "params": asked}}, "x"))
    params = looked.args["origin"]["params"]
    assert params["url"] == "https://example.org/rows.csv"
    again = store.job(store.submit("import", {"origin": looked.args["origin"]}, "x"))
    assert again.args["origin"] == looked.args["origin"], "what is sealed is not sealed twice"
    place = place_of(store, again.args)
    assert place.title == "rows.csv"
    for path in store.home.rglob("*"):
        if path.is_file():
            assert b"canary" not in path.read_bytes(), path.name
    fetched: list[str] = []
    monkeypatch.setattr(url, "fetch", lambda address, out: fetched.append(address) or out)
    bringing._origin(records.to_json(place))
    SOURCES["url"].path_of(place.params, bringing._means(str(store.home), str(store.home / "out")))
    assert fetched == ["https://example.org/rows.csv?sig=canary%2B1&x=ä"]
    with pytest.raises(SourceError, match="is not kept"):
        store.submit("preview", {"origin": {"kind": "url", "params": {"url": "https://a:b@example.org/"}}}, "x")
