"""Rows and answers kept as Parquet for monitoring; of too many files the oldest are deleted."""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlcore.handoff.shipped.rows import Reader
from mlcore.handoff.shipped.service.answers import Answers

SECONDS = 30.0
"""A file is written so often while there are rows; a process that is killed loses the rows since."""

MOST_ROWS, MOST_BYTES = 50_000, 50_000_000
"""Rows that wait to be written, and bytes of the requests they came in; more at once are not kept, and counted."""

logger = logging.getLogger("service")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Rows of one request of so many `bytes` as they came, with what was answered."""

    id: str
    at: datetime
    rows: Sequence[Mapping[str, Any]]
    answers: Answers
    bytes: int


class Log:
    """Keeps rows under their own columns, as rows to score come, so that a file can be monitored as it is; beside them
    `_id`, `_at`, `_prediction`, `_probability_<label>` or `_low` and `_high`, and `_flags`. `lost` counts the rows that
    were not kept: too many waited, or they could not be written."""

    def __init__(self, folder: Path, reader: Reader, megabytes: float, *, seconds: float = SECONDS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._reader, self._most, self._seconds = reader, megabytes * 1e6, seconds
        self._waiting: deque[Kept] = deque()
        self._own = secrets.token_hex(3)  # others may write into the same folder
        self._rows = self._bytes = self._written = self.lost = 0
        self._lock, self._wake, self._ended = threading.Lock(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="predictions", daemon=True)
        self._thread.start()

    def keep(self, one: Kept) -> bool:
        """Take rows to be written; False when too many wait already."""
        with self._lock:
            if self._rows + len(one.rows) > MOST_ROWS or self._bytes + one.bytes > MOST_BYTES:
                self.lost += len(one.rows)
                return False
            self._waiting.append(one)
            self._rows, self._bytes = self._rows + len(one.rows), self._bytes + one.bytes
            if self._rows > MOST_ROWS // 2 or self._bytes > MOST_BYTES // 2:
                self._wake.set()
        return True

    def close(self) -> None:
        """Write what waits, and end."""
        self._ended.set()
        self._wake.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.wait(self._seconds)
            self._wake.clear()
            self._write()
        self._write()

    def _write(self) -> None:
        with self._lock:
            taken, self._rows, self._bytes = list(self._waiting), 0, 0
            self._waiting.clear()
        if not taken:
            return
        try:
            self._store(taken)
        except Exception as error:  # a full disk must not end the service
            lost = sum(len(one.rows) for one in taken)
            with self._lock:
                self.lost += lost
            why = error.strerror if isinstance(error, OSError) else type(error).__name__
            logger.error("predictions were not kept", extra={"told": {"rows": lost, "error": why}})
        with contextlib.suppress(OSError):  # somebody else may delete them, too
            self._let_go()

    def _store(self, taken: Sequence[Kept]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        inputs = self._reader.read([row for one in taken for row in one.rows]).columns()
        columns = {name: pa.array(cells, from_pandas=True) for name, cells in inputs.items()}
        columns |= {_free(name, columns): pa.array(cells) for name, cells in _answers(taken).items()}
        self._written += 1
        name = f"predictions-{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{self._written:05d}-{self._own}.parquet"
        temporary = self.folder / f".{name}.part"
        try:
            pq.write_table(pa.table(columns), temporary)
            temporary.replace(self.folder / name)
        finally:
            temporary.unlink(missing_ok=True)

    def _let_go(self) -> None:
        files = sorted(self.folder.glob("predictions-*.parquet"))
        total = sum(file.stat().st_size for file in files)
        for file in files[:-1]:
            if total <= self._most:
                return
            total -= file.stat().st_size
            file.unlink(missing_ok=True)


def _answers(taken: Sequence[Kept]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "_id": [f"{one.id}-{place}" for one in taken for place in range(len(one.rows))],
        "_at": [one.at for one in taken for _ in one.rows],
    }
    answers = [answer for one in taken for answer in one.answers.listed()]
    for name in answers[0]:
        cells = [answer[name] for answer in answers]
        if name == "probabilities":
            columns |= {f"_probability_{label}": [cell[label] for cell in cells] for label in cells[0]}
        elif name != "reasons":
            columns[f"_{name}"] = [";".join(cell) if isinstance(cell, list) else cell for cell in cells]
    return columns


def _free(name: str, taken: Mapping[str, Any]) -> str:
    return _free(f"_{name}", taken) if name in taken else name
