"""What every request goes through: who may ask, what is counted and logged, and that no mistake ends in a 500."""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import orjson

from mlcore.handoff.shipped.service.meters import Meters
from mlcore.handoff.shipped.service.settings import Settings

OPEN = ("/health", "/ready", "/metrics")
"""Answered without a key: a probe has none, and there is nothing of a row in them."""

PATHS = ("/predict", "/schema", "/openapi.json", "/docs", *OPEN)
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_PLAIN = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

logger = logging.getLogger("service")
_LINE = json.JSONEncoder(ensure_ascii=True, default=str)


class Guard:
    """An ASGI application around another."""

    def __init__(self, app: App, settings: Settings, meters: Meters) -> None:
        self._app, self._settings, self._meters = app, settings, meters

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, headers = time.perf_counter(), dict(scope["headers"])
        name = _name(headers.get(b"x-request-id"))
        scope.setdefault("state", {})["id"] = name
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *_PLAIN, (b"x-request-id", name.encode())]
            await send(message)

        try:
            await self._answered(scope, headers, receive, watched)
        except Exception as error:  # whatever it is: the service goes on, and the caller is told where to look
            logger.exception("a request failed", extra={"told": {"id": name, "error": type(error).__name__}})
            if not status:
                await _say(watched, 503, f"This could not be answered. The log of the service tells more about {name}.")
        finally:
            self._told(scope, name, status or 499, time.perf_counter() - started)

    async def _answered(self, scope: Message, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        settings = self._settings
        if settings.hosts and _host(headers) not in settings.hosts:
            await _say(send, 400, "This service answers to the names of this machine only.")
        elif settings.keys and scope["path"] not in OPEN and not self._may(headers):
            await _say(send, 401, "Send the API key as the header X-API-Key.")
        else:
            await self._app(scope, receive, send)

    def _may(self, headers: dict[bytes, bytes]) -> bool:
        shown = headers.get(b"x-api-key", b"")
        return sum(hmac.compare_digest(shown, key) for key in self._settings.keys) > 0

    def _told(self, scope: Message, name: str, status: int, seconds: float) -> None:
        path = scope["path"] if scope["path"] in PATHS else "other"
        self._meters.request(path, status, seconds)
        told = {"id": name, "method": scope["method"], "path": path, "status": status, "ms": round(seconds * 1e3, 3)}
        logger.info("request", extra={"told": told | scope["state"].get("told", {})})


class Lines(logging.Formatter):
    """One JSON object a line: when, how grave, what happened, and what the caller of the logger told beside it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        told: dict[str, Any] = {"at": f"{datetime.now(UTC).isoformat(timespec='milliseconds')}"}
        told |= {"level": record.levelname.lower(), "event": record.getMessage(), **getattr(record, "told", {})}
        if record.exc_info:  # where it was, and no message, which may hold a cell of somebody's row
            told["trace"] = traceback.format_tb(record.exc_info[2])
        return _written(told)


def log_to_stderr() -> None:
    """Write what happens as JSON lines; nothing is found out for a line that does not stand in it."""
    logging._srcfile = None  # as its manual says, under Optimization
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    for name in ("service", "uvicorn.error"):
        one = logging.getLogger(name)
        one.handlers, one.propagate = [handler], False
        one.setLevel(logging.INFO)


def _written(told: dict[str, Any]) -> str:
    """In characters that any terminal has, and so by the quicker way when that has written no others."""
    with contextlib.suppress(TypeError):  # a number of more than 64 bits in a row that is logged
        line = orjson.dumps(told, default=str)
        if line.isascii():
            return line.decode()
    return _LINE.encode(told)


def _name(given: bytes | None) -> str:
    return given.decode() if given is not None and _ID.fullmatch(given) else secrets.token_hex(8)


def _host(headers: dict[bytes, bytes]) -> str:
    """The name a request was sent to, without its port."""
    host = headers.get(b"host", b"").decode("latin-1")
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


async def _say(send: Send, status: int, sentence: str) -> None:
    body = json.dumps({"detail": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
