"""Rows and answers kept as Parquet for monitoring; of too many files the oldest are deleted."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlcore.handoff.shipped.rows import Reader

SECONDS = 30.0
"""A file is written so often while there are rows; a process that is killed loses the rows since."""

MOST_ROWS = 50_000
"""Rows that wait to be written; more at once are not kept, and counted."""

logger = logging.getLogger("service")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Rows of one request as they came, with what was answered."""

    id: str
    at: datetime
    rows: Sequence[Mapping[str, Any]]
    answers: Sequence[Mapping[str, Any]]


class Log:
    """Keeps rows under their own columns, as rows to score come, so that a file can be monitored as it is; beside them
    `_id`, `_at`, `_prediction`, `_probability_<label>` or `_low` and `_high`, and `_flags`."""

    def __init__(self, folder: Path, reader: Reader, megabytes: float, *, seconds: float = SECONDS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._reader, self._most, self._seconds = reader, megabytes * 1e6, seconds
        self._waiting: deque[Kept] = deque()
        self._rows = self._written = 0
        self._lock, self._wake, self._ended = threading.Lock(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="predictions", daemon=True)
        self._thread.start()

    def keep(self, one: Kept) -> bool:
        """Take rows to be written; False when too many wait already."""
        with self._lock:
            if self._rows + len(one.rows) > MOST_ROWS:
                return False
            self._waiting.append(one)
            self._rows += len(one.rows)
            if self._rows > MOST_ROWS // 2:
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
            taken, self._rows = list(self._waiting), 0
            self._waiting.clear()
        if not taken:
            return
        try:
            self._store(taken)
            self._let_go()
        except Exception as error:  # a full disk must not end the service
            lost = sum(len(one.rows) for one in taken)
            why = error.strerror if isinstance(error, OSError) else type(error).__name__
            logger.error("predictions were not kept", extra={"told": {"rows": lost, "error": why}})

    def _store(self, taken: Sequence[Kept]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        inputs = self._reader.read([row for one in taken for row in one.rows]).columns()
        columns = {name: pa.array(cells, from_pandas=True) for name, cells in inputs.items()}
        columns |= {_free(name, columns): pa.array(cells) for name, cells in _answers(taken).items()}
        self._written += 1
        name = f"predictions-{datetime.now(UTC):%Y%m%dT%H%M%S}-{self._written:05d}.parquet"
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
    answers = [answer for one in taken for answer in one.answers]
    for name in answers[0]:
        cells = [answer[name] for answer in answers]
        if name == "probabilities":
            columns |= {f"_probability_{label}": [cell[label] for cell in cells] for label in cells[0]}
        elif name != "reasons":
            columns[f"_{name}"] = [";".join(cell) if isinstance(cell, list) else cell for cell in cells]
    return columns


def _free(name: str, taken: Mapping[str, Any]) -> str:
    return _free(f"_{name}", taken) if name in taken else name
