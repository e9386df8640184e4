"""A large text table as blocks of whole records, each read column by column, on several cores and in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from mlcore.data.delimited import cells
from mlcore.data.delimited.dialect import Dialect
from mlcore.data.delimited.encoding import IrregularError
from mlcore.data.delimited.kernels import codes, cut, texts, values
from mlcore.data.delimited.kernels.compiled import Cells

Way = Literal["integer", "float", "long", "date", "text", "nothing", "empty", "raw"]
"""How a column is read. "long" numbers have more digits than can be read at once; in "nothing" no
value is expected, in "empty" not even a word such as unknown; "raw" are the cells as they stand.
"""

_LONGEST = 32 * 1024 * 1024
_MOST_CELLS = 32_000_000
_TYPES = {"integer": pa.int64(), "float": pa.float64(), "date": pa.timestamp("us")}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the cells of a column showed: flags of `kernels.values`, words read as missing, cells with spaces around."""

    flags: int = 0
    words: int = 0
    spaces: int = 0

    def __add__(self, other: Facts) -> Facts:
        return Facts(flags=self.flags | other.flags, words=self.words + other.words, spaces=self.spaces + other.spaces)


@dataclass(frozen=True, kw_only=True)
class Block:
    """What is stored of the kept records of one block, and what `cut` counted."""

    table: pa.Table
    facts: tuple[Facts, ...]
    counts: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How blocks are read: the dialect, one way a column, and the expressions that make the stored columns.

    `stored` are the names of columns, each with the place of the one that is stored as it was read, or an expression
    that makes it. Of texts at `coded` places each value is kept once. The raw cells are also kept in `aside`, a
    Parquet file a block, when there is such a folder.
    """

    dialect: Dialect
    ways: tuple[Way, ...]
    stored: tuple[tuple[str, int | pl.Expr], ...] = ()
    coded: frozenset[int] = frozenset()
    aside: Path | None = None


def read_blocks(texts: Iterable[bytes], layout: Layout) -> Iterator[Block]:
    """The blocks of a text one after the other, several being read at the same time."""
    workers = pl.thread_pool_size()
    waiting: deque[Future[Block]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for place, text in enumerate(whole_records(texts, layout.dialect.quote)):
                waiting.append(pool.submit(read_block, text, layout, place))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def whole_records(texts: Iterable[bytes], quote: str) -> Iterator[bytes]:
    """The text in pieces that end where a record ends."""
    mark, rest = quote.encode(), b""
    for text in texts:
        end = cut.last_end(np.frombuffer(text, np.uint8), mark[0], rest.count(mark))
        whole, rest = (b"".join((rest, memoryview(text)[:end])), text[end:]) if end else (b"", rest + text)
        if len(rest) > _LONGEST:
            raise IrregularError
        if whole:
            yield whole
    if rest:
        yield rest + b"\n"


def read_block(text: bytes, layout: Layout, place: int) -> Block:
    """Cut and read one block; the first one (at `place` 0) begins with records that are no data."""
    skip = layout.dialect.skip if place == 0 else 0
    data, width = np.frombuffer(text, np.uint8), layout.dialect.width
    records = cut.line_ends(data)
    if records * width > _MOST_CELLS or not cut.is_utf8(data):
        raise IrregularError
    starts, ends = np.empty((width, records), np.int32), np.empty((width, records), np.int32)
    marks = (ord(layout.dialect.delimiter), ord(layout.dialect.quote))
    counts = cut.cut(data, marks, skip, starts, ends)
    if counts[cut.STRAY] or counts[cut.SKIPPED] < skip:
        raise IrregularError
    rows = int(counts[cut.KEPT])
    arrays, facts = [], []
    for column, way in enumerate(layout.ways):
        one = Cells(data, starts[column, :rows], ends[column, :rows])
        coded = way == "text" and column in layout.coded
        found, fact = _coded(one, marks[1]) if coded else _column(text, one, way, marks[1])
        arrays.append(found)
        facts.append(fact)
    table = pa.Table.from_arrays(arrays, names=sources(width))
    if layout.aside is not None:
        raw = [source for source, way in zip(table.column_names, layout.ways, strict=True) if way == "raw"]
        pl.DataFrame(table.select(raw)).write_parquet(layout.aside / f"{place:09}.parquet", compression="lz4")
    return Block(table=_stored(table, layout), facts=tuple(facts), counts=counts)


def _stored(table: pa.Table, layout: Layout) -> pa.Table:
    """The columns as they are stored: most as they were read, the others made of text cells."""
    made = [what.alias(name) for name, what in layout.stored if isinstance(what, pl.Expr)]
    needed = sorted({root for expression in made for root in expression.meta.root_names()})
    others = pl.DataFrame(table.select(needed)).select(made).to_arrow() if made else table
    arrays = [table.column(what) if isinstance(what, int) else others.column(name) for name, what in layout.stored]
    return pa.Table.from_arrays(arrays, names=[name for name, _ in layout.stored])


def sources(width: int) -> list[str]:
    """What the columns are called before they have their names."""
    return [f"c{place}" for place in range(width)]


def words(known: Sequence[str], folded: bool) -> texts.Words:
    """Words as `kernels` compare them."""
    encoded = [word.encode() for word in known if word]
    letters, begins = np.zeros((len(encoded), max(map(len, encoded))), np.uint8), np.zeros(256, np.bool_)
    for place, word in enumerate(encoded):
        letters[place, : len(word)] = np.frombuffer(word, np.uint8)
        begins[list(word[:1] + word[:1].upper())] = True
    return texts.Words(letters, np.array([len(word) for word in encoded], np.int64), begins, folded)


_ALWAYS = words(cells.ALWAYS_MISSING, folded=False)
_UNEXPECTED: dict[Way, texts.Words] = {"nothing": words(cells.MISSING_AMONG_VALUES, folded=True), "empty": _ALWAYS}


def _column(text: bytes, column: Cells, way: Way, quote: int) -> tuple[pa.Array, Facts]:
    """One column as Arrow array. Where the facts speak against the way its values mean nothing."""
    if way in ("integer", "float", "date"):
        return _values(column, way)
    found, fact = _texts(text, column, quote, tidy=way in ("text", "nothing", "empty"))
    if way == "long":
        scratch = np.empty(len(column.starts), np.int64), np.empty(len(column.starts)), _bits(column)
        return found, Facts(flags=values.numbers(column, scratch[0], scratch[1], False, scratch[2]))
    unexpected = way in _UNEXPECTED and not texts.only_missing(column, _UNEXPECTED[way])
    return found, fact + Facts(flags=values.UNCLEAR) if unexpected else fact


def _values(column: Cells, way: Way) -> tuple[pa.Array, Facts]:
    rows, present = len(column.starts), _bits(column)
    wholes = np.zeros(rows, np.int64)
    if way == "date":
        flags = values.moments(column, wholes, present)
    else:
        flags = values.numbers(column, wholes, wholes.view(np.float64), way == "integer", present)
    buffers = [pa.py_buffer(present), pa.py_buffer(wholes)]
    return pa.Array.from_buffers(_TYPES[way], rows, buffers), Facts(flags=flags)


def _texts(text: bytes, column: Cells, quote: int, tidy: bool) -> tuple[pa.Array, Facts]:
    """Arrow views into the block itself: no cell is copied unless it holds doubled quote marks or is short."""
    rows, present = len(column.starts), _bits(column)
    views = np.zeros((rows, 2), np.int64)
    spare = np.empty(texts.spare_bytes(column), np.uint8)
    out = texts.Texts(views, present, spare)
    missing, spaces = texts.texts(column, quote, tidy, _ALWAYS, out)
    buffers = [pa.py_buffer(present), pa.py_buffer(views), pa.py_buffer(text), pa.py_buffer(spare)]
    return pa.Array.from_buffers(pa.string_view(), rows, buffers), Facts(words=missing, spaces=spaces)


def _coded(column: Cells, quote: int) -> tuple[pa.Array, Facts]:
    """Texts as Arrow dictionary: the values that there are, and which of them each row has."""
    rows, present, room = len(column.starts), _bits(column), codes.value_bytes(column)
    if texts.spare_bytes(column):
        plain = Cells(np.empty(room, np.uint8), np.empty(rows, np.int32), np.empty(rows, np.int32))
        codes.plain(column, quote, plain)
        plain.data.setflags(write=False)
        column = plain
    values, ends = np.empty(room, np.uint8), np.zeros(rows + 1, np.int32)
    out = codes.Codes(np.zeros(rows, np.int32), present, values, ends, np.empty(rows, np.uint64))
    known, missing, spaces = codes.codes(column, _ALWAYS, out)
    found = pa.Array.from_buffers(pa.string(), known, [None, pa.py_buffer(ends), pa.py_buffer(values)])
    numbers = pa.Array.from_buffers(pa.int32(), rows, [pa.py_buffer(present), pa.py_buffer(out.codes)])
    return pa.DictionaryArray.from_arrays(numbers, found, safe=False), Facts(words=missing, spaces=spaces)


def _bits(column: Cells) -> NDArray[np.uint8]:
    return np.zeros((len(column.starts) + 7) // 8, np.uint8)
