"""The application: POST /predict, and what a machine that runs it asks (/health, /ready, /schema, /metrics)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI, Response

from mlcore.handoff.shipped.service import openapi
from mlcore.handoff.shipped.service.desk import Desk, Explain
from mlcore.handoff.shipped.service.guard import App, Guard, Message, Receive, Send
from mlcore.handoff.shipped.service.meters import TYPE
from mlcore.handoff.shipped.service.settings import Settings

PREDICT = ("/predict", "/predict/")


def create(folder: Path, settings: Settings | None = None, explain: Explain | None = None) -> FastAPI:
    """The application for the bundle in `folder`, its model loaded and its golden rows replayed.

    When these do not score as they should, it refuses to score: /ready and /predict answer 503. `explain` gives
    reasons; None: it has none to give.
    """
    desk = Desk(folder, settings or Settings(), explain)
    app, front = _Application(desk, reasons=explain is not None), _Front(desk)
    for path, answer, said in (
        ("/health", front.health, openapi.HEALTH),
        ("/ready", front.ready, openapi.READY),
        ("/schema", front.schema, openapi.SCHEMA),
        ("/metrics", front.metrics, openapi.METRICS),
    ):
        app.add_api_route(path, answer, methods=["GET"], response_model=None, response_class=Response, **said)
    return app


class _Application(FastAPI):
    """Past the guard rows go straight to the desk, and everything else through FastAPI."""

    def __init__(self, desk: Desk, *, reasons: bool) -> None:
        card, docs = desk.model.card, None if desk.settings.keys else "/docs"
        title = card["title"].replace("<", "‹")  # FastAPI writes it into the page of /docs as it is
        super().__init__(
            title=title, version=card["run"], docs_url=docs, redoc_url=None, lifespan=lambda _: _open(desk)
        )
        self.state.desk = desk
        self._told = openapi.Told(model=desk.model, settings=desk.settings, reasons=reasons)

    def openapi(self) -> dict[str, Any]:
        """As the schema of the bundle describes rows."""
        return openapi.document(self, self._told)

    def build_middleware_stack(self) -> App:
        """Asked for once, by Starlette."""
        desk: Desk = self.state.desk
        rest: Any = super().build_middleware_stack()

        async def routed(scope: Message, receive: Receive, send: Send) -> None:
            rows = scope["type"] == "http" and scope["path"] in PREDICT
            await (desk if rows else rest)(scope, receive, send)

        return Guard(routed, settings=desk.settings, meters=desk.meters)


@contextlib.asynccontextmanager
async def _open(desk: Desk) -> AsyncIterator[None]:
    """Keeps the log of predictions while the service runs."""
    desk.open()
    yield
    await desk.close()


class _Front:
    """What is answered without rows."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._schema = orjson.dumps(desk.model.schema)

    async def health(self) -> Response:
        """The process is alive."""
        return _json(b'{"status":"ok"}')

    async def ready(self) -> Response:
        """The golden rows scored as they should, so requests are answered."""
        told = self._desk.replayed
        content = {"ready": told.ok, "rows": told.rows, "difference": told.difference, "tolerance": told.tolerance}
        more = {"way": self._desk.model.way, "note": told.note}
        return _json(orjson.dumps(content | more), 200 if told.ok else 503)

    async def schema(self) -> Response:
        """What a row must look like."""
        return _json(self._schema)

    async def metrics(self) -> Response:
        """What was counted since the process started."""
        return Response(self._desk.counted(), media_type=TYPE)


def _json(content: bytes, status: int = 200) -> Response:
    return Response(content, status, media_type="application/json")
