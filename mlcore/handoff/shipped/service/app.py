"""The application: POST /predict, and what a machine that runs it asks (/health, /ready, /schema, /metrics)."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from numpy.typing import NDArray
from starlette.requests import ClientDisconnect

from mlcore.handoff.shipped.rows import RowsError
from mlcore.handoff.shipped.service import openapi
from mlcore.handoff.shipped.service.body import RequestError, asked, declined
from mlcore.handoff.shipped.service.guard import Guard
from mlcore.handoff.shipped.service.kept import Kept, Log
from mlcore.handoff.shipped.service.meters import TYPE, Meters
from mlcore.handoff.shipped.service.model import Served
from mlcore.handoff.shipped.service.settings import Settings

AT_ONCE = 20_000
"""Bytes of a request that the quick way answers without leaving the event loop."""

THREADS, WAITING = 2, 32
"""Larger requests that are scored at a time, and that may wait for it; more are told to come back."""

SWALLOWED = 256_000_000
"""Bytes of a body that is too large are read and thrown away up to here, so that its sender hears the answer."""

NO_REASONS = "This service gives no reasons. `tablesmith serve` and `tablesmith predict --reasons` do."

Explain = Callable[[Mapping[str, NDArray[Any]], int], list[list[str]]]
"""From the columns of rows, as `Cells.columns` gives them, and a number to so many reasons of each row, the strongest
first."""


@dataclass(frozen=True, kw_only=True)
class _Answered:
    """What a request came to, to be counted, logged and kept by the event loop."""

    body: bytes
    rows: list[Any]
    predictions: list[dict[str, Any]]


def create(folder: Path, settings: Settings | None = None, explain: Explain | None = None) -> FastAPI:
    """The application for the bundle in `folder`, its model loaded and its golden rows replayed.

    When these do not score as they should, it refuses to score: /ready and /predict answer 503. `explain` gives
    reasons; None: it has none to give.
    """
    desk = _Desk(folder, settings or Settings(), explain)
    app = _Described(
        title=desk.model.card["title"], version=desk.model.card["run"], redoc_url=None, lifespan=desk.lifespan
    )
    if desk.settings.keys:
        app.docs_url = None
    app.add_middleware(Guard, settings=desk.settings, meters=desk.meters)
    app.add_exception_handler(RequestError, _say)
    app.add_api_route("/predict", desk.predict, methods=["POST"], **openapi.PREDICT)
    app.add_api_route("/health", desk.health, methods=["GET"], **openapi.HEALTH)
    app.add_api_route("/ready", desk.ready, methods=["GET"], **openapi.READY)
    app.add_api_route("/schema", desk.schema, methods=["GET"], **openapi.SCHEMA)
    app.add_api_route("/metrics", desk.metrics, methods=["GET"], **openapi.METRICS)
    app.state.told = openapi.Told(model=desk.model, settings=desk.settings, reasons=explain is not None)
    app.state.desk = desk
    return app


class _Described(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """As the schema of the bundle describes rows."""
        return openapi.document(self, self.state.told)


class _Desk:
    """Takes requests and gives answers; what it counts is changed by the event loop only."""

    def __init__(self, folder: Path, settings: Settings, explain: Explain | None) -> None:
        self.settings, self._explain = settings, explain
        self.model = Served(folder)
        self.replayed = self.model.replay()
        self.meters = Meters({key: self.model.card[key] for key in ("title", "run", "way")})
        self.meters.ready = self.replayed.ok
        self._card = orjson.dumps(self.model.card)
        self._schema = orjson.dumps(self.model.schema)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="scoring")
        self._busy = 0
        self._log: Log | None = None

    @contextlib.asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Keeps the log of predictions while the service runs."""
        if self.settings.predictions is not None:
            self._log = Log(self.settings.predictions, self.model.reader, self.settings.predictions_megabytes)
        yield
        if self._log is not None:
            await asyncio.to_thread(self._log.close)
        self._pool.shutdown(wait=False)

    async def health(self) -> Response:
        """The process is alive."""
        return _json(b'{"status":"ok"}')

    async def ready(self) -> Response:
        """The golden rows scored as they should, so requests are answered."""
        told = self.replayed
        content = {"ready": told.ok, "rows": told.rows, "difference": told.difference, "tolerance": told.tolerance}
        return _json(orjson.dumps(content | {"way": self.model.way, "note": told.note}), 200 if told.ok else 503)

    async def schema(self) -> Response:
        """What a row must look like."""
        return _json(self._schema)

    async def metrics(self) -> Response:
        """What was counted since the process started."""
        return Response(self.meters.text(), media_type=TYPE)

    async def predict(self, request: Request) -> Response:
        """Score rows."""
        if not self.replayed.ok:
            raise RequestError(503, "The model does not score as it did when it was exported, so nothing is answered.")
        body = await _received(request, self.settings)
        try:
            small = len(body) <= AT_ONCE and self.model.way == "onnx"
            answered = self._answer(body) if small else await self._in_turn(body)
        except RowsError as error:
            self.meters.refused += error.count
            raise declined(error) from None
        self._count(request, answered)
        return _json(answered.body)

    def _answer(self, body: bytes) -> _Answered:
        wanted = asked(body, self.settings.rows)
        if wanted.reasons and self._explain is None:
            raise RequestError(422, NO_REASONS)
        if wanted.reasons and len(wanted.rows) > self.settings.reasoned:
            raise RequestError(422, f"Reasons are given for up to {self.settings.reasoned:,} rows of one request.")
        cells = self.model.reader.read(wanted.rows)
        predictions = self.model.answers(cells)
        if wanted.reasons and self._explain is not None and wanted.rows:
            for prediction, reasons in zip(predictions, self._explain(cells.columns(), wanted.reasons), strict=True):
                prediction["reasons"] = reasons
        ignored = self.model.reader.ignored(wanted.rows)
        more = b',"ignored":' + orjson.dumps(ignored) if ignored else b""
        said = b'{"model":' + self._card + b',"predictions":' + orjson.dumps(predictions) + more + b"}"
        return _Answered(body=said, rows=wanted.rows, predictions=predictions)

    async def _in_turn(self, body: bytes) -> _Answered:
        """In a thread, when one is free; `RequestError` when too many wait, or it takes too long."""
        if self._busy >= THREADS + WAITING:
            raise RequestError(503, "Too many requests are being scored. Come back in a moment.")
        self._busy += 1
        loop = asyncio.get_running_loop()
        working = self._pool.submit(self._answer, body)
        working.add_done_callback(lambda done: self._freed(loop, done))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(working), self.settings.seconds)
        except TimeoutError:
            raise RequestError(
                503, f"This took longer than {self.settings.seconds:g} seconds. Send fewer rows."
            ) from None

    def _freed(self, loop: asyncio.AbstractEventLoop, _: Future[_Answered]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._less)

    def _less(self) -> None:
        self._busy -= 1

    def _count(self, request: Request, answered: _Answered) -> None:
        meters, predictions = self.meters, answered.predictions
        meters.rows += len(predictions)
        meters.flags.update(code.partition(":")[0] for one in predictions for code in one["flags"])
        if self.model.labels:
            meters.predictions.update(Counter(one["prediction"] for one in predictions))
        told: dict[str, Any] = {"rows": len(predictions)}
        if self.settings.log_rows:
            told |= {"input": answered.rows, "output": predictions}
        request.state.told = told
        if self._log is not None and predictions:
            at = datetime.now(UTC).replace(tzinfo=None)
            kept = Kept(id=request.state.id, at=at, rows=answered.rows, answers=predictions)
            meters.dropped += 0 if self._log.keep(kept) else len(predictions)


async def _received(request: Request, settings: Settings) -> bytes:
    """The body of a request for rows; `RequestError` when it is no JSON by its name, too large, or too slow."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RequestError(415, "Send JSON, with the header Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError(415, "Send the body as it is, without Content-Encoding.")
    most = int(settings.megabytes * 1e6)
    body, size = bytearray(), 0
    try:
        async with asyncio.timeout(settings.seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= most:
                    body += chunk
                elif size > SWALLOWED:
                    break
    except TimeoutError:
        raise RequestError(408, f"The body did not come within {settings.seconds:g} seconds.") from None
    except ClientDisconnect:
        raise RequestError(400, "The body did not come whole.") from None
    if size > most:
        raise RequestError(413, f"The body has more than {settings.megabytes:g} MB. Send the rows in parts.")
    return bytes(body)


async def _say(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    more = {"retry-after": "1"} if error.status == 503 else {}
    return _json(orjson.dumps(error.content), error.status, more)


def _json(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(content, status, headers, media_type="application/json")
