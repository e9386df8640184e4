"""The golden rows of the bundle over HTTP: a server is started on a free port of this machine, asked, and stopped."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from mlcore.handoff.shipped.service.app import create
from mlcore.handoff.shipped.service.settings import Settings

SECONDS = 60.0


def trial(folder: Path) -> dict[str, Any]:
    """What became of it, as verify.py tells of every way to score."""
    started = time.perf_counter()
    app = create(folder, Settings(megabytes=1_000.0, rows=1_000_000, seconds=SECONDS))
    desk = app.state.desk
    rows = desk.model.golden_rows()
    with _running(app) as port:
        status, said = _posted(port, json.dumps({"rows": rows}))
    if status == 200:
        gap, note = desk.model.distance(said["predictions"]), desk.replayed.note
    else:
        gap, note = float("inf"), str(said["detail"])
    return {
        "key": "service",
        "title": "the service over HTTP",
        "rows": len(rows),
        "difference": gap if gap < float("inf") else None,
        "ok": gap <= desk.replayed.tolerance and not note,
        "seconds": round(time.perf_counter() - started, 3),
        "note": note,
        "tolerance": desk.replayed.tolerance,
    }


@contextmanager
def _running(app: FastAPI) -> Iterator[int]:
    """The port it listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_config=None, log_level="critical", access_log=False, loop="asyncio")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while thread.is_alive() and not server.started:
            time.sleep(0.005)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(timeout=SECONDS)


def _posted(port: int, body: str) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("POST", "/predict", body.encode(), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()
