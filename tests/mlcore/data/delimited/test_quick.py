"""One pass or many: the stored table, the account and the notes are the same."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mlcore.data.choices import Choices
from mlcore.data.delimited import blocks, careful, quick
from mlcore.data.delimited.careful import Stored, Table
from mlcore.data.delimited.dialect import find_dialect
from mlcore.data.names import clean_names
from tests.benchmarks.data import write_mixed, write_wide


def table(content: bytes, choices: Choices | None = None, block: int = 1 << 20) -> Table:
    choices = choices or Choices()
    dialect = find_dialect(content[:100_000].decode("utf-8", "replace"), choices)
    pieces = [content[start : start + block] for start in range(0, len(content), block)]
    names = clean_names(dialect.names)[0]
    return Table(texts=lambda: pieces, dialect=dialect, names=names, choices=choices, where="x.csv")


def both(folder: Path, text: Table) -> tuple[Stored, Stored, pl.DataFrame]:
    """The table stored in one pass and in many, proven equal."""
    for way in ("quick", "careful"):
        (folder / way).mkdir(parents=True)
    one = quick.store(text, folder / "quick", folder / "quick.parquet")
    other = careful.store(text, folder / "careful", folder / "careful.parquet")
    assert one is not None
    stored = pl.read_parquet(folder / "quick.parquet")
    assert_frame_equal(stored, pl.read_parquet(folder / "careful.parquet"), check_exact=True)
    assert one.account == replace(other.account, stray=False)
    assert one.typing.notes == other.typing.notes
    assert one.typing.decimal == other.typing.decimal
    assert [(c.name, c.storage, c.note, c.day_first) for c in one.typing.columns] == [
        (c.name, c.storage, c.note, c.day_first) for c in other.typing.columns
    ]
    assert one.tail_left_out == other.tail_left_out
    return one, other, stored


def column(cells: list[str], late: list[str], rows: int = 3000) -> bytes:
    """A column of these cells over and over beside a plain one, and `late` ones far below."""
    repeated = [cells[place % len(cells)] for place in range(rows)] + late + cells
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([("x", "plain"), *((cell, "7") for cell in repeated)])
    return out.getvalue().encode()


CELLS = {
    "whole numbers": ["1", "-2", "30", "", "0", "-0"],
    "decimals": ["1.5", "-2.25", "3", "", "0.1", "-0.0", "12345.678"],
    "many digits": ["0.1234567890123456789", "3.141592653589793", "-2.718281828459045", "1e-7"],
    "powers of ten": ["1e3", "1.5E-05", "2e+10", "-3.25e-300", "0"],
    "dates": ["2024-02-29", "1999-12-31", "", "0001-01-01"],
    "times": ["2024-02-29 23:59:59", "2024-01-01T00:00:00.5", "2024-01-01 12:30", "2024-01-01"],
    "text": ["blue", "  red ", 'the "best"', "a longer text, with a comma", "", "NA", "\u00a0x\u3000", "élan"],
    "postcodes": ["01234", "99999", "10000"],
    "days of the year": ["31/12/2024", "01/02/2025"],
    "amounts": ["$1,200", "$35.50"],
    "nothing": ["", " ", "NA", "-"],
    "empty": [""],
}
LATE = [
    [], ["NA"], [" 7 "], ["007"], ["x"], ["1.5"], ["1,5"], ["1.234.567"], ["9007199254740993"], ["123456789012345678"],
    ["inf"], ["1e400"], [".5"], ["5."], ["+5"], ["1e"], ["--1"], ["2024-02-30"], ["2024-2-3"], ["2024-01-01 24:00"],
    ["2024-01-01 10:00:00Z"], ["31/12/2024"], ["unknown"], ["\u2007y"], ["\ufeff"], ['"'], ["line\nbreak"], ["١٢"],
    ["0.1234567890123456789"], ["1e-320"], ["0" * 40], ["1 234"], ["12%"], ["a" * 5000],
]  # fmt: skip


PAIRS = [
    pytest.param(kind, late, id=f"{kind}, {late!r}"[:40], marks=[pytest.mark.slow] if (one + other) % 8 else [])
    for one, kind in enumerate(CELLS)
    for other, late in enumerate(LATE)
    if (one + other) % 4 == 0
]
"""Every kind of cell with every eighth late one, and as many more in the slow suite."""


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "late"), PAIRS)
def test_a_late_cell_is_decided_on_as_the_careful_way_does(tmp_path: Path, kind: str, late: list[str]) -> None:
    both(tmp_path, table(column(CELLS[kind], late), block=8000))


@pytest.mark.parametrize("decimal", [None, ".", ","])
@pytest.mark.parametrize("day_first", [None, True, False])
def test_choices_and_marks_of_other_columns_count(tmp_path: Path, decimal: str | None, day_first: bool | None) -> None:
    rows = ["1,5;1.234;03/04/2024;25.12.2024;12;a", "22,75;2.500;04/05/2024;01.02.2024;13;b"] * 2000
    content = "\n".join(["clear;doubtful;day;certain;whole;kept", *rows]).encode()
    choices = Choices(decimal=decimal, day_first=day_first, text=("whole",))  # type: ignore[arg-type]
    _, _, stored = both(tmp_path, table(content, choices, block=9000))
    assert stored["whole"].dtype == pl.String


def test_every_kind_of_column_of_a_large_table(tmp_path: Path) -> None:
    write_mixed(tmp_path / "mixed.csv", 40_000)
    one, _, stored = both(tmp_path / "both", table((tmp_path / "mixed.csv").read_bytes()))
    assert stored.shape == (40_000, 20)
    assert [c.name for c in one.typing.columns if c.note] == ["postcode"]


def test_many_columns(tmp_path: Path) -> None:
    write_wide(tmp_path / "wide.csv", 900, 300)
    both(tmp_path / "both", table((tmp_path / "wide.csv").read_bytes(), block=200_000))


@pytest.mark.parametrize(
    "lines",
    [
        ["1,2,3", "4,5", "6"],
        ["1,2,3", "4,5,6,7", "8,9,10,", "11,12,13,,,", "x,y,z,w,v"],
        ["1,2,3", "", "", "4,5,6", "", ""],
        ['"1","2,5","a ""b"" c"', '"4","","d\ne"'],
        ["1,2,", "4,5,", "6,7,"],
        ["1,2,NA", "4,5,", "6,7,"],
        ["1,2,-", "4,5,", "6,7,"],
    ],
)
@pytest.mark.parametrize("header", ["a,b,c", "a,b,", "\n\na,b,c"])
@pytest.mark.parametrize("block", [7, 60, 1 << 20])
def test_uneven_records_are_accounted_for_alike(tmp_path: Path, header: str, lines: list[str], block: int) -> None:
    content = "\n".join([header, *(["0,0,0"] * 20), *lines, *(["9,8,7"] * 20)]).encode()
    text = replace(table(content, Choices(header=True)), texts=lambda: pieces(content, block))
    for way in ("one", "other"):
        (tmp_path / way).mkdir()
    other = careful.store(text, tmp_path / "other", tmp_path / "other.parquet")
    one = quick.store(text, tmp_path / "one", tmp_path / "one.parquet")
    if one is None:
        return  # header and rows not in the first block
    assert one.account == other.account
    assert_frame_equal(pl.read_parquet(tmp_path / "one.parquet"), pl.read_parquet(tmp_path / "other.parquet"))


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


@pytest.mark.parametrize(
    "content",
    [
        b'a,b\n1,2\n3,5" pipe\n',
        b'a,b\n1,2\n3,"never closed\n',
        b'a,b\n1,2\n3,"x"y\n',
        b"a,b\n1,2\n3,\xff\xfe\n",
        b"a\n1\n\n2\n",
    ],
)
def test_what_is_not_regular_is_left_to_the_careful_way(tmp_path: Path, content: bytes) -> None:
    assert quick.store(table(content), tmp_path, tmp_path / "out.parquet") is None


ROWS = st.lists(
    st.tuples(
        st.integers().map(str),
        st.floats(allow_nan=False).map(repr),
        st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20),
        st.dates().map(str),
        st.sampled_from(["", "NA", "1", "1.5", "2024-01-01", "x", " "]),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, block=st.integers(20, 2000))
def test_any_table_is_stored_alike(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], block: int
) -> None:
    stored_alike(tmp_path_factory, rows, block)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, block=st.integers(20, 2000))
def test_many_tables_are_stored_alike(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], block: int
) -> None:
    stored_alike(tmp_path_factory, rows, block)


def stored_alike(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], block: int) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL).writerows([tuple("abcde"), *rows])
    content = out.getvalue().encode()
    both(tmp_path_factory.mktemp("any"), table(content, Choices(header=True, delimiter=","), block))


def test_whole_records_end_outside_quotes() -> None:
    content = b'a,"x\ny"\nb,"z\n"\nc,1'
    for size in range(1, len(content) + 1):
        found = list(blocks.whole_records(pieces(content, size), '"'))
        assert b"".join(found) == content + b"\n"
        assert all(piece.count(b'"') % 2 == 0 for piece in found)
