"""A first look at a table before it is imported: how it would be read, its first rows, and what is doubtful."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore import files, records
from mlcore.data.amounts import amount
from mlcore.data.dataset import Reading
from mlcore.data.schema import Schema
from mlcore.errors import FileError, TableError, UserError

if TYPE_CHECKING:
    import pandas as pd

    from mlcore.data.choices import Choices

ROWS = 1000
"""Rows that are looked at; enough to tell most columns, few enough for a second or two."""

SHOWN_COLUMNS = 60
LONGEST_CELL = 300
_MANGLED = "Ã[\u0080-\u00bf\u0152-\u0178\u2013-\u203a]|â€|Â[°§£]"
"""How UTF-8 looks when it is read as Windows-1252: "GrÃ¶ÃŸe", "â€œ"."""


@dataclass(frozen=True, kw_only=True)
class TwoWays:
    """A date that can be read with the day or the month first: in which column, as it was read, and the other way."""

    column: str
    read: str
    other: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The first `rows` rows as they would be imported; the first columns of them lie in the Parquet file at `path`.

    `reading` and `schema` are about these rows only. `doubts` are sentences about what looks wrongly read. `dates` has
    an entry for each column of dates when no column of the table tells the order of day and month.
    """

    path: str
    reading: Reading
    schema: Schema
    rows: int
    doubts: tuple[str, ...] = ()
    dates: tuple[TwoWays, ...] = ()


def look_ahead(source: str, name: str, choices: Mapping[str, Any] | None, folder: str) -> int:
    """Read the beginning of a file; `preview.parquet` and `preview.json` in `folder` are what `Store.preview` reads."""
    from mlcore.data.choices import Choices
    from mlcore.data.load import preview

    chosen = records.from_json(Choices, dict(choices or {}))
    with called(source, name), contents(source, chosen, Path(folder), first=True):
        frame, reading = preview(source, chosen, rows=ROWS)
        return keep(frame, reading, Path(folder))


def keep(frame: pd.DataFrame, reading: Reading, folder: Path) -> int:
    """Lay down what was seen of a table; the number of its rows."""
    from mlcore.data.kinds import guess_schema

    path = folder / "preview.parquet"
    with files.whole(path) as temporary:
        frame.to_parquet(temporary, index=False)
    made = Preview(
        path=str(path),
        reading=reading,
        schema=guess_schema(path),
        rows=len(frame),
        doubts=_doubts(frame, reading),
        dates=_two_ways(frame, reading),
    )
    with files.whole(path) as temporary:
        _short(frame).to_parquet(temporary, index=False)
    note(reading, folder)
    records.write(folder / "preview.json", made)
    return made.rows


def note(reading: Reading, folder: Path) -> None:
    """Keep beside a job how its file was read, for `Store.reading`: also when nothing comes of it afterwards."""
    records.write(folder / "reading.json", reading)


@contextmanager
def called(source: str, name: str) -> Iterator[None]:
    """Errors about the file are said with the name its owner knows; it lies under one of ours."""
    try:
        yield
    except (FileError, TableError) as error:
        where = error.where.replace(Path(source).name, name) if name else error.where
        raise type(error)(error.what, where=where, remedy=error.remedy) from error


@contextmanager
def contents(source: str, choices: Choices, folder: Path, *, first: bool = False) -> Iterator[None]:
    """When the file cannot be read, keep for `Store.reading` what else is in it, so that a person can choose another.

    `first` says that without a choice the first file of an archive was taken.
    """
    from mlcore.data import archives

    try:
        yield
    except UserError:
        members = archives.members(Path(source))
        if members:
            taken = choices.member or (members[0] if first else "")
            note(Reading(format="", member=taken, members=members), folder)
        raise


def _short(frame: pd.DataFrame) -> pd.DataFrame:
    shown = frame.iloc[:, :SHOWN_COLUMNS].copy()
    for name in shown.select_dtypes(include=["object", "string"]).columns:
        shown[name] = shown[name].str.slice(0, LONGEST_CELL)
    return shown


def _doubts(frame: pd.DataFrame, reading: Reading) -> tuple[str, ...]:
    texts = frame.select_dtypes(include=["object", "string"]).iloc[:, :SHOWN_COLUMNS]
    found = []
    if reading.delimiter and frame.shape[1] == 1:
        found.append("Only one column was found. Another delimiter may stand between the columns.")
    if reading.set_aside:
        found.append(f"{amount(reading.set_aside, 'row')} of those seen have more cells than there are columns.")
    if _any(frame, texts, "\ufffd"):
        found.append("Some letters could not be read and show as \ufffd. The encoding may be another one.")
    elif _any(frame, texts, _MANGLED):
        found.append("Some letters look mangled, as in “Ã¼”. The encoding may be UTF-8.")
    nameless = sum(name.startswith("column_") for name in frame.columns)
    if reading.header and nameless > frame.shape[1] / 2:
        found.append("Most columns have no name. The names may stand in another row.")
    found += [note for note in reading.notes if note.endswith("?")]  # the reader itself is not sure
    return tuple(found)


def _any(frame: pd.DataFrame, texts: pd.DataFrame, pattern: str) -> bool:
    names = frame.columns.str.contains(pattern).any()
    return bool(names or any(texts[name].str.contains(pattern, na=False).any() for name in texts))


def _two_ways(frame: pd.DataFrame, reading: Reading) -> tuple[TwoWays, ...]:
    """Empty as soon as one column has a day beyond 12: it tells the order for all."""
    dated = [name for name in (*reading.day_first, *reading.month_first) if name in frame]
    found = []
    for name in dated:
        days = frame[name].dropna()
        if (days.dt.day > 12).any():
            return ()
        unlike = days[days.dt.day != days.dt.month]
        if len(unlike):
            one = unlike.iloc[0]
            other = one.replace(day=one.month, month=one.day)
            found.append(TwoWays(column=name, read=one.strftime("%Y-%m-%d"), other=other.strftime("%Y-%m-%d")))
    return tuple(found)
