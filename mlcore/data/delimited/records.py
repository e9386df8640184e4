"""From blocks of UTF-8 to a clean text table: every record as wide as the header, every record accounted for.

Whole blocks are cut into records with array operations as long as quote marks stand only where they belong. A file
with stray quote marks is read again, record by record, by Python's own reader.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mlcore.data.delimited.dialect import Dialect
from mlcore.errors import FileError

_LONGEST = 64 * 1024 * 1024
"""Bytes a single record may have."""

_NEWLINE = 10
Blocks = Callable[[], Iterable[bytes]]


class _StrayQuoteError(Exception):
    """A quote mark inside a cell that is not quoted."""


@dataclass(kw_only=True)
class Account:
    """What became of the records. `records` counts data records: the kept and those set aside."""

    kept: int = 0
    set_aside: int = 0
    short: int = 0
    blank: int = 0
    stray: bool = False
    places: list[int] = field(default_factory=list)

    @property
    def records(self) -> int:
        """All data records met."""
        return self.kept + self.set_aside

    def put_aside(self) -> None:
        """Count one record that has too many cells, and remember where it stood."""
        self.set_aside += 1
        if len(self.places) < 5:
            self.places.append(self.records)


def write_clean(blocks: Blocks, dialect: Dialect, out: Path) -> Account:
    """Write the data records that fit to `out` (same delimiter and quote mark, no header); says what it did.

    Short records are kept: their missing cells are empty. Longer ones are kept when the surplus is empty, and set
    aside otherwise. Blank lines are no records, except in a table of one column.
    """
    try:
        with out.open("wb") as sink:
            return _Cutter(dialect, sink, out.name).cut(blocks())
    except _StrayQuoteError:
        with out.open("w", encoding="utf-8", newline="") as text:
            return _record_by_record(blocks(), dialect, text)


class _Cutter:
    """Cuts blocks into records with array operations and writes the good ones."""

    def __init__(self, dialect: Dialect, sink: BinaryIO, name: str) -> None:
        self.dialect = dialect
        self.sink = sink
        self.name = name
        self.account = Account()
        self.to_skip = dialect.skip
        self.blanks = 0
        self.line = 1
        self.mark, self.quote = ord(dialect.delimiter), ord(dialect.quote)

    def cut(self, blocks: Iterable[bytes]) -> Account:
        rest = b""
        for block in blocks:
            rest = self._take(rest + block)
            if len(rest) > _LONGEST:
                raise _unclosed(self.line) if bytes([self.quote]) in rest else _endless(self.line)
        if rest.strip(b"\n"):
            left = self._take(rest + b"\n")
            if left:
                raise _unclosed(self.line + left[: max(left.rfind(bytes([self.quote])), 0)].count(b"\n"))
        return self.account

    def _take(self, block: bytes) -> bytes:
        """Write the whole records of `block`; the unfinished one at its end comes back."""
        letters = np.frombuffer(block, dtype=np.uint8)
        outside = self._outside(letters)
        ends = np.flatnonzero((letters == _NEWLINE) & outside)
        if not len(ends):
            return block
        marks = np.flatnonzero((letters == self.mark) & outside)
        starts = np.concatenate(([0], ends[:-1] + 1))
        widths = np.searchsorted(marks, ends) - np.searchsorted(marks, starts) + 1
        self._write(block, starts, ends, widths)
        self.line += block.count(b"\n", 0, int(ends[-1]) + 1)
        return block[int(ends[-1]) + 1 :]

    def _outside(self, letters: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Which bytes stand outside quoted cells."""
        quotes = letters == self.quote
        if not quotes.any():
            return np.ones(len(letters), dtype=bool)
        inside = np.bitwise_xor.accumulate(quotes)
        places = np.flatnonzero(quotes)
        opening = places[inside[places]]
        closing = places[~inside[places]]
        before = letters[opening[opening > 0] - 1]
        after = letters[closing[closing < len(letters) - 1] + 1]
        edges = (self.mark, _NEWLINE, self.quote)
        if not (np.isin(before, edges).all() and np.isin(after, edges).all()):
            raise _StrayQuoteError
        return np.asarray(~inside, dtype=bool)

    def _write(
        self, block: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64], widths: NDArray[np.int64]
    ) -> None:
        first = self._skipped(starts, ends)
        starts, ends, widths = starts[first:], ends[first:], widths[first:]
        blank, width = starts == ends, self.dialect.width
        if self.blanks or blank.any():
            self._write_each(block, starts, ends, widths)
        elif (widths <= width).all():
            self.account.kept += len(starts)
            self.account.short += int((widths < width).sum())
            if len(starts):
                self.sink.write(memoryview(block)[int(starts[0]) : int(ends[-1]) + 1])
        else:
            self._write_each(block, starts, ends, widths)

    def _skipped(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> int:
        """How many of these records belong to preamble and header."""
        first = 0
        while self.to_skip and first < len(starts):
            self.to_skip -= int(starts[first] != ends[first])
            first += 1
        return first

    def _write_each(
        self, block: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64], widths: NDArray[np.int64]
    ) -> None:
        """Runs of good records at once, the others one by one."""
        fits = (widths <= self.dialect.width) & (starts != ends)
        odd = np.flatnonzero(~fits)
        view, done = memoryview(block), 0
        for place in [*odd.tolist(), len(starts)]:
            if place > done:
                self._keep_run(view, starts[done:place], ends[done:place], widths[done:place])
            if place < len(starts):
                self._odd(block[int(starts[place]) : int(ends[place])], int(widths[place]))
            done = place + 1

    def _keep_run(
        self, view: memoryview, starts: NDArray[np.int64], ends: NDArray[np.int64], widths: NDArray[np.int64]
    ) -> None:
        self._fill_blanks()
        self.account.kept += len(starts)
        self.account.short += int((widths < self.dialect.width).sum())
        self.sink.write(view[int(starts[0]) : int(ends[-1]) + 1])

    def _odd(self, record: bytes, width: int) -> None:
        if not record:
            self.blanks += 1
            return
        self._fill_blanks()
        surplus = width - self.dialect.width
        tail = bytes([self.mark]) * surplus
        if record.endswith(tail):
            self.account.kept += 1
            self.sink.write(record[:-surplus] + b"\n")
        else:
            self.account.put_aside()

    def _fill_blanks(self) -> None:
        """Blank lines before another record: missing values of a one-column table, nothing elsewhere."""
        if not self.blanks:
            return
        if self.dialect.width == 1:
            self.account.kept += self.blanks
            self.sink.write((self.dialect.quote * 2 + "\n").encode() * self.blanks)
        else:
            self.account.blank += self.blanks
        self.blanks = 0


def _record_by_record(blocks: Iterable[bytes], dialect: Dialect, out: io.TextIOBase) -> Account:
    account, to_skip, blanks, width = Account(stray=True), dialect.skip, 0, dialect.width
    writer = csv.writer(out, delimiter=dialect.delimiter, quotechar=dialect.quote, lineterminator="\n")
    for record in _records(blocks, dialect):
        if not record:
            blanks += to_skip == 0
        elif to_skip:
            to_skip -= 1
        else:
            if blanks and width == 1:
                account.kept += blanks
                out.write((dialect.quote * 2 + "\n") * blanks)
            account.blank += 0 if width == 1 else blanks
            blanks = 0
            _keep_or_put_aside(record, width, account, writer.writerow)
    return account


def _keep_or_put_aside(record: list[str], width: int, account: Account, write: Callable[[list[str]], object]) -> None:
    if any(record[width:]):
        account.put_aside()
        return
    account.kept += 1
    account.short += len(record) < width
    write([*record, *[""] * (width - len(record))][:width])


def _records(blocks: Iterable[bytes], dialect: Dialect) -> Iterator[list[str]]:
    """The records as Python's reader sees them; a quote that is never closed is an error with its line."""
    end = "\u0000end"
    lines = _Lines(blocks, end)
    csv.field_size_limit(_LONGEST)
    escape = "\\" if lines.backslashes else None
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=escape,
        doublequote=escape is None,
        skipinitialspace=dialect.delimiter != " ",
    )
    start = 1
    try:
        for record in reader:
            if record == [end]:
                return
            if lines.ended:
                break
            yield record
            start = lines.number + 1
    except csv.Error:
        raise _unclosed(start) from None
    raise _unclosed(start)


class _Lines:
    """The lines of the blocks, counted, followed by one line that no file can contain."""

    def __init__(self, blocks: Iterable[bytes], end: str) -> None:
        self._blocks = iter(blocks)
        self._end = end
        self._first = next(self._blocks, b"")
        self.backslashes = b'\\"' in self._first
        self.number = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        rest = b""
        for block in self._all():
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                self.number += 1
                yield line.decode("utf-8", "replace") + "\n"
            if len(rest) > _LONGEST:
                raise _endless(self.number + 1)
        if rest:
            self.number += 1
            yield rest.decode("utf-8", "replace") + "\n"
        self.ended = True
        yield self._end

    def _all(self) -> Iterator[bytes]:
        yield self._first
        yield from self._blocks


def _endless(line: int) -> FileError:
    return FileError(
        f"Line {line:,} is longer than {_LONGEST // 2**20} megabytes",
        remedy="Save it as CSV with one row a line.",
    )


def _unclosed(line: int) -> FileError:
    return FileError(
        f"A quotation mark that is opened in line {line:,} is never closed",
        remedy="Close or remove it in the file, or choose the delimiter yourself.",
    )
