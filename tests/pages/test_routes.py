"""Uploads and downloads: only ids, only from our own page, only whole slices in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request

from mlcore.workspace.store import Store
from pages.ui import cache, routes


@pytest.fixture(autouse=True)
def workspace(home: Path) -> Iterator[Path]:
    yield home
    cache.store().close()
    cache._open.cache_clear()


def put(uid: str, body: bytes, offset: int = 0, header: str = "upload") -> tuple[int, dict]:
    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-length", str(len(body)).encode()), (routes.HEADER.encode(), header.encode())]
    scope = {"type": "http", "method": "PUT", "path": f"/upload/{uid}", "path_params": {"uid": uid}}
    scope |= {"headers": headers, "query_string": f"offset={offset}".encode()}
    answer = asyncio.run(routes.upload(Request(scope, receive)))
    return answer.status_code, json.loads(bytes(answer.body))


def test_slices_add_up_to_the_file(home) -> None:
    uid = routes.offer()
    assert put(uid, b"one ") == (200, {"offset": 4})
    assert put(uid, b"two", 4) == (200, {"offset": 7})
    assert routes.upload_path(home, uid).read_bytes() == b"one two"


def test_a_slice_out_of_step_learns_where_to_go_on() -> None:
    uid = routes.offer()
    put(uid, b"1234")
    assert put(uid, b"56", 2) == (409, {"offset": 4})


def test_a_request_from_another_page_is_refused() -> None:
    assert put(routes.offer(), b"x", header="")[0] == 403


@pytest.mark.parametrize("uid", ["0123456789ab", "../../etc", "not an id"])
def test_an_upload_that_was_not_offered_is_refused(uid) -> None:
    assert put(uid, b"x")[0] == 404


def test_a_file_that_is_too_large_is_refused_in_words(monkeypatch) -> None:
    monkeypatch.setattr(routes, "LARGEST", 3)
    status, said = put(routes.offer(), b"1234")
    assert status == 413
    assert "larger than" in said["error"]


def test_only_files_of_the_workspace_can_be_downloaded() -> None:
    scope = {"type": "http", "method": "GET", "path": "/files/bundle/x", "headers": [], "query_string": b""}
    for kind, key in (("bundle", "../../etc/passwd"), ("scores", "nothing"), ("etc", "passwd")):
        request = Request(scope | {"path_params": {"kind": kind, "key": key}})
        assert asyncio.run(routes.download(request)).status_code == 404


def test_uploads_nobody_came_back_for_are_swept_away(home, monkeypatch) -> None:
    uid, store = routes.offer(), Store.open(home)
    put(uid, b"1")
    routes.sweep(store)
    assert routes.upload_path(home, uid).is_file()
    monkeypatch.setattr(routes, "KEEP_SECONDS", -1.0)
    routes.sweep(store)
    assert not routes.upload_path(home, uid).exists()
    store.close()
