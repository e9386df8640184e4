"""Score the rows of a stored table of any length: check, score and write a piece at a time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mlcore import files
from mlcore.data.chunks import pieces_of
from mlcore.data.dataset import Reading
from mlcore.errors import RowError, disk_full
from mlcore.handoff.batch import output
from mlcore.handoff.batch.asked import Asked
from mlcore.handoff.batch.checking import Ledger
from mlcore.handoff.batch.faultlist import write_faults
from mlcore.handoff.batch.piece import Piece, Pieces
from mlcore.handoff.batch.refusing import foreign, refusal
from mlcore.handoff.batch.scored import Scored
from mlcore.learning.model import Model
from mlcore.learning.scoring import ScoringError

Tell = Callable[[float, str], None]
"""Hears how far it has come (0 to 1), and a sentence."""

SHOWN = 20
"""Rows that are kept to be shown."""


def score_rows(
    model: Model,
    rows: Path,
    out: Path,
    asked: Asked,
    *,
    reading: Reading | None = None,
    faults: Sequence[Path] = (),
    tell: Tell = lambda _share, _message: None,
) -> Scored:
    """Score the stored table at `rows` into `out`, in its order; `faults` are where the list of faulty cells goes.

    First come the output columns of `Scorer.frame`, then reasons, then the table's own columns. Raises `RowError` when
    the file is refused because of its faults, and `FileError` when so many rows do not fit; then `out` is not written.
    """
    pieces = Pieces(model, rows, asked, reading)
    output.fits(asked.ending, pieces.rows, pieces.width, asked.name)
    ledger = Ledger(pieces.fields, asked.handling)
    ledger.absent(pieces.absent, pieces.given)
    if len(pieces.absent) == len(model.needed):
        raise foreign(model.needed, asked.name)
    counts = _Counts()
    try:
        with files.whole(out) as temporary, output.sink(temporary, asked.ending) as sink:
            for start, piece in _in_order(pieces, ledger, asked.threads):
                ledger.take(piece.noticed, start, piece.cells)
                if piece.table is not None and not ledger.rejected:
                    counts.take(piece)
                    sink.write(piece.table)
                tell(*_progress(start + piece.rows, pieces.rows, counts.began))
            for path in faults:
                write_faults(ledger, path)
            if ledger.rejected:
                raise refusal(ledger, model.needed, asked.name)
    except ScoringError as error:
        raise RowError(str(error), where=asked.name) from error
    except OSError as error:
        raise disk_full(error) or error from error
    return counts.told(pieces, ledger)


class _Counts:
    """Of the rows that were written."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.rows = self.flagged = self.unlike = 0
        self.columns: tuple[str, ...] = ()
        self.head: tuple[dict[str, Any], ...] = ()

    def take(self, piece: Piece) -> None:
        assert piece.table is not None
        self.rows += piece.rows
        self.flagged += piece.flagged
        self.unlike += piece.unlike
        self.columns = tuple(piece.table.column_names)
        self.head = self.head or tuple(piece.table.slice(0, SHOWN).to_pylist())

    def told(self, pieces: Pieces, ledger: Ledger) -> Scored:
        return Scored(
            rows=self.rows,
            columns=self.columns,
            flagged=self.flagged,
            unlike=self.unlike,
            faulty=ledger.faulty,
            filled=ledger.filled,
            totals=ledger.totals,
            ignored=pieces.ignored,
            compared=pieces.compared,
            head=self.head,
        )


def _in_order(pieces: Pieces, ledger: Ledger, threads: int) -> Iterator[tuple[int, Piece]]:
    """The pieces with the row each starts at, a few of them made at once; only checked once the file is refused."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[tuple[int, Future[Piece]]] = deque()
        start = 0
        try:
            for table in pieces_of(pieces.path, pieces.step, pieces.columns):
                waiting.append((start, pool.submit(pieces.made, table, start, scoring=not ledger.rejected)))
                start += len(table)
                if len(waiting) > threads:
                    at, future = waiting.popleft()
                    yield at, future.result()
            for at, future in waiting:
                yield at, future.result()
        finally:
            for _, future in waiting:
                future.cancel()


def _progress(done: int, total: int, began: float) -> tuple[float, str]:
    share = done / max(1, total)
    left = (time.monotonic() - began) * (1 - share) / max(share, 1e-9)
    return share, f"Scored {done:,} of {total:,} rows{_soon(left)}"


def _soon(seconds: float) -> str:
    if seconds < 2:
        return ""
    return f", about {seconds:.0f} s left" if seconds < 100 else f", about {seconds / 60:.0f} minutes left"
