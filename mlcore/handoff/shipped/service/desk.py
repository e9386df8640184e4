"""POST /predict, from the bytes that come to the bytes that go: an ASGI application of its own, without a framework, as
most of what a request of one row would take otherwise is the framework's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from numpy.typing import NDArray

from mlcore.handoff.shipped.rows import RowsError
from mlcore.handoff.shipped.service.answers import Answers
from mlcore.handoff.shipped.service.body import RequestError, asked, declined
from mlcore.handoff.shipped.service.guard import Message, Receive, Send
from mlcore.handoff.shipped.service.kept import Kept, Log
from mlcore.handoff.shipped.service.meters import Meters
from mlcore.handoff.shipped.service.model import Served
from mlcore.handoff.shipped.service.settings import Settings
from mlcore.handoff.shipped.versions import advice

AT_ONCE = 20_000
"""Bytes of a request that the quick way answers without leaving the event loop."""

THREADS, WAITING = 2, 32
"""Larger requests that are scored at a time, and that may wait for it; more are told to come back."""

HELD = 8
"""Bodies of the largest size that are in memory at a time; when more come, they are told to come back."""

SWALLOWED = 256_000_000
"""Bytes of a body that is too large are read and thrown away up to here, so that its sender hears the answer."""

UNREADY = "The model does not score as it did when it was exported, so nothing is answered."
NO_REASONS = "This service gives no reasons. `tablesmith serve` and `tablesmith predict --reasons` do."

Explain = Callable[[Mapping[str, NDArray[Any]], int], list[list[str]]]
"""From the columns of rows, as `Cells.columns` gives them, and a number to so many reasons of each row, the strongest
first."""


@dataclass(frozen=True, kw_only=True)
class _Answered:
    """What a request of so many bytes (`asked`) came to, to be counted, logged and kept by the event loop."""

    body: bytes
    asked: int
    rows: list[Any]
    answers: Answers


class _Room:
    """How many bytes of bodies are in memory, and may be."""

    def __init__(self, most: float) -> None:
        self._most, self.held = most, 0

    def take(self, size: int) -> None:
        """Count so many more; `RequestError` when they are too many."""
        if self.held + size > self._most:
            raise RequestError(503, "Too much is being sent at once. Come back in a moment.")
        self.held += size

    def free(self, size: int) -> None:
        """Count so many less."""
        self.held -= size


class Desk:
    """Takes requests and gives answers; what it counts is changed by the event loop only."""

    def __init__(self, folder: Path, settings: Settings, explain: Explain | None) -> None:
        self.settings, self._explain = settings, explain
        self.model = Served(folder)
        self.replayed = self.model.replay()
        self.meters = Meters({key: self.model.card[key] for key in ("title", "run", "way")})
        self.meters.ready = self.replayed.ok
        self._head = b'{"model":' + orjson.dumps(self.model.card) + b',"predictions":['
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="scoring")
        self._unready = f"{UNREADY} {advice(folder)}".rstrip()
        self._busy, self.room = 0, _Room(HELD * settings.megabytes * 1e6)
        self._log: Log | None = None

    def open(self) -> None:
        """Keep predictions from here on, where that is asked for."""
        if self.settings.predictions is not None:
            self._log = Log(self.settings.predictions, self.model.reader, self.settings.predictions_megabytes)

    def counted(self) -> str:
        """The text of /metrics."""
        if self._log is not None:
            self.meters.dropped = self._log.lost
        return self.meters.text()

    async def close(self) -> None:
        """Write what is to be kept."""
        if self._log is not None:
            await asyncio.to_thread(self._log.close)
        self._pool.shutdown(wait=False)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Score the rows of one request."""
        try:
            if scope["method"] != "POST":
                raise RequestError(405, "Rows are sent with POST.")
            answered = await self._answered(scope, receive)
        except RequestError as error:
            await _say(send, error.status, orjson.dumps(error.content), _MORE.get(error.status, ()))
        else:
            self._count(scope["state"], answered)
            await _say(send, 200, answered.body)

    async def _answered(self, scope: Message, receive: Receive) -> _Answered:
        if not self.replayed.ok:
            raise RequestError(503, self._unready)
        body = await _received(scope, receive, self.settings, self.room)
        try:
            if len(body) > AT_ONCE or self.model.way != "onnx":
                return await self._in_turn(body)
            self.room.free(len(body))
            return self._answer(body)
        except RowsError as error:
            self.meters.refused += error.count
            raise declined(error) from None

    def _answer(self, body: bytes) -> _Answered:
        wanted, explain = asked(body, self.settings.rows), self._explain
        if wanted.reasons and explain is None:
            raise RequestError(422, NO_REASONS)
        if wanted.reasons and len(wanted.rows) > self.settings.reasoned:
            raise RequestError(422, f"Reasons are given for up to {self.settings.reasoned:,} rows of one request.")
        if wanted.reasons and explain is not None:
            answers = self.model.answers(wanted.rows, lambda cells: explain(cells.columns(), wanted.reasons))
        else:
            answers = self.model.answers(wanted.rows)
        ignored = self.model.reader.ignored(wanted.rows)
        more = b'],"ignored":' + orjson.dumps(ignored) + b"}" if ignored else b"]}"
        return _Answered(body=self._head + answers.text + more, asked=len(body), rows=wanted.rows, answers=answers)

    async def _in_turn(self, body: bytes) -> _Answered:
        """In a thread, when one is free; `RequestError` when too many wait, or it takes too long."""
        if self._busy >= THREADS + WAITING:
            self.room.free(len(body))
            raise RequestError(503, "Too many requests are being scored. Come back in a moment.")
        self._busy += 1
        loop = asyncio.get_running_loop()
        working = self._pool.submit(self._answer, body)
        working.add_done_callback(lambda _: self._freed(loop, len(body)))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(working), self.settings.seconds)
        except TimeoutError:
            raise RequestError(
                503, f"This took longer than {self.settings.seconds:g} seconds. Send fewer rows."
            ) from None

    def _freed(self, loop: asyncio.AbstractEventLoop, size: int) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._less, size)

    def _less(self, size: int) -> None:
        self._busy -= 1
        self.room.free(size)

    def _count(self, state: dict[str, Any], answered: _Answered) -> None:
        meters, answers = self.meters, answered.answers
        meters.rows += answers.count
        meters.flags.update(code.partition(":")[0] for codes in answers.flags if codes for code in codes)
        meters.predictions.update(answers.said)
        told: dict[str, Any] = {"rows": answers.count}
        if self.settings.log_rows:
            told |= {"input": answered.rows, "output": answers.listed()}
        state["told"] = told
        if self._log is not None and answers.count:
            at = datetime.now(UTC).replace(tzinfo=None)
            self._log.keep(Kept(id=state["id"], at=at, rows=answered.rows, answers=answers, bytes=answered.asked))


_JSON = (b"content-type", b"application/json")
_MORE = {405: ((b"allow", b"POST"),), 503: ((b"retry-after", b"1"),)}


async def _received(scope: Message, receive: Receive, settings: Settings, room: _Room) -> bytes:
    """The body of a request for rows; `RequestError` when it is no JSON by its name, too large, or too slow.

    It is in the room until it is freed.
    """
    headers = dict(scope["headers"])
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != _JSON[1]:
        raise RequestError(415, "Send JSON, with the header Content-Type: application/json.")
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise RequestError(415, "Send the body as it is, without Content-Encoding.")
    most = int(settings.megabytes * 1e6)
    try:
        async with asyncio.timeout(settings.seconds):
            body, size = await _read(receive, most, room)
    except TimeoutError:
        raise RequestError(408, f"The body did not come within {settings.seconds:g} seconds.") from None
    if size > most:
        raise RequestError(413, f"The body has more than {settings.megabytes:g} MB. Send the rows in parts.")
    return body


async def _read(receive: Receive, most: int, room: _Room) -> tuple[bytes, int]:
    """The body, nothing of one that is too large, and its size, as far as it was read."""
    chunks: list[bytes] = []
    size, more = 0, True
    try:
        while more and size <= SWALLOWED:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RequestError(400, "The body did not come whole.")
            chunk, more = message.get("body", b""), message.get("more_body", False)
            size += len(chunk)
            if size <= most:
                room.take(len(chunk))
                chunks.append(chunk)
            elif chunks:
                room.free(sum(map(len, chunks)))
                chunks = []
    except BaseException:
        room.free(sum(map(len, chunks)))
        raise
    return b"".join(chunks), size


async def _say(send: Send, status: int, body: bytes, more: Any = ()) -> None:
    headers = [_JSON, (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
