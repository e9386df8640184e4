"""Rows as they come over a wire that is slow, that breaks, or that carries what no program should send."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from mlcore.handoff.shipped.service.guard import Lines
from tests.mlcore.handoff.shipped.conftest import Ask

Row = dict[str, Any]
SCOPE: dict[str, Any] = {"type": "http", "method": "POST", "path": "/predict", "query_string": b""}
JSON = [(b"content-type", b"application/json"), (b"host", b"testserver")]


def spoken(client: TestClient, *messages: dict[str, Any]) -> tuple[int, str]:
    """The status and sentence for a request whose body comes as these messages, and then nothing more."""
    sent: list[Any] = []
    waiting = list(messages)

    async def receive() -> Any:
        return waiting.pop(0) if waiting else await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(client.app({**SCOPE, "headers": JSON}, receive, send))  # type: ignore[arg-type]
    return sent[0]["status"], json.loads(sent[1]["body"])["detail"]


@pytest.mark.slow
def test_a_body_that_trickles_or_breaks_off_is_told_and_nothing_ends(species: Path, ask: Ask, flower: Row) -> None:
    client = ask(species, seconds=0.1)
    begun = {"type": "http.request", "body": b'{"rows": [', "more_body": True}
    for messages in ((), (begun,)):
        status, detail = spoken(client, *messages)
        assert (status, detail) == (408, "The body did not come within 0.1 seconds.")
    assert spoken(client, begun, {"type": "http.disconnect"}) == (400, "The body did not come whole.")
    assert client.post("/predict", json={"rows": [flower]}).status_code == 200
    text = client.get("/metrics").text
    assert 'status="408"} 2' in text
    assert 'status="400"} 1' in text


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ('1, "rate": 2', 200), ('"x", "rate": 2', 200), ('2, "rate": "x"', 422), ("1" * 400, 422), ("-1e400", 422),
        ("12345678901234567890123", 200), ('"\\ud83d"', 400), ("Infinity", 422), ("-NaN", 400), ("0x10", 400),
        ("{}", 422), ('"1,5"', 422), ("true", 422), ("null", 200), ("", 400),
    ],
)  # fmt: skip
def test_a_number_as_no_program_should_send_it(species: Path, ask: Ask, flower: Row, cell: str, status: int) -> None:
    others = json.dumps({name: value for name, value in flower.items() if name != "rate"})
    body = '{"rows": [' + others[:-1] + ', "rate": ' + cell + "}]}"
    said = ask(species).post("/predict", content=body, headers={"content-type": "application/json"})
    assert said.status_code == status, said.text
    if status == 422:
        assert said.json()["problems"][0]["column"] == "rate"


def test_bodies_that_are_together_too_large_are_told_to_come_back(species: Path, ask: Ask, flower: Row) -> None:
    client = ask(species, megabytes=0.01)
    room = client.app.state.desk.room  # type: ignore[attr-defined]
    half = {"type": "http.request", "body": b" " * 9_000, "more_body": True}
    room.take(75_000)  # others are sending
    status, detail = spoken(client, half)
    assert (status, detail) == (503, "Too much is being sent at once. Come back in a moment.")
    assert room.held == 75_000
    room.free(75_000)
    assert client.post("/predict", json={"rows": [flower]}).status_code == 200


def test_every_body_leaves_the_room_however_it_ends(species: Path, stored: Path, ask: Ask, flower: Row) -> None:
    for folder in (species, stored):
        client = ask(folder, megabytes=0.01, seconds=5)
        begun = {"type": "http.request", "body": b'{"rows": [', "more_body": True}
        assert spoken(client, begun, {"type": "http.disconnect"})[0] == 400
        for rows, status in (([flower], 200), ([{"a": 1}], 422), ([flower] * 200, 413)):
            assert client.post("/predict", json={"rows": rows}).status_code == status
        assert client.app.state.desk.room.held == 0  # type: ignore[attr-defined]


def test_a_line_of_the_log_has_only_ascii_and_numbers_of_any_length() -> None:
    for cell in ("Köln", 2**70, 1.5):
        line = Lines().format(logging.makeLogRecord({"msg": "request", "told": {"cell": cell}}))
        assert line.isascii()
        assert json.loads(line)["cell"] == cell


def test_a_long_number_among_words_keeps_its_digits_beside_null(species: Path, ask: Ask, flower: Row) -> None:
    rows = [{**flower, "zip": 2**53 + 1}, {**flower, "zip": None}]
    cells = ask(species).app.state.desk.model.reader.read(rows)  # type: ignore[attr-defined]
    assert cells.columns()["zip"].tolist() == ["9007199254740993", None]
