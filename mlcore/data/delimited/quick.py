"""Large text tables in one pass: columns that leave no doubt are typed while they are read.

The first rows suggest how each column is read, and every cell is checked against that. Columns in doubt are also put
aside as text: in the end the careful way (`columns.decide`) decides on all their cells. When it decides otherwise than
the first rows let suppose, or a cell speaks against the way its column was read, the text is read once more. The
stored table, the notes and the counts are those of the careful way; a text that is not regular is left to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.data.delimited import blocks, columns
from mlcore.data.delimited.blocks import Block, Facts, Layout, Way
from mlcore.data.delimited.careful import Stored, Table, check_account
from mlcore.data.delimited.columns import Typed, Typing
from mlcore.data.delimited.encoding import IrregularError
from mlcore.data.delimited.kernels.cut import ASIDE, BLANK, KEPT, PLACES, SHORT, TRAILING
from mlcore.data.delimited.kernels.values import CERTAIN, FRACTION, LONG, MARKS, UNCLEAR, ZERO
from mlcore.data.delimited.records import Account
from mlcore.data.schema import Storage

_ROUNDS = 4
_FRACTIONS: tuple[Way, ...] = ("float", "long")
_MADE: tuple[Way, ...] = ("raw", "long")
"""Ways of columns that are made of text cells."""

_NONE = Typing(columns=())
_STORAGES: dict[Way, Storage] = {"integer": "integer", "float": "float", "long": "float", "date": "datetime"}
_TYPES: dict[Storage, pa.DataType] = {
    "integer": pa.int64(),
    "float": pa.float64(),
    "datetime": pa.timestamp("us"),
    "text": pa.large_string(),
}
_CODED = pa.dictionary(pa.int32(), pa.string())
_REPEATED = 0.5
"""Share of different values in the first rows up to which each value of a text column is stored once."""


@dataclass(kw_only=True)
class _Tally:
    """What the blocks read so far add up to; `ways` are those the cells allow."""

    ways: list[Way]
    facts: list[Facts]
    marks: bool = False
    account: Account = field(default_factory=Account)
    trailing: int = 0
    changed: bool = False
    irregular: bool = False

    def add(self, block: Block) -> None:
        """Count a block in."""
        for place, fact in enumerate(block.facts):
            self.facts[place] += fact
            way = _allowed(self.ways[place], fact.flags)
            if way != self.ways[place]:
                self.changed = True
                self.ways[place] = way
                self.marks |= bool(self.facts[place].flags & MARKS)
        self._count(block.counts.tolist())

    def _count(self, counts: list[int]) -> None:
        kept, aside = counts[KEPT], counts[ASIDE]
        before, account = self.account.records, self.account
        places = [before + place for place in counts[PLACES:] if place]
        account.places.extend(places[: 5 - len(account.places)])
        if kept + aside:
            account.blank += self.trailing + counts[BLANK]
            self.trailing = 0
        self.trailing += counts[TRAILING]
        account.kept += kept
        account.set_aside += aside
        account.short += counts[SHORT]


def store(table: Table, folder: Path, out_path: Path) -> Stored | None:
    """Write the table as Parquet, with `folder` for what is needed on the way; None when it is not regular."""
    if table.dialect.width == 1:
        return None  # its blank lines are missing values
    try:
        ways, first, notes, few = _first_look(table)
    except IrregularError:
        return None
    supposed: Typing | None = first
    for place in range(_ROUNDS):
        aside = folder / f"aside-{place}"
        aside.mkdir()
        tally = _pass(table, ways, few, supposed, aside, out_path)
        if tally.irregular:
            return None
        if tally.changed:
            ways, supposed = _together(table, tally), None
            continue
        decided = _decided(table, ways, pl.scan_parquet(aside, glob=False)) if "raw" in ways else _NONE
        if supposed is not None and _alike(supposed, decided):
            check_account(table, tally.account)
            stored = _stored(table, ways, decided, tally)
            noted = tuple(replace(c, note=notes.get(c.source, c.note)) for c in stored.typing.columns)
            return replace(stored, typing=replace(stored.typing, columns=noted))
        supposed = decided
    return None


def _first_look(table: Table) -> tuple[list[Way], Typing, dict[str, str], frozenset[int]]:
    """What the first rows suggest and the whole first blocks allow; what those say of the columns in doubt.

    One number that begins with a zero makes text of its column, whatever else is in it: that needs no second look, and
    the notes on such columns come back as well. So do the places of columns that repeat their values.
    """
    start, first = _beginning(table)
    values = columns.sample(start.head(columns.SAMPLE_ROWS).lazy(), _sources(table))
    named = zip(_sources(table), table.names, strict=True)
    ways = [_suggested(values[source], name in table.choices.text) for source, name in named]
    if ways[-1] == "nothing" and table.nameless_tail:
        ways[-1] = "empty"
    tally, layout = _tally(ways), _layout(table, ways)
    for place, text in enumerate(first):
        tally.add(blocks.read_block(text, layout, place))
    ways = _together(table, tally)
    supposed = _decided(table, ways, start.lazy()) if "raw" in ways else _NONE
    zeros = {s for s, fact in zip(_sources(table), tally.facts, strict=True) if fact.flags & ZERO}
    notes = {c.source: c.note for c in supposed.columns if c.source in zeros and c.storage == "text"}
    ways = ["text" if source in notes else way for source, way in zip(_sources(table), ways, strict=True)]
    doubtful = tuple(column for column in supposed.columns if column.source not in notes)
    few = [p for p, cells in enumerate(start.iter_columns()) if cells.n_unique() <= _REPEATED * len(cells)]
    return ways, replace(supposed, columns=doubtful), notes, frozenset(few)


def _beginning(table: Table) -> tuple[pl.DataFrame, list[bytes]]:
    """Enough blocks for the sample: their cells, and their bytes."""
    parts: list[pl.DataFrame] = []
    texts: list[bytes] = []
    layout = replace(
        _layout(table, ["raw"] * table.dialect.width), stored=tuple((s, p) for p, s in enumerate(_sources(table)))
    )
    for text in blocks.whole_records(table.texts(), table.dialect.quote):
        parts.append(pl.DataFrame(blocks.read_block(text, layout, len(parts)).table))
        texts.append(text)
        if sum(map(len, parts)) >= columns.SAMPLE_ROWS:
            break
    if not parts:
        raise IrregularError
    return pl.concat(parts), texts


def _suggested(values: list[str], kept: bool) -> Way:
    if kept:
        return "text"
    likeness = columns.likeness(values)
    if likeness == "text":
        return "text" if values else "nothing"
    return "integer" if likeness == "number" else "date"


def _allowed(way: Way, flags: int) -> Way:
    """The way a column must be read once its cells showed these flags; "raw" leaves it to the careful way."""
    if way == "raw" or flags & UNCLEAR:
        return "raw"
    if flags & LONG:
        return "long"
    return "float" if way == "integer" and flags & FRACTION else way


def _together(table: Table, tally: _Tally) -> list[Way]:
    """The ways of all columns: where fractions could be written with a comma, all fractions are decided together."""
    pairs = list(zip(tally.ways, tally.facts, strict=True))
    doubtful = any(way in _FRACTIONS and not fact.flags & CERTAIN for way, fact in pairs)
    choices = table.choices
    commas = tally.marks or (choices.delimiter == ";" and doubtful)
    if commas or choices.decimal == "," or choices.thousands is not None:
        return ["raw" if way in _FRACTIONS else way for way in tally.ways]
    return tally.ways


def _decided(table: Table, ways: list[Way], cells: pl.LazyFrame) -> Typing:
    """What the careful way says of the columns in doubt."""
    doubtful = [
        (source, name) for source, name, way in zip(_sources(table), table.names, ways, strict=True) if way == "raw"
    ]
    frame = cells.select(source for source, _ in doubtful)
    return columns.decide(frame, [name for _, name in doubtful], table.choices)


def _alike(supposed: Typing, decided: Typing) -> bool:
    pairs = zip(supposed.columns, decided.columns, strict=True)
    return all(one.storage == other.storage and one.expression.meta.eq(other.expression) for one, other in pairs)


def _typed(table: Table, ways: list[Way], decided: Typing) -> list[Typed]:
    known = {column.source: column for column in decided.columns}
    typed = []
    for source, name, way in zip(_sources(table), table.names, ways, strict=True):
        plain = Typed(
            name=name,
            source=source,
            storage=_STORAGES.get(way, "text"),
            expression=pl.col(source).cast(pl.Float64, strict=False) if way == "long" else pl.col(source),
            decimal="." if way in ("float", "long") else "",
            clean=True,
        )
        typed.append(known.get(source, plain))
    return typed[:-1] if _empty_tail(table, ways) else typed


def _pass(
    table: Table, ways: list[Way], few: frozenset[int], supposed: Typing | None, aside: Path, out: Path
) -> _Tally:
    """Read the whole text: with the cells in doubt put aside, and all stored if they are `supposed` to be something.

    Nothing more is stored once a block speaks against the ways.
    """
    typed = [] if supposed is None else _typed(table, ways, supposed)
    tally, layout = _tally(ways), _layout(table, ways, typed, few)
    found = _counted(blocks.read_blocks(table.texts(), replace(layout, aside=aside if "raw" in ways else None)), tally)
    if typed:
        storing = {
            "use_dictionary": [column.name for place, column in enumerate(typed) if place in few],
            "write_statistics": [column.name for column in typed if column.storage != "text"],
        }
        _write(found, tally, _schema(layout, typed), out, storing | table.storing)
    for _block in found:
        pass
    return tally


def _write(found: Iterator[Block], tally: _Tally, schema: pa.Schema, out: Path, storing: dict[str, Any]) -> None:
    """Store the blocks, several small ones as one row group, until one speaks against the ways."""
    rows, waiting = storing.pop("row_group_size"), list[pa.Table]()
    with pq.ParquetWriter(out, schema, store_schema=False, write_batch_size=rows, **storing) as writer:

        def write() -> None:
            if waiting:
                table = pa.concat_tables(waiting).unify_dictionaries() if len(waiting) > 1 else waiting[0]
                writer.write_table(table, rows)
                waiting.clear()

        for block in found:
            if tally.changed:
                return
            if sum(map(len, waiting)) + len(block.table) > rows:
                write()
            waiting.append(block.table)
        write()


def _schema(layout: Layout, typed: Sequence[Typed]) -> pa.Schema:
    """How the blocks are stored, as Arrow has it."""
    kinds = []
    for place, column in enumerate(typed):
        text = column.storage == "text" and layout.ways[place] not in _MADE
        coded = layout.ways[place] == "text" and place in layout.coded
        kinds.append(_CODED if coded else pa.string_view() if text else _TYPES[column.storage])
    return pa.schema(list(zip([column.name for column in typed], kinds, strict=True)))


def _counted(found: Iterator[Block], tally: _Tally) -> Iterator[Block]:
    """The blocks, counted in; what polars raises about an error in here would no longer say which it was."""
    try:
        for block in found:
            tally.add(block)
            yield block
    except IrregularError:
        tally.irregular = True


def _stored(table: Table, ways: list[Way], decided: Typing, tally: _Tally) -> Stored:
    sure = [fact for fact, way in zip(tally.facts, ways, strict=True) if way != "raw"]
    tidied = columns.Tidied(
        words=sum(fact.words for fact in sure),
        columns=sum(fact.words > 0 for fact in sure),
        spaces=sum(fact.spaces for fact in sure),
    )
    return Stored(
        account=tally.account,
        typing=columns.together(_typed(table, ways, decided), decided.tidied + tidied),
        tail_left_out=_empty_tail(table, ways),
    )


def _empty_tail(table: Table, ways: Sequence[Way]) -> bool:
    """Whether the last column has neither name nor values: every line ended with a delimiter."""
    return table.nameless_tail and ways[-1] == "empty"


def _layout(
    table: Table, ways: Sequence[Way], typed: Sequence[Typed] = (), few: frozenset[int] = frozenset()
) -> Layout:
    made = [(column.name, column.expression if ways[place] in _MADE else place) for place, column in enumerate(typed)]
    return Layout(dialect=table.dialect, ways=tuple(ways), stored=tuple(made), coded=few)


def _tally(ways: list[Way]) -> _Tally:
    return _Tally(ways=list(ways), facts=[Facts()] * len(ways))


def _sources(table: Table) -> list[str]:
    return blocks.sources(table.dialect.width)
